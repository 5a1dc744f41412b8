// Topics that are missing, that lost records, or that are no longer the ones that were read.
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using test::Bid;
using test::Job;
using test::JobOptions;
using test::LogCapture;
using test::Totals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string RefusalOf(Job& job) {
  const auto outcome = job.Run();
  if (!outcome.has_value()) return "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused) << outcome->status.ToString();
  EXPECT_THAT(job.rebuilt_for(), IsEmpty());
  return outcome->status.message();
}

TEST(MissingTopic, OfASourceIsNamedWithWhatLooksAlikeAndTheCommandThatCreatesIt) {
  Job job(Totals());
  for (const char* other : {"bid", "bids2", "payments"}) job.Topic(other);
  EXPECT_THAT(RefusalOf(job),
              AllOf(HasSubstr("source bids: topic bids does not exist; topics that look alike: bid, bids2."),
                    HasSubstr("kafka-topics.sh --bootstrap-server memory --create --topic bids --partitions 4"),
                    Not(HasSubstr("payments"))));
  EXPECT_THAT(*job.world().broker().Connect()->ListTopics(), SizeIs(3)) << "a topic was created";
}

TEST(MissingTopic, OfASinkIsAnErrorUnlessTheSinkAsksForIt) {
  Job job(Totals("totals", 0));
  job.Topic("bids").Add(Bid{1, 1});
  EXPECT_THAT(RefusalOf(job), AllOf(HasSubstr("sink out: topic totals does not exist. "),
                                    HasSubstr("--create --topic totals"), HasSubstr("create_partitions of the sink")));
  Job asking(Totals("totals", 2));
  asking.Topic("bids").Add(Bid{1, 1});
  EXPECT_EQ(RefusalOf(asking), "the job runs");
}

TEST(MarkerTopic, WithMoreThanOnePartitionIsRefused) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 1});
  job.Topic("weir.markers.totals");
  EXPECT_THAT(RefusalOf(job), AllOf(HasSubstr("weir.markers.totals has 2 partitions"), HasSubstr("delete it")));
}

TEST(MarkerTopic, ThatRetentionWouldEmptyIsRefused) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 1});
  ASSERT_TRUE(job.world().broker().Connect()->CreateTopic(
      {"weir.markers.totals", 1, -1, {{"cleanup.policy", "compact,delete"}}}).ok());
  EXPECT_THAT(RefusalOf(job), AllOf(HasSubstr("weir.markers.totals has cleanup.policy=compact,delete"),
                                    HasSubstr("Set cleanup.policy=compact")));
}

TEST(MarkerTopic, ThatWasDeletedIsRefusedAndNotCreatedAnew) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 1});
  ASSERT_TRUE(job.Stop().has_value());
  ASSERT_TRUE(job.world().broker().DeleteTopic("weir.markers.totals").ok());
  EXPECT_THAT(RefusalOf(job), AllOf(HasSubstr("checkpoint 1 was committed"), HasSubstr("weir.markers.totals"),
                                    HasSubstr("bring the topic back"), HasSubstr("--restore none")));
  EXPECT_EQ(job.world().broker().Connect()->DescribeTopic("weir.markers.totals").status().code(), Code::kNotFound);
}

/// A job that has read three bids of partition 0 and was ended.
class Resumed : public testing::Test {
 protected:
  void SetUp() override {
    job_.Topic("bids").Add(Bid{1, 10}).Add(Bid{1, 11}).Add(Bid{1, 12});
    ASSERT_TRUE(job_.Stop().has_value());
  }
  void Recreate() {
    ASSERT_TRUE(job_.world().broker().DeleteTopic("bids").ok());
    job_.Topic("bids");
  }
  Job job_{Totals()};
};

TEST_F(Resumed, FromBelowTheLogStartIsRefusedWithTheNumberOfLostRecords) {
  for (int i = 0; i < 4; ++i) job_.Topic("bids").Add(Bid{1, 1});
  ASSERT_TRUE(job_.world().broker().AdvanceLogStart({"bids", 0}, 5).ok());
  EXPECT_THAT(RefusalOf(job_), AllOf(HasSubstr("source bids: bids/0"), HasSubstr("offset 3"), HasSubstr("starts at 5"),
                                     HasSubstr("2 records were removed"), HasSubstr("retention.ms"),
                                     HasSubstr("--restore none")));
  EXPECT_THAT(job_.CommittedBytes("totals"), SizeIs(3));
}

