// What goes wrong between the processes and the broker in one simulated run.
#pragma once

#include <cstdint>

#include "connectors/memory/memory_faults.h"
#include "runtime/base/random.h"
#include "tests/simulation/world/scenario.h"

namespace weir::simulation {

/// Outlives the broker's use of Plan(). One thread.
class BrokerFaults {
 public:
  BrokerFaults(const BrokerFaultOdds& odds, uint64_t seed) : odds_(odds), random_(seed) {}

  FaultPlan Plan() {
    return [this](const MemoryCallInfo& call) { return Next(call.call); };
  }
  uint64_t injected() const { return injected_; }

 private:
  MemoryFault Next(MemoryCall call);
  MemoryFault NextCommit();
  bool Strikes(uint32_t odds) { return odds != 0 && random_.OneIn(odds); }
  /// Not kFenced: without a reason a broker fences nobody.
  TxnResult AnyAnswer() { return random_.OneIn(2) ? TxnResult::kRetriable : TxnResult::kFailed; }

  const BrokerFaultOdds odds_;
  SeededRandom random_;
  uint64_t injected_ = 0;
  uint32_t inits_to_lose_ = 0;
};

}  // namespace weir::simulation
