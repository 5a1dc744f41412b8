// The broker is killed while a job runs, and comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault/harness/own_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr Millis kSoon = 60s;

class BrokerKilled : public OwnBrokerTest {
 protected:
  /// SIGKILL while the job runs, and back again; then the job must commit.
  void KillAndRestart(JobRig& rig, JobLife& life) {
    const uint64_t before = life.standing().commits;
    ASSERT_TRUE(rig.FeedUntil(life, [&](const Standing& now) { return now.commits > before + 2; }, kSoon));
    ASSERT_TRUE(broker().Kill().ok());
    ASSERT_TRUE(broker().Restart().ok());
    const uint64_t after = life.standing().commits;
    ASSERT_TRUE(rig.FeedUntil(life, [&](const Standing& now) { return now.commits > after; }, kSoon));
  }
};

TEST_F(BrokerKilled, ComesBackAndTheJobGoesOnWithNothingLostOrDoubled) {
  JobRig& rig = NewRig({.bootstrap = {}, .name = "broker-killed", .seed = TestSeed()});
  auto life = rig.Start();
  ASSERT_TRUE(life.ok());
  const uint64_t kills = FullOrDraw(3, 1);
  for (uint64_t i = 0; i < kills; ++i) ASSERT_NO_FATAL_FAILURE(KillAndRestart(rig, **life));
  EXPECT_THAT(rig.Finish(**life).problems, IsEmpty());
  std::printf("broker killed %llu times, engines built anew: %llu\n", static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>((*life)->standing().restarts));
}

}  // namespace
}  // namespace weir::test
