// Bad input on a real broker: what the memory broker cannot vouch for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "environment/exit_codes.h"
#include "operators/poison_record.h"
#include "tests/fault/harness/committed_reader.h"
#include "tests/fault/harness/job_rig.h"
#include "tests/support/real_broker.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Millis kSoon = 40s;

class BadTopic : public testing::Test {
 protected:
  void SetUp() override {
    const auto bootstrap = SharedBootstrap();
    ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
    auto rig = JobRig::New({.bootstrap = *bootstrap, .name = "bad-topic"});
    ASSERT_TRUE(rig.ok()) << rig.status().message();
    rig_ = std::move(rig).value();
  }
  void TearDown() override {
    if (rig_ != nullptr && HasFailure()) std::printf("see %s\n", rig_->keep().c_str());
  }

  std::unique_ptr<JobLife> StartJob(const std::vector<std::string>& command = {"run"}) {
    auto life = rig_->Start("", command);
    WEIR_CHECK(life.ok(), life.status().message());
    return std::move(life).value();
  }
  /// Reads and commits `bids` bids, then ends.
  void RunOnce(size_t bids) {
    ASSERT_TRUE(rig_->feed().Add(bids).ok());
    const auto life = StartJob();
    ASSERT_TRUE(rig_->WaitForOutput(*life, kSoon).ok());
    life->Signal(SIGTERM);
    const auto ending = life->WaitForEnd(kSoon);
    ASSERT_TRUE(ending.has_value() && ending->exit_code == kExitFinished);
  }
  /// The last words of a start that is refused.
  std::string Refusal() {
    const auto life = StartJob();
    const auto ending = life->WaitForEnd(kSoon);
    if (!ending.has_value()) return "the job runs";
    EXPECT_EQ(ending->exit_code, kExitRefused);
    return life->standing().messages["refused"];
  }
  void Produce(rd_kafka_t* client, std::string value, int32_t partition) {
    const auto error = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(rig_->places().input.c_str()),
                                         RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_VALUE(value.data(), value.size()),
                                         RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    ASSERT_EQ(error, RD_KAFKA_RESP_ERR_NO_ERROR);
    ASSERT_EQ(rd_kafka_flush(client, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  /// Makes an administrative request, which must succeed.
  template <class Request>
  void ExpectDone(const Request& request) {
    rd_kafka_queue_t* queue = rd_kafka_queue_new(rig_->feed().client());
    request(queue);
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 10'000);
    EXPECT_TRUE(event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
  }
  void AddPartition() {
    rd_kafka_t* client = rig_->feed().client();
    rd_kafka_NewPartitions_t* more =
        rd_kafka_NewPartitions_new(rig_->places().input.c_str(), kInputPartitions + 1, nullptr, 0);
    ExpectDone([&](rd_kafka_queue_t* answer) { rd_kafka_CreatePartitions(client, &more, 1, nullptr, answer); });
    rd_kafka_NewPartitions_destroy(more);
  }
  /// The first record of the ledger; empty if the job ends before there is one.
  std::string FirstInLedger(JobLife& life) {
    auto ledger = CommittedReader::Open(rig_->places().bootstrap, "weir.poison." + rig_->places().job, kSoon);
    if (!ledger.ok()) return ledger.status().message();
    while (ledger->records().empty() && !life.WaitForEnd(0ms).has_value()) {
      if (!ledger->Read(100ms).ok()) break;
    }
    return ledger->records().empty() ? "" : ledger->records()[0].value;
  }
  /// In every partition, all below its end, or below the end less one.
  void DeleteRecords(int64_t but) {
    rd_kafka_t* client = rig_->feed().client();
    auto* list = rd_kafka_topic_partition_list_new(kInputPartitions);
    for (int32_t i = 0; i < kInputPartitions; ++i) {
      int64_t begin = 0;
      int64_t end = 0;
      rd_kafka_query_watermark_offsets(client, rig_->places().input.c_str(), i, &begin, &end, 10'000);
      rd_kafka_topic_partition_list_add(list, rig_->places().input.c_str(), i)->offset = end - but;
    }
    rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list);
    ExpectDone([&](rd_kafka_queue_t* answer) { rd_kafka_DeleteRecords(client, &request, 1, nullptr, answer); });
    rd_kafka_DeleteRecords_destroy(request);
    rd_kafka_topic_partition_list_destroy(list);
  }

  std::unique_ptr<JobRig> rig_;
};

TEST_F(BadTopic, ThatIsMissingIsNamedWithTheCommandThatCreatesIt) {
  DeleteTopics(rig_->feed().client(), {rig_->places().input});
  const std::string& input = rig_->places().input;
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("source bids: topic " + input + " does not exist"),
                               HasSubstr("kafka-topics.sh --bootstrap-server " + rig_->places().bootstrap +
                                         " --create --topic " + input)));
}

TEST_F(BadTopic, ThatWasRecreatedIsRefused) {
  RunOnce(400);
  DeleteTopics(rig_->feed().client(), {rig_->places().input});
  auto again = KafkaFeed::Open(rig_->places().bootstrap, rig_->places().input, 77);
  ASSERT_TRUE(again.ok()) << again.status().message();
  ASSERT_TRUE(again->Add(4000).ok());
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(rig_->places().input + "/"), HasSubstr("is not the one that was read before"),
                               HasSubstr("recreated"), HasSubstr("--restore none")));
}

