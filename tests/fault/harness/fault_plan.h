// Which faults between job and broker are tried, and the cases that follow: every kind of request that a commit, a
// recovery or a read depends on, spoilt in every way that tells, at its first to sixth occurrence, with and without
// SIGKILL right afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/fault/harness/job_rig.h"
#include "tests/fault/harness/kafka_proxy.h"

namespace weir::test {

struct FaultCase {
  Api api = Api::kEndTxn;
  Harm harm = Harm::kCutBefore;
  uint64_t occurrence = 1;     ///< Counted over all processes of the job.
  bool kill = false;           ///< SIGKILL when the fault has struck; a fresh process goes on.
  std::string Name() const;
};

/// What is left out: see Tells() in fault_plan.cc.
std::vector<FaultCase> AllFaultCases();
/// So many of them by seed, every kind of harm as often as any other.
std::vector<FaultCase> DrawFaultCases(uint64_t seed, size_t count);
/// The error that the client is told of in a case of kErrorAfter: each occurrence has another one of those that a
/// broker may give to such a request after it was executed.
int16_t ErrorOf(const FaultCase& fault);

enum class Verdict {
  kExactlyOnce,    ///< Nothing lost, doubled, wrong or torn, and the job went on in time.
  kFailed,
  kNeverStruck,    ///< No such request came by so often: nothing was tried.
};

struct FaultOutcome {
  FaultCase fault;
  Verdict verdict = Verdict::kNeverStruck;
  std::string text;            ///< One line of the printed list, with all problems below it.
};

/// Runs a job whose requests pass `proxy`, strikes, waits until it commits again, and judges all of it.
FaultOutcome RunFaultCase(KafkaProxy& proxy, const FaultCase& fault, uint64_t seed);

/// Runs all, some at a time, prints each, and at the end how many of each API and harm had which verdict. True if the
/// fault struck in all of them and all are exactly once.
bool RunFaultCases(KafkaProxy& proxy, const std::vector<FaultCase>& cases, uint64_t seed);

}  // namespace weir::test
