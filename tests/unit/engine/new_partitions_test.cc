// Partitions that are added to a topic: while the job runs, while it is down, and while it replays.
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using test::Bid;
using test::Job;
using test::JobOptions;
using test::LogCapture;
using test::Totals;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

JobOptions LooksOften() {
  JobOptions options;
  options.engine.discovery_interval = milliseconds(200);
  return options;
}

/// Adds partition 2 to "bids", with `bids` bids in it.
void AddPartition(Job& job, int bids) {
  ASSERT_TRUE(job.world().broker().GrowTopic("bids", 3).ok());
  for (int i = 0; i < bids; ++i) job.Topic("bids").Add(Bid{1, 1}, 2);
}

TEST(NewPartition, OfARunningJobIsFoundAndReadFromItsBeginning) {
  Job job(Totals(), LooksOften());
  job.Topic("bids").Add(Bid{1, 1});
  ASSERT_FALSE(job.Run().has_value());
  LogCapture log;
  AddPartition(job, 4);
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_EQ(test::Counted(job), 5);
  EXPECT_THAT(log.Take(), HasSubstr("split_found: new split bids/2, read from its beginning"));
}

TEST(NewPartition, IsGoneOnWithAfterACrashNotReadAgain) {
  Job job(Totals(), LooksOften());
  job.Topic("bids").Add(Bid{1, 1});
  ASSERT_FALSE(job.Run().has_value());
  AddPartition(job, 4);
  ASSERT_FALSE(job.Run().has_value());
  job.Crash(true);
  job.Topic("bids").Add(Bid{1, 1}, 2);
  LogCapture log;
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_EQ(test::Counted(job), 6);
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(6));
  EXPECT_THAT(log.Take(), Not(HasSubstr("split_found"))) << "the checkpoint knows it";
}

TEST(NewPartition, IsReadOnceHoweverACrashFallsIntoItsDiscovery) {
  for (const uint64_t steps : {50, 150, 250, 350, 450}) {
    SCOPED_TRACE("steps " + std::to_string(steps));
    Job job(Totals(), LooksOften());
    job.Topic("bids").Add(Bid{1, 1});
    ASSERT_FALSE(job.Run().has_value());
    AddPartition(job, 4);
    job.RunSteps(steps);
    job.Crash(true);
    ASSERT_FALSE(job.Run().has_value());
    EXPECT_EQ(test::Counted(job), 5);
    EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(5));
  }
}

TEST(NewPartition, OfAJobThatIsDownIsReadFromItsBeginningThoughTheJobStartedAtTheEnd) {
  JobOptions options = LooksOften();
  options.engine.start = [](StartPoint) { return StartPoint{StartPoint::Kind::kLatest, 0}; };
  Job job(Totals(), options);
  job.Topic("bids").Add(Bid{1, 1});
  job.RunSteps(1);
  ASSERT_FALSE(job.Run().has_value());
  job.Topic("bids").Add(Bid{1, 1});
  ASSERT_TRUE(job.Stop().has_value());
  AddPartition(job, 4);
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_EQ(test::Counted(job), 5) << "one after the start, four while it was down";
}

TEST(NewPartition, IsNoPartOfAReplayThatHasBegun) {
  JobOptions options = LooksOften();
  options.engine.mode = RunMode::kReplay;
  options.engine.end = {EndPoint::Kind::kNow, 0};
  options.engine.replay = {"earliest", "now", 2, false};
  Job job(Totals(), options);
  for (int i = 0; i < 10; ++i) job.Topic("bids").Add(Bid{1, 1}, i % 2);
  job.RunSteps(300);
  ASSERT_FALSE(job.CommittedBytes("totals").empty());
  job.Crash();
  AddPartition(job, 4);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the replay goes on";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kFinished) << outcome->status.ToString();
  EXPECT_EQ(test::Counted(job), 10);
}

}  // namespace
}  // namespace weir
