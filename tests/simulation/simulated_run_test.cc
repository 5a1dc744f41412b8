// The same seed is the same run, or a failure could never be looked at again. The seeds themselves are run by weir-sim.
#include <gtest/gtest.h>

#include "tests/simulation/world/seed_runs.h"
#include "tests/support/run_scale.h"

namespace weir::simulation {
namespace {

using test::FullOrDraw;

class SimulatedTwice : public testing::TestWithParam<JobKind> {};
INSTANTIATE_TEST_SUITE_P(Of, SimulatedTwice, testing::ValuesIn(kJobKinds),
                         [](const auto& kind) {
                           std::string name(NameOf(kind.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(SimulatedTwice, TheSameSeedGivesTheSameTrace) {
  const uint64_t first_seed = FirstSeed();
  for (uint64_t seed = first_seed; seed < first_seed + FullOrDraw(250, 50); ++seed) {
    const RunReport first = RunScenario(DrawScenario(GetParam(), seed));
    const RunReport second = RunScenario(DrawScenario(GetParam(), seed));
    ASSERT_EQ(first.counts.trace_hash, second.counts.trace_hash) << NameOf(GetParam()) << " seed " << seed;
    ASSERT_EQ(first.counts.steps, second.counts.steps) << NameOf(GetParam()) << " seed " << seed;
  }
}

TEST_P(SimulatedTwice, TheSameSeedGivesTheSameTraceOnRocksDb) {
  const uint64_t first_seed = FirstSeed();
  for (uint64_t seed = first_seed; seed < first_seed + FullOrDraw(50, 5); ++seed) {
    Scenario scenario = DrawScenario(GetParam(), seed);
    scenario.rocksdb = true;
    const RunReport first = RunScenario(scenario);
    const RunReport second = RunScenario(scenario);
    ASSERT_EQ(first.counts.trace_hash, second.counts.trace_hash) << NameOf(GetParam()) << " seed " << seed;
    ASSERT_EQ(first.counts.steps, second.counts.steps) << NameOf(GetParam()) << " seed " << seed;
  }
}

TEST(SimulatedTwice, AnotherSeedGivesAnotherTrace) {
  const auto trace_of = [](uint64_t seed) {
    return RunScenario(DrawScenario(JobKind::kAuctionTotals, seed)).counts.trace_hash;
  };
  EXPECT_NE(trace_of(1), trace_of(2));
}

}  // namespace
}  // namespace weir::simulation
