// A range is replayed under kills, and the live job goes on from its last checkpoint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "environment/exit_codes.h"
#include "tests/fault/harness/job_rig.h"
#include "tests/support/real_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Millis kSoon = 120s;

class Replay : public testing::Test {
 protected:
  void SetUp() override {
    auto bootstrap = SharedBootstrap();
    ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
    bootstrap_ = *bootstrap;
    // Rows alone end a micro-batch here, and the last row fills the last one: its barrier must be the final one, too.
    auto made = JobRig::New({.bootstrap = bootstrap_, .name = "replay", .seed = TestSeed(),
                             .definitions = {"execution.replay.rows-per-barrier=" + std::to_string(kRowsPerBarrier()),
                                             "execution.replay.barrier-interval=300s"}});
    ASSERT_TRUE(made.ok()) << made.status().message();
    rig_ = std::move(made).value();
    ASSERT_TRUE(rig_->feed().Add(rows()).ok());
  }
  static uint64_t rows() { return FullOrDraw(1'000'000, 100'000); }
  static uint64_t kRowsPerBarrier() { return FullOrDraw(100'000, 10'000); }
  static uint64_t barriers() { return (rows() + kRowsPerBarrier() - 1) / kRowsPerBarrier(); }

  /// How a process ended that replays, or runs.
  struct Run {
    std::optional<Ending> ending;
    Standing standing;
    bool ExitedWith(int code) const { return ending.has_value() && ending->exit_code == code; }
    bool WasKilled() const { return ending.has_value() && ending->signal == SIGKILL; }
  };
  Run RunToEnd(const std::vector<std::string>& command, const std::string& crash_point = {}) {
    auto life = rig_->Start(crash_point, command);
    WEIR_CHECK(life.ok(), life.status().message());
    const auto ending = (*life)->WaitForEnd(kSoon);
    return {ending, (*life)->standing()};
  }
  uint64_t markers() const {
    const Result<uint64_t> count = CountMarkers(bootstrap_, rig_->places().job);
    WEIR_CHECK(count.ok(), count.status().message());
    return *count;
  }

  const std::vector<std::string> replay_{"replay", "--from", "earliest", "--to", "now"};
  std::string bootstrap_;
  std::unique_ptr<JobRig> rig_;
};

TEST_F(Replay, UnderKillsHasABarrierEveryNRowsAndTheLiveJobGoesOnAsIfNothingHadHappened) {
  for (const char* point : {"checkpoint.prepared:2", "commit.returned:4", "task.frozen:8", "commit.begun:3",
                            "state.delta_synced:3"}) {
    ASSERT_TRUE(RunToEnd(replay_, point).WasKilled()) << point;
  }
  ASSERT_TRUE(RunToEnd(replay_).ExitedWith(kExitFinished));
  EXPECT_EQ(markers(), barriers());
  auto live = rig_->Start();
  ASSERT_TRUE(live.ok() && rig_->feed().Add(rows() / 10).ok());
  EXPECT_THAT(rig_->Finish(**live).problems, IsEmpty());
  auto uninterrupted = JobRig::NewOnInputOf(*rig_, {.bootstrap = bootstrap_, .name = "uninterrupted"});
  auto life = (*uninterrupted)->Start();
  EXPECT_THAT((*uninterrupted)->Finish(**life).problems, IsEmpty());
  EXPECT_EQ(LastTotals(rig_->places()).value(), LastTotals((*uninterrupted)->places()).value());
}

TEST_F(Replay, ThatIsFinishedSaysSoAndAnotherRangeIsRefused) {
  ASSERT_TRUE(RunToEnd(replay_).ExitedWith(kExitFinished));
  const Run again = RunToEnd(replay_);
  EXPECT_TRUE(again.ExitedWith(kExitFinished));
  EXPECT_TRUE(again.standing.messages.contains("already_finished"));
  EXPECT_EQ(markers(), barriers());
  const Run other = RunToEnd({"replay", "--from", "earliest", "--to", "offset:10"});
  EXPECT_TRUE(other.ExitedWith(kExitRefused));
  EXPECT_THAT(other.standing.messages.at("refused"), HasSubstr("take another job id"));
}

TEST_F(Replay, ThatWasDrainedIsFinalAndALiveJobRefusesIt) {
  std::vector<std::string> drain = replay_;
  drain.insert(drain.end(), {"--end", "drain"});
  ASSERT_TRUE(RunToEnd(drain).ExitedWith(kExitFinished));
  const Run live = RunToEnd({"run"});
  EXPECT_TRUE(live.ExitedWith(kExitRefused));
  EXPECT_THAT(live.standing.messages.at("refused"), HasSubstr("final"));
  EXPECT_EQ(markers(), barriers());
}

TEST_F(Replay, ThatWasStoppedAtItsEndCanStillBeDrained) {
  ASSERT_TRUE(RunToEnd(replay_).ExitedWith(kExitFinished));
  std::vector<std::string> drain = replay_;
  drain.insert(drain.end(), {"--end", "drain"});
  ASSERT_TRUE(RunToEnd(drain).ExitedWith(kExitFinished));
  EXPECT_EQ(markers(), barriers() + 1);
  const Run stop = RunToEnd(replay_);
  EXPECT_TRUE(stop.ExitedWith(kExitRefused));
  EXPECT_THAT(stop.standing.messages.at("refused"), HasSubstr("cannot end with --end stop"));
}

}  // namespace
}  // namespace weir::test
