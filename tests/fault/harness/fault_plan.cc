#include "tests/fault/harness/fault_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <utility>

namespace weir::test {
namespace {

constexpr std::array kApis{Api::kEndTxn,  Api::kInitProducerId, Api::kAddPartitionsToTxn,
                           Api::kProduce, Api::kFetch,          Api::kFindCoordinator};
constexpr std::array kHarms{Harm::kDropRequest, Harm::kDropAnswer, Harm::kDelayRequest, Harm::kDelayAnswer,
                            Harm::kDuplicate,   Harm::kCutBefore,  Harm::kCutAfter,     Harm::kHalfOpen,
                            Harm::kErrorAfter,  Harm::kLie};
constexpr uint64_t kOccurrences = 6;

bool ChangesNothing(Api api) { return api == Api::kFetch || api == Api::kFindCoordinator; }

/// Whether the harm to such a request is a test of its own.
bool Tells(Api api, Harm harm) {
  switch (harm) {
    // Whether the broker executes a request that changes nothing makes no difference: harm to its answer is harm to the
    // request, and a second one that nobody waits for is nothing.
    case Harm::kDropAnswer:
    case Harm::kDelayAnswer:
    case Harm::kCutAfter:
    case Harm::kDuplicate: return !ChangesNothing(api);
    // A Produce answered OK that was not executed is a broker that loses data, which nobody can make good. The answers
    // to the others state something that the broker alone knows.
    case Harm::kLie: return api == Api::kEndTxn;
    default: return true;
  }
}

// Numbers of errors in the protocol.
constexpr int16_t kUnknownServerError = -1;
constexpr int16_t kUnknownTopicOrPartition = 3;
constexpr int16_t kNotLeader = 6;
constexpr int16_t kRequestTimedOut = 7;
constexpr int16_t kReplicaNotAvailable = 9;
constexpr int16_t kNetworkException = 13;
constexpr int16_t kCoordinatorLoadInProgress = 14;
constexpr int16_t kCoordinatorNotAvailable = 15;
constexpr int16_t kNotCoordinator = 16;
constexpr int16_t kNotEnoughReplicasAfterAppend = 20;
constexpr int16_t kInvalidProducerEpoch = 47;
constexpr int16_t kInvalidTxnState = 48;
constexpr int16_t kConcurrentTransactions = 51;
constexpr int16_t kFencedLeaderEpoch = 74;
constexpr int16_t kProducerFenced = 90;

std::array<int16_t, kOccurrences> ErrorsOf(Api api) {
  switch (api) {
    case Api::kEndTxn:
      return {kRequestTimedOut, kUnknownServerError, kNetworkException, kInvalidTxnState, kCoordinatorNotAvailable,
              kProducerFenced};
    case Api::kInitProducerId:
      return {kCoordinatorLoadInProgress, kRequestTimedOut, kConcurrentTransactions, kNotCoordinator,
              kUnknownServerError, kProducerFenced};
    case Api::kAddPartitionsToTxn:
      return {kCoordinatorNotAvailable, kConcurrentTransactions, kUnknownServerError, kInvalidTxnState,
              kInvalidProducerEpoch, kNotCoordinator};
    case Api::kProduce:
      return {kRequestTimedOut, kNotEnoughReplicasAfterAppend, kNotLeader, kNetworkException, kUnknownServerError,
              kInvalidTxnState};
    case Api::kFetch:
      return {kUnknownServerError, kNotLeader, kReplicaNotAvailable, kUnknownTopicOrPartition, kFencedLeaderEpoch,
              kNetworkException};
    case Api::kFindCoordinator:
      return {kCoordinatorNotAvailable, kCoordinatorLoadInProgress, kUnknownServerError, kRequestTimedOut,
              kNetworkException, kNotCoordinator};
  }
  return {};
}

}  // namespace

std::string FaultCase::Name() const {
  std::string name = fmt::format("{}:{} {}", NameOf(api), occurrence, NameOf(harm));
  if (harm == Harm::kErrorAfter) name += fmt::format(" {}", ErrorOf(*this));
  return kill ? name + ", then SIGKILL" : name;
}

int16_t ErrorOf(const FaultCase& fault) { return ErrorsOf(fault.api).at((fault.occurrence - 1) % kOccurrences); }

std::vector<FaultCase> AllFaultCases() {
  std::vector<FaultCase> cases;
  for (const Api api : kApis) {
    for (const Harm harm : kHarms) {
      if (!Tells(api, harm)) continue;
      for (uint64_t occurrence = 1; occurrence <= kOccurrences; ++occurrence) {
        for (const bool kill : {false, true}) cases.push_back({api, harm, occurrence, kill});
      }
    }
  }
  return cases;
}

std::vector<FaultCase> DrawFaultCases(uint64_t seed, size_t count) {
  std::vector<FaultCase> cases = AllFaultCases();
  std::mt19937_64 random(seed);
  std::shuffle(cases.begin(), cases.end(), random);
  // The first of each harm, then the second of each, and so on.
  std::map<Harm, size_t> drawn;
  std::vector<std::pair<size_t, FaultCase>> rounds;
  for (const FaultCase& fault : cases) rounds.emplace_back(drawn[fault.harm]++, fault);
  std::stable_sort(rounds.begin(), rounds.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  cases.clear();
  for (size_t i = 0; i < std::min(count, rounds.size()); ++i) cases.push_back(rounds[i].second);
  return cases;
}

}  // namespace weir::test
