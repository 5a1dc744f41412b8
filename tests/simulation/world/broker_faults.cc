#include "tests/simulation/world/broker_faults.h"

namespace weir::simulation {
namespace {

using Kind = MemoryFault::Kind;
/// More than a new producer tries before it is given up.
constexpr uint32_t kInitsInARow = 8000;

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

MemoryFault BrokerFaults::Next(MemoryCall call) {
  MemoryFault fault;
  switch (call) {
    case MemoryCall::kMetadata:
      if (Strikes(odds_.metadata)) fault.kind = random_.OneIn(2) ? Kind::kLost : Kind::kAnswerLost;
      break;
    case MemoryCall::kInit:
      if (inits_to_lose_ > 0) {
        --inits_to_lose_;
        fault.kind = Kind::kLost;
      } else if (Strikes(odds_.init)) {
        if (random_.OneIn(8)) inits_to_lose_ = kInitsInARow;
        fault.kind = random_.OneIn(2) ? Kind::kLost : Kind::kAnswerLost;
        // The first word that a new owner hears may be that somebody else is.
        fault.answer = random_.OneIn(4) ? TxnResult::kFenced : AnyAnswer();
      }
      break;
    case MemoryCall::kProduce:
      if (Strikes(odds_.produce)) fault.kind = random_.OneIn(2) ? Kind::kLost : Kind::kAnswerLost;
      if (Strikes(odds_.produce_refused)) fault.kind = Kind::kRefused;
      break;
    case MemoryCall::kFetch:
      if (Strikes(odds_.fetch)) fault.kind = Kind::kLost;
      break;
    case MemoryCall::kCommit: fault = NextCommit(); break;
    case MemoryCall::kAbort: break;
    case MemoryCall::kClient:
      if (Strikes(odds_.client)) fault.kind = Kind::kRefused;
      break;
  }
  if (fault.kind != Kind::kNone) ++injected_;
  return fault;
}

MemoryFault BrokerFaults::NextCommit() {
  MemoryFault fault;
  if (Strikes(odds_.commit_lost)) {
    fault.kind = Kind::kLost;
    fault.answer = AnyAnswer();
  } else if (Strikes(odds_.commit_answer_lost)) {
    fault.kind = Kind::kAnswerLost;
    // A commit that won can be answered as if the producer had been fenced.
    fault.answer = random_.OneIn(3) ? TxnResult::kFenced : AnyAnswer();
    // Longer than anybody looks for a successor: only the next owner of the id sees it.
    if (random_.OneIn(3)) fault.markers_late = seconds(1);
  } else if (Strikes(odds_.commit_false_ok)) {
    fault.kind = Kind::kFalseOk;
  } else if (Strikes(odds_.commit_slices)) {
    fault.kind = Kind::kSlices;
    fault.slices = 1 + static_cast<int>(random_.Below(3));
    fault.duplicate_after = static_cast<int>(random_.Below(4));
  } else if (Strikes(odds_.commit_delayed)) {
    fault.kind = Kind::kDelayed;
    fault.answer = AnyAnswer();
    fault.delay = milliseconds(1 + random_.Below(random_.OneIn(2) ? 20 : 1000));
  } else if (Strikes(odds_.commit_late_markers)) {
    fault.kind = Kind::kLateMarkers;
    fault.delay = milliseconds(1 + random_.Below(30));
  }
  return fault;
}

}  // namespace weir::simulation