TEST_F(Resumed, GoesOnWhereRetentionTookOnlyWhatWasRead) {
  job_.Topic("bids").Add(Bid{1, 13});
  ASSERT_TRUE(job_.world().broker().AdvanceLogStart({"bids", 0}, 3).ok());
  LogCapture log;
  EXPECT_EQ(RefusalOf(job_), "the job runs");
  EXPECT_THAT(log.Take(), AllOf(HasSubstr("bids/0: the record at offset 2 that was read last is gone"),
                                HasSubstr("going on at 3")));
  EXPECT_EQ(test::Counted(job_), 4);
}

TEST_F(Resumed, FromATopicThatWasRecreatedShorterIsRefused) {
  Recreate();
  job_.Topic("bids").Add(Bid{2, 1});
  EXPECT_THAT(RefusalOf(job_), AllOf(HasSubstr("bids/0"), HasSubstr("offset 3"), HasSubstr("the log ends at 1"),
                                     HasSubstr("recreated"), HasSubstr("--restore none")));
  EXPECT_THAT(job_.CommittedBytes("totals"), SizeIs(3));
}

TEST_F(Resumed, FromATopicThatWasRecreatedAndFilledIsRefused) {
  Recreate();
  for (int i = 0; i < 9; ++i) job_.Topic("bids").Add(Bid{2, i});
  EXPECT_THAT(RefusalOf(job_), AllOf(HasSubstr("bids/0"), HasSubstr("the record at offset 2 is not the one"),
                                     HasSubstr("recreated"), HasSubstr("--restore none")));
  EXPECT_THAT(job_.CommittedBytes("totals"), SizeIs(3));
}

TEST_F(Resumed, FromATopicThatWasRecreatedWithoutARecordAtThatOffsetIsRefused) {
  Recreate();
  job_.Topic("bids").Add(Bid{2, 1}).Add(Bid{2, 2});
  // An aborted record and its control record stand at offsets 2 and 3.
  const auto client = job_.world().broker().Connect();
  ProducerConfig config;
  config.transactional_id = "somebody";
  const auto producer = client->NewProducer(config).value();
  ASSERT_TRUE(producer->Init(std::chrono::seconds(1)).ok() && producer->Begin().ok());
  const OutgoingRecord record{{}, "x", kNoTimestamp, 0};
  ASSERT_TRUE(producer->Produce("bids", {&record, 1}).ok() && producer->Abort(std::chrono::seconds(1)).ok());
  job_.Topic("bids").Add(Bid{2, 3});
  EXPECT_THAT(RefusalOf(job_), AllOf(HasSubstr("bids/0: there is no record at offset 2"), HasSubstr("recreated")));
}

TEST_F(Resumed, FromATopicWithFewerPartitionsIsRefused) {
  ASSERT_TRUE(job_.world().broker().DeleteTopic("bids").ok());
  ASSERT_TRUE(job_.world().broker().Connect()->CreateTopic({"bids", 1, -1, {}}).ok());
  for (int i = 0; i < 3; ++i) job_.Topic("bids").Add(Bid{2, i});
  EXPECT_THAT(RefusalOf(job_), AllOf(HasSubstr("bids"), HasSubstr("partition 1")));
}

TEST(RunningJob, WhoseNextRecordsWereRemovedIsRefusedWithTheWayOut) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 1});
  ASSERT_FALSE(job.Run().has_value());
  job.world().broker().TakeDown(std::chrono::seconds(1));
  for (int i = 0; i < 4; ++i) job.Topic("bids").Add(Bid{1, 1});
  ASSERT_TRUE(job.world().broker().AdvanceLogStart({"bids", 0}, 4).ok());
  auto outcome = job.Run();
  if (!outcome.has_value()) outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(), AllOf(HasSubstr("bids/0"), HasSubstr("offset 1"), HasSubstr("starts at 4"),
                                               HasSubstr("--restore none")));
}

TEST(StartOffset, ThatIsNotInTheLogIsRefusedWithItsBounds) {
  JobOptions options;
  options.engine.start = [](StartPoint) { return StartPoint{StartPoint::Kind::kOffset, 7}; };
  Job job(Totals(), options);
  job.Topic("bids").Add(Bid{1, 1});
  EXPECT_THAT(RefusalOf(job), AllOf(HasSubstr("bids/0: start offset 7"), HasSubstr("holds 0 to 1")));
}

}  // namespace
}  // namespace weir
