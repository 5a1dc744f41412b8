// SIGKILL at every crash point, in the first, the second, a later and the last checkpoint, for each kind of sink, with
// one task an operator and with several.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/harness/crash_plan.h"
#include "tests/support/real_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

constexpr size_t kAllCasesMin = 500;
constexpr size_t kFullCases = 100;

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
  const std::vector<CrashCase> cases = WantedOr(
      IsWholeRun() ? AllCrashCases() : DrawCrashCases(seed, FullOrDraw(kFullCases, 0)), AllCrashCases());
  ASSERT_FALSE(cases.empty()) << "WEIR_TEST_CASES is part of no case's name";
  ASSERT_GE(AllCrashCases().size(), kAllCasesMin);
  const Result<std::string> bootstrap = SharedBootstrap();
  ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
  EXPECT_TRUE(RunCrashCases(*bootstrap, cases, seed));
}

}  // namespace
}  // namespace weir::test
