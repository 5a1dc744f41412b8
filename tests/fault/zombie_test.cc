// A process that is stopped in the middle of a commit, and wakes when a successor has the job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <random>

#include "environment/exit_codes.h"
#include "tests/fault/harness/job_rig.h"
#include "tests/support/real_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr Millis kSoon = 40s;
constexpr size_t kDrawn = 3;

/// Hits of the third checkpoint; see crash_plan.cc.
std::vector<std::string> PlacesToSleep(uint64_t seed) {
  std::vector<std::string> places{"checkpoint.triggered:3",  "task.frozen:12",         "state.delta_synced:5",
                                  "checkpoint.prepared:3",   "commit.output_flushed:3", "commit.marker_produced:4",
                                  "kafka.marker_flushed:4",  "commit.begun:4",         "kafka.end_txn_written:4",
                                  "kafka.end_txn_answered:4", "commit.returned:4",      "commit.witnessed:3",
                                  "checkpoint.hint_written:3", "retention.half_done:2", "kafka.batch_produced:20",
                                  "state.roll_merged:1"};
  std::mt19937_64 random(seed);
  if (IsFullRun()) return places;
  std::shuffle(places.begin(), places.end(), random);
  places.resize(kDrawn);
  return places;
}

/// True once `life` has committed `more` than now.
bool FeedCommits(JobRig& rig, JobLife& life, uint64_t more) {
  const uint64_t before = life.standing().commits;
  return rig.FeedUntil(life, [=](const Standing& now) { return now.commits >= before + more; }, kSoon);
}

class Zombie : public testing::TestWithParam<Sinks> {
 protected:
  void SleepThroughASuccessor(const std::string& bootstrap, const std::string& place) {
    auto rig = JobRig::New({.bootstrap = bootstrap, .name = "zombie", .sinks = GetParam()});
    ASSERT_TRUE(rig.ok()) << rig.status().message();
    auto sleeper = (*rig)->Start(place + ":stop");
    ASSERT_TRUE(sleeper.ok());
    ASSERT_TRUE((*rig)->FeedUntilStop(**sleeper, kSoon)) << place << " was never met";
    auto successor = (*rig)->Start();
    ASSERT_TRUE(successor.ok());
    ASSERT_TRUE(FeedCommits(**rig, **successor, 2)) << place;
    (*sleeper)->Signal(SIGCONT);
    EXPECT_TRUE(FeedCommits(**rig, **successor, 2)) << place;
    const auto ending = (*sleeper)->WaitForEnd(kSoon);
    EXPECT_TRUE(ending.has_value() && ending->exit_code == kExitFenced) << place << ": the zombie did not exit 76";
    (*successor)->Signal(SIGTERM);
    EXPECT_TRUE((*successor)->WaitForEnd(kSoon).has_value()) << place;
    // A third one clears away what the zombie left.
    auto last = (*rig)->Start();
    ASSERT_TRUE(last.ok());
    EXPECT_THAT((*rig)->Finish(**last).problems, IsEmpty()) << place;
    if (HasFailure()) std::printf("see %s\n", (*rig)->keep().c_str());
  }
};

TEST_P(Zombie, ThatWakesWhenASuccessorHasCommittedExitsForGoodAndDoublesNothing) {
  const Result<std::string> bootstrap = SharedBootstrap();
  ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
  for (const std::string& place : PlacesToSleep(TestSeed())) {
    std::printf("asleep at %s\n", place.c_str());
    std::fflush(stdout);
    SleepThroughASuccessor(*bootstrap, place);
  }
}

INSTANTIATE_TEST_SUITE_P(Sinks, Zombie, testing::Values(Sinks::kKafka, Sinks::kBoth),
                         [](const auto& sinks) { return std::string(NameOf(sinks.param)); });

TEST(FileJob, ASecondStartIsRefusedAndNamesTheFirst) {
  const Result<std::string> bootstrap = SharedBootstrap();
  ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
  auto rig = JobRig::New({.bootstrap = *bootstrap, .name = "twice", .sinks = Sinks::kFile});
  ASSERT_TRUE(rig.ok());
  auto first = (*rig)->Start();
  ASSERT_TRUE(first.ok() && FeedCommits(**rig, **first, 1));
  auto second = (*rig)->Start();
  ASSERT_TRUE(second.ok());
  const auto ending = (*second)->WaitForEnd(kSoon);
  EXPECT_TRUE(ending.has_value() && ending->exit_code == kExitRefused);
  EXPECT_THAT((*second)->standing().messages["refused"], testing::HasSubstr(std::to_string((*first)->pid())));
  EXPECT_THAT((*rig)->Finish(**first).problems, IsEmpty());
}

}  // namespace
}  // namespace weir::test