TEST_F(BadTopic, ThatLostUnreadRecordsIsRefused) {
  RunOnce(400);
  ASSERT_TRUE(rig_->feed().Add(400).ok());
  DeleteRecords(1);
  EXPECT_THAT(Refusal(), AllOf(HasSubstr(rig_->places().input + "/"), HasSubstr("but the log starts at"),
                               HasSubstr("records were removed before they were read"), HasSubstr("--restore none")));
}

TEST_F(BadTopic, ThatLostOnlyWhatWasReadIsGoneOnWith) {
  RunOnce(400);
  DeleteRecords(0);
  ASSERT_TRUE(rig_->feed().Add(100).ok());
  const auto life = StartJob();
  EXPECT_TRUE(rig_->WaitForOutput(*life, kSoon).ok());
  EXPECT_THAT(life->standing().messages["record_gone"], HasSubstr("that was read last is gone (retention took it)"));
}

TEST_F(BadTopic, WhoseTailIsAnAbortedTransactionEndsABoundedRead) {
  ASSERT_TRUE(rig_->feed().Add(400).ok());
  auto producer = NewKafkaClient(RD_KAFKA_PRODUCER, {{"bootstrap.servers", rig_->places().bootstrap},
                                                     {"transactional.id", "aborting-" + rig_->places().job}});
  ASSERT_TRUE(producer.ok());
  rd_kafka_t* client = producer->get();
  ASSERT_EQ(rd_kafka_init_transactions(client, 10'000), nullptr);
  ASSERT_EQ(rd_kafka_begin_transaction(client), nullptr);
  for (int32_t partition = 0; partition < kInputPartitions; ++partition) {
    rd_kafka_producev(client, RD_KAFKA_V_TOPIC(rig_->places().input.c_str()), RD_KAFKA_V_PARTITION(partition),
                      RD_KAFKA_V_VALUE(nullptr, 0), RD_KAFKA_V_END);
  }
  ASSERT_EQ(rd_kafka_flush(client, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  ASSERT_EQ(rd_kafka_abort_transaction(client, 10'000), nullptr);
  const auto life = StartJob({"replay", "--from", "earliest", "--to", "now"});
  const auto ending = life->WaitForEnd(kSoon);
  ASSERT_TRUE(ending.has_value()) << life->standing().messages["status"];
  EXPECT_EQ(ending->exit_code, kExitFinished);
  EXPECT_THAT(JudgeJob(rig_->places()).problems, IsEmpty());
}

TEST_F(BadTopic, WithARecordThatIsNoBidHasItInTheLedger) {
  ASSERT_TRUE(rig_->feed().Add(50).ok());
  int64_t begin = 0;
  int64_t end = 0;
  rd_kafka_query_watermark_offsets(rig_->feed().client(), rig_->places().input.c_str(), 3, &begin, &end, 10'000);
  Produce(rig_->feed().client(), "{\"auction\": oops}", 3);
  const auto life = StartJob();
  EXPECT_THAT(FirstInLedger(*life),
              AllOf(HasSubstr("\"split\":\"" + rig_->places().input + "/3\",\"offset\":" + std::to_string(end)),
                    HasSubstr("field auction"), HasSubstr(Base64("{\"auction\": oops}"))));
}

TEST_F(BadTopic, ThatGrowsWhileTheJobRunsIsReadInItsNewPartition) {
  rig_->Define("execution.discovery-interval=200ms");
  const auto life = StartJob();
  ASSERT_TRUE(life->WaitUntil([](const Standing& now) { return now.running; }, kSoon));
  AddPartition();
  ASSERT_TRUE(life->WaitUntil([](const Standing& now) { return now.messages.contains("split_found"); }, kSoon));
  const std::string split = rig_->places().input + "/" + std::to_string(kInputPartitions);
  EXPECT_THAT(life->standing().messages["split_found"], HasSubstr("new split " + split));
  // A client that knows the partition.
  const auto producer = NewKafkaClient(RD_KAFKA_PRODUCER, {{"bootstrap.servers", rig_->places().bootstrap}});
  ASSERT_TRUE(producer.ok());
  Produce(producer->get(), "{\"auction\": oops}", kInputPartitions);
  EXPECT_THAT(FirstInLedger(*life), HasSubstr("\"split\":\"" + split + "\",\"offset\":0"));
}

}  // namespace
}  // namespace weir::test
