// A request between job and broker is spoilt: lost, late, doubled, cut off, or answered by what is not true; with and
// without SIGKILL right afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/fault/harness/fault_plan.h"
#include "tests/fault/harness/proxied_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

constexpr size_t kAllCasesMin = 400;

std::vector<FaultCase> CasesOfThisRun(uint64_t seed) {
  return WantedOr(IsWholeRun() ? AllFaultCases() : DrawFaultCases(seed, FullOrDraw(60, 10)), AllFaultCases());
}

class FaultMatrix : public ProxiedBrokerTest {};

TEST_F(FaultMatrix, NothingIsLostOrDoubledWhateverHappensBetweenJobAndBroker) {
  const uint64_t seed = TestSeed();
  const std::vector<FaultCase> cases = CasesOfThisRun(seed);
  ASSERT_FALSE(cases.empty()) << "WEIR_TEST_CASES is part of no case's name";
  EXPECT_TRUE(RunFaultCases(proxy(), cases, seed));
}

TEST(FaultCases, AreManyAndNoTwoAreTheSame) {
  std::set<std::string> names;
  for (const FaultCase& fault : AllFaultCases()) EXPECT_TRUE(names.insert(fault.Name()).second) << fault.Name();
  EXPECT_GE(names.size(), kAllCasesMin);
}

TEST(FaultCases, OfADrawHaveEveryHarm) {
  std::set<Harm> drawn;
  std::set<Harm> all;
  for (const FaultCase& fault : DrawFaultCases(TestSeed(), 10)) drawn.insert(fault.harm);
  for (const FaultCase& fault : AllFaultCases()) all.insert(fault.harm);
  EXPECT_EQ(drawn, all);
}

}  // namespace
}  // namespace weir::test
