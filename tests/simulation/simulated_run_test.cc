// Whole jobs on simulated worlds, seed after seed: kills, power cuts, zombies, faults of broker and disk, and an oracle
// over everything that comes out.
#include <gtest/gtest.h>

#include "tests/simulation/world/seed_runs.h"

namespace weir::simulation {
namespace {

TEST(SimulatedRun, AuctionTotals) { EXPECT_EQ(RunSeeds(JobKind::kAuctionTotals, 175), ""); }
TEST(SimulatedRun, TwoExchanges) { EXPECT_EQ(RunSeeds(JobKind::kTwoExchanges, 125), ""); }
TEST(SimulatedRun, Files) { EXPECT_EQ(RunSeeds(JobKind::kFiles, 100), ""); }
TEST(SimulatedRun, BothSinks) { EXPECT_EQ(RunSeeds(JobKind::kBothSinks, 100), ""); }

TEST(SimulatedRun, TheSameSeedTwiceGivesTheSameTrace) {
  for (const JobKind kind : kJobKinds) {
    for (uint64_t seed = 1; seed <= 13; ++seed) {
      const RunReport first = RunScenario(DrawScenario(kind, seed));
      const RunReport second = RunScenario(DrawScenario(kind, seed));
      ASSERT_EQ(first.trace_hash, second.trace_hash) << NameOf(kind) << " seed " << seed;
      ASSERT_EQ(first.steps, second.steps) << NameOf(kind) << " seed " << seed;
    }
  }
}

TEST(SimulatedRun, AnotherSeedGivesAnotherTrace) {
  EXPECT_NE(RunScenario(DrawScenario(JobKind::kAuctionTotals, 1)).trace_hash, RunScenario(DrawScenario(JobKind::kAuctionTotals, 2)).trace_hash);
}

}  // namespace
}  // namespace weir::simulation
