// The world around a healthy job fails: broker, disk, time. Nothing is lost or doubled, and the log says what is the matter.
#include <algorithm>
#include <sstream>

#include "connectors/file/file_connector.h"
#include "runtime/base/crash_point.h"
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Bid;
using test::Job;
using test::JobOptions;
using test::LogCapture;
using test::Occurrences;
using test::Totals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(BrokerDown, AtTheStartIsSaidOnceAndEveryTenSeconds) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  job.world().broker().TakeDown(seconds(35));
  LogCapture log;
  ASSERT_FALSE(job.Run().has_value());
  const std::string said = log.Take();
  EXPECT_EQ(Occurrences(said, "waiting_for_broker"), 4) << said;
  EXPECT_THAT(said, HasSubstr("source bids: "));
  EXPECT_EQ(Occurrences(said, "broker_is_back"), 1) << said;
  EXPECT_EQ(test::Counted(job), 1);
  EXPECT_THAT(job.rebuilt_for(), IsEmpty());
}

TEST(BrokerDown, WhileRunningIsSaidAndTheJobGoesOnWhenItIsBack) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job.Run().has_value());
  LogCapture log;
  job.world().broker().TakeDown(seconds(25));
  job.Topic("bids").Add(Bid{1, 5});
  const Instant back = job.world().clock().Now() + seconds(26);
  while (job.world().clock().Now() < back) job.RunSteps(50);
  job.Run();
  const std::string said = log.Take();
  EXPECT_THAT(Occurrences(said, "waiting_for_broker"), testing::AllOf(testing::Ge(2), testing::Le(4))) << said;
  EXPECT_EQ(Occurrences(said, "broker_is_back"), 1) << said;
  EXPECT_EQ(test::Counted(job), 2);
}

/// As one that is cut off from the other brokers does.
TEST(BrokerDown, ForCommitsOnlyIsSaidWithTheWayOutAndTheJobGoesOnWhenItCommitsAgain) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job.Run().has_value());
  LogCapture log;
  job.world().broker().SetFaults([](const MemoryCallInfo& call) {
    return MemoryFault{call.call == MemoryCall::kCommit ? MemoryFault::Kind::kLost : MemoryFault::Kind::kNone};
  });
  job.Topic("bids").Add(Bid{1, 5});
  const Instant mended = job.world().clock().Now() + seconds(15);
  while (job.world().clock().Now() < mended) job.RunSteps(50);
  job.world().broker().SetFaults({});
  ASSERT_FALSE(job.Run().has_value());
  const std::string said = log.Take();
  EXPECT_EQ(Occurrences(said, "waiting_for_commit"), 2) << said;
  EXPECT_THAT(said, AllOf(HasSubstr("checkpoint 2 cannot be committed: memory does not finish"), HasSubstr("(committing)"),
                          HasSubstr("weir.markers.totals"), HasSubstr("--under-min-isr-partitions")));
  EXPECT_EQ(Occurrences(said, "waiting_for_broker"), 0) << said;
  EXPECT_EQ(Occurrences(said, "broker_commits_again"), 1) << said;
  EXPECT_EQ(test::Counted(job), 2);
  EXPECT_THAT(job.rebuilt_for(), IsEmpty());
}

TEST(BrokerDown, ForLongerThanATransactionLastsLosesNothing) {
  Job job(Totals());
  for (int i = 0; i < 20; ++i) job.Topic("bids").Add(Bid{1, 1}, i % 2);
  job.RunSteps(350);
  job.world().broker().TakeDown(minutes(4));
  const Instant back = job.world().clock().Now() + minutes(5);
  while (job.world().clock().Now() < back) job.RunSteps(50);
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(20));
  EXPECT_EQ(test::Counted(job), 20);
}

