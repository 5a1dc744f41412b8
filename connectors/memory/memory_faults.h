// What a test or the simulator may let go wrong between a client and the memory broker.
//
//   broker.SetFaults([](const MemoryCallInfo& call) -> MemoryFault {
//     if (call.call == MemoryCall::kCommit && call.ordinal == 3) {
//       return {.kind = MemoryFault::Kind::kAnswerLost, .answer = TxnResult::kFailed};
//     }
//     return {};
//   });
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// One request to the broker.
enum class MemoryCall {
  kMetadata,  ///< Every call of LogBroker that asks or changes something.
  kInit,      ///< LogProducer::Init.
  kProduce,   ///< One request with all that the client has queued.
  kCommit,    ///< EndTxn with commit, one a CommitSlice.
  kAbort,     ///< EndTxn with abort.
  kFetch,     ///< LogConsumer::Poll.
  kClient,    ///< No request: a producer's Begin, Produce or Flush, which fail where the client itself has.
};
inline constexpr int kMemoryCalls = 7;

struct MemoryCallInfo {
  MemoryCall call = MemoryCall::kMetadata;
  uint64_t ordinal = 1;    ///< Counts the calls of this kind to this broker, from 1, over all clients.
  std::string_view name;   ///< Transactional id for kInit, kProduce, kCommit and kAbort, else the topic; or empty.
};

struct MemoryFault {
  enum class Kind {
    kNone,
    kLost,         ///< The broker never sees it. Produce: stays outstanding and is sent again with the next request.
    kAnswerLost,   ///< Executed. Produce: stays outstanding, the repetition is recognised as one.
    kFalseOk,      ///< kCommit only: answered OK without having been executed.
    kSlices,       ///< kCommit only: `slices` answers kRetriable, EndTxn sent twice, executed with the last.
    kDelayed,      ///< kCommit only: not answered (`answer`), executed `delay` later if the producer is not fenced by then.
    kLateMarkers,  ///< kCommit and kAbort only: executed, the i-th partition learns of it (i + 1) * `delay` later.
    kRefused,      ///< kProduce only: the records fail for good. kClient: the producer does, whatever it is asked.
  };
  Kind kind = Kind::kNone;
  /// What the client sees of kLost, kAnswerLost and kDelayed in kInit, kCommit and kAbort.
  TxnResult answer = TxnResult::kRetriable;
  int slices = 1;
  /// With kSlices: the other copy of EndTxn arrives behind the producer's k-th produce request from then on, and
  /// commits what is open then (KAFKA-17754); zero: never.
  int duplicate_after = 0;
  Duration delay = std::chrono::milliseconds(10);
  /// With kAnswerLost in kCommit: as kLateMarkers, so late. Zero: at once.
  Duration markers_late{};
};

/// Asked once a request, with the broker's lock held: it must not call the broker. Null: nothing goes wrong.
using FaultPlan = std::function<MemoryFault(const MemoryCallInfo&)>;

}  // namespace weir
