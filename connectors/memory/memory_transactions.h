// The transaction coordinator of the memory broker: who may write under a transactional id, and what is open.
// States follow Kafka's with transactions of version 1 (one epoch a producer's life), which is what librdkafka speaks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// What Init gives a producer; every later request carries it.
struct ProducerGrant {
  int64_t producer_id = -1;
  int32_t epoch = -1;
  friend bool operator==(const ProducerGrant&, const ProducerGrant&) = default;
};

enum class TxnVerdict {
  kOk,
  kFenced,         ///< The epoch is not the newest: a later Init, or the transaction timed out.
  kInvalidState,   ///< There is no transaction that could be ended so.
};

/// One thread at a time.
class MemoryTransactions {
 public:
  /// Decides what `producer_id` has open in a partition; the partition may be gone by now.
  using MarkerWriter = std::function<void(const TopicPartition&, int64_t producer_id, bool commit)>;
  explicit MemoryTransactions(MarkerWriter write_marker) : write_marker_(std::move(write_marker)) {}

  /// Aborts what is open, completes what was decided, fences every earlier grant.
  ProducerGrant Init(const std::string& id, Duration timeout);
  /// Opens a transaction where none is. Before the records are appended.
  TxnVerdict AddPartition(const std::string& id, const ProducerGrant& grant, const TopicPartition& partition,
                          Instant now);
  /// Repeating the same end is kOk. `marker_delay`: see MemoryFault::Kind::kLateMarkers.
  TxnVerdict End(const std::string& id, const ProducerGrant& grant, bool commit, Instant now,
                 Duration marker_delay = Duration::zero());
  /// Does what is due at `now`: markers, then time-outs (they abort and fence).
  void Advance(Instant now);
  /// When Advance has something to do next.
  std::optional<Instant> NextDue() const;
  std::vector<std::string> Open() const;
  /// True while some partition has not learnt yet how a transaction ended.
  bool markers_pending() const;

 private:
  enum class State { kEmpty, kOngoing, kCommitted, kAborted };
  struct LateMarker {
    TopicPartition partition;
    Instant due;
  };
  struct Transaction {
    ProducerGrant grant;
    Duration timeout{};
    State state = State::kEmpty;
    Instant started{};
    std::set<TopicPartition> partitions;
    std::vector<LateMarker> late;   // Of the transaction last ended.
  };

  void Decide(Transaction& transaction, bool commit);
  void WriteLateMarkers(Transaction& transaction, std::optional<Instant> until);

  const MarkerWriter write_marker_;
  int64_t next_producer_id_ = 0;
  std::map<std::string, Transaction> transactions_;
};

}  // namespace weir