TEST(Transaction, ThatTheBrokerTimedOutIsDoneAgain) {
  JobOptions options;
  options.engine.transaction_timeout = seconds(5);
  Job job(Totals(), options);
  job.Topic("bids").Add(Bid{1, 1});
  // The process sleeps while its output is with the broker and its marker is not.
  const auto pause = [&] { job.world().clock().AdvanceTo(job.world().clock().Now() + seconds(6)); };
  {
    const ArmedCrashPoint point("commit.output_flushed", 1, pause);
    ASSERT_FALSE(job.Run().has_value());
    ASSERT_GT(point.hits(), 0u);
  }
  ASSERT_FALSE(job.Run().has_value());
  ASSERT_THAT(job.rebuilt_for(), SizeIs(1));
  EXPECT_EQ(job.rebuilt_for()[0].code(), Code::kAborted);
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(1));
}

class DiskFault : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(AtEveryChange, DiskFault, testing::Range(1, 25));

TEST_P(DiskFault, DuringACheckpointFailsThatCheckpointOnly) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job.Run().has_value());
  const CheckpointId before = job.engine()->committed();
  job.files()->FailChange(static_cast<uint64_t>(GetParam()));
  for (int i = 0; i < 9; ++i) job.Topic("bids").Add(Bid{1, 1}, i % 2);
  ASSERT_FALSE(job.Run().has_value());
  for (const Status& status : job.rebuilt_for()) {
    EXPECT_EQ(status.code(), Code::kIoError) << status.ToString();
    EXPECT_THAT(status.message(), AllOf(HasSubstr("/checkpoints/totals"), testing::ContainsRegex("checkpoint [0-9]")))
        << status.ToString();
  }
  EXPECT_GT(job.engine()->committed(), before);
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(10));
  EXPECT_EQ(test::Counted(job), 10);
}

TEST_P(DiskFault, OfASyncNeverLeavesHalfACheckpointBehindAPowerCut) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job.Run().has_value());
  job.files()->FailSync(static_cast<uint64_t>(GetParam()));
  for (int i = 0; i < 9; ++i) job.Topic("bids").Add(Bid{1, 1}, i % 2);
  job.Run();
  job.Crash(true);
  job.Topic("bids").Add(Bid{1, 1});
  const auto outcome = job.Run();
  ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(11));
  EXPECT_EQ(test::Counted(job), 11);
}

/// A job at rest for longer than one waits for output before asking why.
JobOptions Patient() {
  JobOptions options;
  options.checkpoint_interval = seconds(5);
  return options;
}

TEST(StatusLine, SaysWhyThereIsNoOutputAndNamesTheSplit) {
  Job job(Totals(), Patient());
  job.Topic("bids").Add(Bid{1, 10});
  LogCapture log;
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_THAT(log.Take(), AllOf(HasSubstr("no output for 10 s: nothing was read"), HasSubstr("bids/0 is at its end, 1"),
                                HasSubstr("bids/1 is at its end, 0")));
}

TEST(StatusLine, SaysWhyOnceEvenWhereItIsTurnedOff) {
  JobOptions options = Patient();
  options.engine.status_interval = Duration::zero();
  Job job(Totals(), options);
  job.Topic("bids").Add(Bid{1, 10});
  LogCapture log;
  ASSERT_FALSE(job.Run().has_value());
  const std::string said = log.Take();
  EXPECT_EQ(Occurrences(said, "no output for 10 s: nothing was read"), 1) << said;
  EXPECT_EQ(Occurrences(said, "rows/s"), 1) << said;
}

TEST(StatusLine, SaysThatWhatIsReadComesToNothing) {
  Pipeline pipeline{"totals"};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
      .Filter([](const Bid& bid) { return bid.price > 0; })
      .Sink("out", kafka::Sink<Bid>{.topic = "totals", .create_partitions = 1});
  Job job(pipeline, Patient());
  job.Topic("bids").Add(Bid{1, -1}).Add(Bid{1, -2});
  LogCapture log;
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_THAT(log.Take(), AllOf(HasSubstr("no output for 10 s: the 2 rows read since came to nothing"),
                                HasSubstr("bids/0 is at its end, 2")));
}

TEST(StatusLine, SaysWhatIsWaitedForBeforeAnythingIsRead) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  job.world().broker().TakeDown(seconds(15));
  LogCapture log;
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_THAT(log.Take(), HasSubstr("no output for 10 s: the job is starting: the broker does not answer"));
}

