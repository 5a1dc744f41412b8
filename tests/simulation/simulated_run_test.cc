// Whole jobs on simulated worlds, seed after seed: kills, power cuts, zombies, faults of broker and disk, and an oracle
// over everything that comes out.
#include <gtest/gtest.h>

#include "tests/simulation/world/seed_runs.h"
#include "tests/support/run_scale.h"

namespace weir::simulation {
namespace {

using test::FullOrDraw;

TEST(SimulatedRun, AuctionTotals) { EXPECT_EQ(RunSeeds(JobKind::kAuctionTotals, FullOrDraw(18'000, 3000)), ""); }
TEST(SimulatedRun, TwoExchanges) { EXPECT_EQ(RunSeeds(JobKind::kTwoExchanges, FullOrDraw(18'000, 3000)), ""); }
TEST(SimulatedRun, Files) { EXPECT_EQ(RunSeeds(JobKind::kFiles, FullOrDraw(9000, 1500)), ""); }
TEST(SimulatedRun, BothSinks) { EXPECT_EQ(RunSeeds(JobKind::kBothSinks, FullOrDraw(9000, 1500)), ""); }

class SimulatedTwice : public testing::TestWithParam<JobKind> {};
INSTANTIATE_TEST_SUITE_P(Of, SimulatedTwice, testing::ValuesIn(kJobKinds),
                         [](const auto& kind) { return std::string(TestNameOf(kind.param)); });

TEST_P(SimulatedTwice, TheSameSeedGivesTheSameTrace) {
  const uint64_t first_seed = FirstSeed();
  for (uint64_t seed = first_seed; seed < first_seed + FullOrDraw(250, 50); ++seed) {
    const RunReport first = RunScenario(DrawScenario(GetParam(), seed));
    const RunReport second = RunScenario(DrawScenario(GetParam(), seed));
    ASSERT_EQ(first.trace_hash, second.trace_hash) << NameOf(GetParam()) << " seed " << seed;
    ASSERT_EQ(first.steps, second.steps) << NameOf(GetParam()) << " seed " << seed;
  }
}

TEST(SimulatedRun, AnotherSeedGivesAnotherTrace) {
  const auto trace_of = [](uint64_t seed) { return RunScenario(DrawScenario(JobKind::kAuctionTotals, seed)).trace_hash; };
  EXPECT_NE(trace_of(1), trace_of(2));
}

}  // namespace
}  // namespace weir::simulation
