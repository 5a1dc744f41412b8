// Many SIGKILLs at random moments of one job, and how long each recovery took.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/fault/harness/job_rig.h"
#include "tests/fault/harness/recovery_times.h"
#include "tests/support/real_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr int kLifeMillisMin = 50;
constexpr int kLifeMillisMax = 3000;

class RandomKills : public testing::TestWithParam<Sinks> {
 protected:
  /// One life of a random length; its standing when it was killed.
  Standing LiveAndDie(JobRig& rig) {
    auto life = rig.Start();
    WEIR_CHECK(life.ok(), life.status().message());
    const Millis length(std::uniform_int_distribution<int>(kLifeMillisMin, kLifeMillisMax)(random_));
    (void)rig.FeedUntil(**life, Never, length);
    (*life)->Kill();
    const Standing standing = (*life)->standing();
    if (standing.running_after.has_value()) running_after_.Add(*standing.running_after);
    if (standing.first_commit_after.has_value()) first_commit_after_.Add(*standing.first_commit_after);
    return standing;
  }
  std::mt19937_64 random_;
  RecoveryTimes running_after_;
  RecoveryTimes first_commit_after_;
};

TEST_P(RandomKills, InOneLifeLoseAndDoubleNothing) {
  const uint64_t seed = TestSeed();
  random_.seed(seed);
  const Result<std::string> bootstrap = SharedBootstrap();
  ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
  auto rig = JobRig::New({.bootstrap = *bootstrap, .name = "kills", .sinks = GetParam(), .seed = seed,
                          .checkpoint_interval = Millis(100)});
  ASSERT_TRUE(rig.ok()) << rig.status().message();
  // A full run of the topic's gives the times of more than a hundred recoveries.
  const uint64_t kills = GetParam() == Sinks::kKafka ? FullOrDraw(110, 12) : FullOrDraw(30, 4);
  for (uint64_t i = 0; i < kills; ++i) LiveAndDie(**rig);
  auto last = (*rig)->Start();
  ASSERT_TRUE(last.ok());
  const Judgement judgement = (*rig)->Finish(**last);
  EXPECT_THAT(judgement.problems, IsEmpty());
  std::printf("%llu kills, %llu in, %llu out\n", static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>(judgement.in), static_cast<unsigned long long>(judgement.out));
  running_after_.Print("process start to RUNNING");
  first_commit_after_.Print("process start to the first new commit");
}

INSTANTIATE_TEST_SUITE_P(Sinks, RandomKills, testing::Values(Sinks::kKafka, Sinks::kFile, Sinks::kBoth),
                         [](const auto& sinks) { return std::string(NameOf(sinks.param)); });

}  // namespace
}  // namespace weir::test