/// A bounded run over what "bids" holds.
JobOptions Bounded() {
  JobOptions options;
  options.engine.mode = RunMode::kReplay;
  options.engine.end = {EndPoint::Kind::kNow, 0};
  options.engine.replay = {"earliest", "now", 1000, false};
  return options;
}

void WriteAborted(Job& job) {
  const auto client = job.world().broker().Connect();
  ProducerConfig config;
  config.transactional_id = "somebody";
  const auto producer = client->NewProducer(config).value();
  ASSERT_TRUE(producer->Init(seconds(1)).ok());
  ASSERT_TRUE(producer->Begin().ok());
  const OutgoingRecord record{{}, "{\"auction\":1,\"price\":1}", kNoTimestamp, 0};
  ASSERT_TRUE(producer->Produce("bids", {&record, 1}).ok());
  ASSERT_TRUE(producer->Flush(seconds(1)).ok());
  ASSERT_TRUE(producer->Abort(seconds(1)).ok());
}

TEST(BoundedRead, EndsThoughTheTailOfTheTopicIsAnAbortedTransaction) {
  Job job(Totals(), Bounded());
  job.Topic("bids").Add(Bid{1, 10});
  WriteAborted(job);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the run has not ended";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kFinished) << outcome->status.ToString();
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(1));
}

TEST(BoundedRead, EndsThoughTheTopicHoldsNothingButAnAbortedTransaction) {
  Job job(Totals(), Bounded());
  job.Topic("bids");
  WriteAborted(job);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the run has not ended";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kFinished) << outcome->status.ToString();
}

/// What the files of a folder hold, all lines of them, sorted.
std::vector<std::string> LinesIn(Job& job, const std::string& directory) {
  const auto disk = job.world().disk().NewProcess();
  std::vector<std::string> lines;
  const std::vector<std::string> names = disk->List(directory).value();
  for (const std::string& name : names) {
    if (name.starts_with(".")) continue;
    std::istringstream text(ReadWholeFile(*disk, JoinPath(directory, name)).value());
    for (std::string line; std::getline(text, line);) lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// A run to the end of "bids", into files; with a topic beside them, or without.
class LastCheckpoint : public testing::TestWithParam<bool> {
 protected:
  static Pipeline IntoFiles() {
    Pipeline pipeline{"totals"};
    const auto bids = pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"});
    bids.Sink("files", file::Sink<Bid>{.directory = "/out"});
    if (GetParam()) bids.Sink("out", kafka::Sink<Bid>{.topic = "copy", .create_partitions = 1});
    return pipeline;
  }
};
INSTANTIATE_TEST_SUITE_P(WithATopic, LastCheckpoint, testing::Bool());

TEST_P(LastCheckpoint, IsPublishedByTheNextStartWhereACrashCameBetween) {
  Job job(IntoFiles(), Bounded());
  job.Topic("bids").Add(Bid{1, 10}).Add(Bid{2, 20});
  {
    const ArmedCrashPoint point("file_sink.before_rename", 1, [&] { job.files()->Kill(); });
    job.RunSteps(5000);
    ASSERT_GT(point.hits(), 0u);
  }
  job.Crash();
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value() && outcome->kind == EngineOutcome::Kind::kFinished);
  EXPECT_THAT(LinesIn(job, "/out"), SizeIs(2));
}

TEST_P(LastCheckpoint, OfADrainedJobIsPublishedBeforeAnotherStartIsRefused) {
  JobOptions options;
  options.checkpoint_interval = seconds(10);   // After the first nothing but the last checkpoint comes.
  Job job(IntoFiles(), options);
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job.Run().has_value());
  job.Topic("bids").Add(Bid{2, 20});
  {
    const ArmedCrashPoint point("file_sink.before_rename", 1, [&] { job.files()->Kill(); });
    job.engine()->RequestStop(RunEnd::kDrain);
    job.RunSteps(5000);
    ASSERT_GT(point.hits(), 0u);
    job.Crash();
  }
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(), HasSubstr("it is final"));
  EXPECT_THAT(LinesIn(job, "/out"), SizeIs(2));
}

}  // namespace
}  // namespace weir
