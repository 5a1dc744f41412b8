// SIGKILL at every crash point, in the first, the second and a later checkpoint that rolls, for each kind of sink.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/harness/crash_plan.h"
#include "tests/support/real_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

constexpr size_t kFullCasesMin = 120;

TEST(CrashMatrix, KnowsWhenEveryPointOfTheJobIsMet) {
  std::vector<std::string> known;
  for (const PointFacts& facts : CrashPointFacts()) {
    known.emplace_back(facts.name);
    if (facts.met == Met::kElsewhere) std::printf("not in the matrix: %s (%s)\n", facts.name, facts.reason);
  }
  const Result<std::vector<std::string>> points = CrashPointsOfTheJob();
  ASSERT_TRUE(points.ok()) << points.status().message();
  EXPECT_THAT(known, testing::UnorderedElementsAreArray(*points));
}

TEST(CrashMatrix, NothingIsLostOrDoubledWhereverTheProcessDies) {
  const uint64_t seed = TestSeed();
  const std::vector<CrashCase> cases = IsFullRun() ? AllCrashCases() : DrawCrashCases(seed);
  ASSERT_GE(AllCrashCases().size(), kFullCasesMin);
  const Result<std::string> bootstrap = SharedBootstrap();
  ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
  EXPECT_TRUE(RunCrashCases(*bootstrap, cases, seed));
}

}  // namespace
}  // namespace weir::test
