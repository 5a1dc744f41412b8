#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/memory/memory_broker.h"
#include "tests/contract/broker/memory/manual_clock.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MemoryFaults : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(client_->CreateTopic({.name = "t", .partitions = 2, .config = {}}).ok()); }

  void FailCall(MemoryCall call, uint64_t ordinal, MemoryFault fault) {
    broker_.SetFaults([=](const MemoryCallInfo& info) {
      return info.call == call && info.ordinal == ordinal ? fault : MemoryFault{};
    });
  }
  std::unique_ptr<LogProducer> Producer() {
    auto producer = client_->NewProducer({"id", std::chrono::seconds(10)}).value();
    EXPECT_TRUE(producer->Init(kNow).ok());
    return producer;
  }
  static void Send(LogProducer& producer, std::string_view value, int32_t partition = 0) {
    const OutgoingRecord record{.key = {}, .value = value, .partition = partition};
    ASSERT_EQ(producer.Produce("t", {&record, 1}).value(), 1u);
  }
  std::unique_ptr<LogProducer> ProducerWith(std::string_view value) {
    auto producer = Producer();
    EXPECT_TRUE(producer->Begin().ok());
    Send(*producer, value);
    return producer;
  }
  std::vector<std::string> Committed() {
    const Result<std::vector<StoredRecord>> records = broker_.Committed("t");
    std::vector<std::string> values;
    for (const StoredRecord& record : records.value()) values.push_back(*record.value);
    return values;
  }

  static constexpr Duration kNow = Duration::zero();
  ManualClock clock_;
  MemoryBroker broker_{clock_};
  std::unique_ptr<MemoryClient> client_ = broker_.Connect();
};

TEST_F(MemoryFaults, LosesACommitBeforeItIsExecuted) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kLost, .answer = TxnResult::kFailed});
  const auto producer = ProducerWith("a");
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kFailed);
  Producer();
  EXPECT_THAT(Committed(), IsEmpty());
}

TEST_F(MemoryFaults, LosesTheAnswerToACommitThatWasExecuted) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kAnswerLost, .answer = TxnResult::kFailed});
  const auto producer = ProducerWith("a");
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kFailed);
  Producer();
  EXPECT_THAT(Committed(), ElementsAre("a"));
}

TEST_F(MemoryFaults, ExecutesADelayedCommitWhenItsTimeHasCome) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kDelayed, .answer = TxnResult::kFailed});
  const auto producer = ProducerWith("a");
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kFailed);
  EXPECT_THAT(Committed(), IsEmpty());
  clock_.Pass(MemoryFault{}.delay);
  EXPECT_THAT(Committed(), ElementsAre("a"));
}

TEST_F(MemoryFaults, DropsADelayedCommitOfAProducerThatWasFenced) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kDelayed, .answer = TxnResult::kFailed});
  const auto producer = ProducerWith("a");
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kFailed);
  Producer();
  clock_.Pass(MemoryFault{}.delay);
  EXPECT_THAT(Committed(), IsEmpty());
}

TEST_F(MemoryFaults, RepeatsARetriableCommitWithoutCommittingTwice) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kAnswerLost});
  const auto producer = ProducerWith("a");
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kRetriable);
  EXPECT_TRUE(producer->CommitSlice(kNow).ok());
  EXPECT_EQ(producer->end_txn_sent(), 2);
  EXPECT_THAT(Committed(), ElementsAre("a"));
}

TEST_F(MemoryFaults, AnswersOkToACommitThatItDidNotExecute) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kFalseOk});
  const auto producer = ProducerWith("a");
  EXPECT_TRUE(producer->CommitSlice(kNow).ok());
  EXPECT_THAT(Committed(), IsEmpty());
  EXPECT_THAT(broker_.OpenTransactions(), ElementsAre("id"));
}

TEST_F(MemoryFaults, TearsTheNextTransactionByALateDuplicateOfEndTxn) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kSlices, .slices = 2, .duplicate_after = 1});
  const auto producer = ProducerWith("a");
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kRetriable);
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kRetriable);
  EXPECT_TRUE(producer->CommitSlice(kNow).ok());
  EXPECT_EQ(producer->end_txn_sent(), 2);
  ASSERT_TRUE(producer->Begin().ok());
  Send(*producer, "b");
  Send(*producer, "c");
  EXPECT_THAT(Committed(), ElementsAre("a", "b"));
}

TEST_F(MemoryFaults, SparesANewProducerTheDuplicateOfItsPredecessor) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kSlices, .slices = 0, .duplicate_after = 1});
  EXPECT_TRUE(ProducerWith("a")->CommitSlice(kNow).ok());
  const auto successor = ProducerWith("b");
  Send(*successor, "c");
  EXPECT_THAT(Committed(), ElementsAre("a"));
}

TEST_F(MemoryFaults, TellsPartitionsOfACommitOneByOne) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kLateMarkers, .delay = std::chrono::seconds(1)});
  const auto producer = ProducerWith("a");
  Send(*producer, "b", 1);
  EXPECT_TRUE(producer->CommitSlice(kNow).ok());
  EXPECT_THAT(Committed(), IsEmpty());
  clock_.Pass(std::chrono::seconds(1));
  EXPECT_THAT(Committed(), ElementsAre("a"));
  clock_.Pass(std::chrono::seconds(1));
  EXPECT_THAT(Committed(), ElementsAre("a", "b"));
}

TEST_F(MemoryFaults, WritesLateMarkersBeforeTheNextTransaction) {
  FailCall(MemoryCall::kCommit, 1, {.kind = MemoryFault::Kind::kLateMarkers, .delay = std::chrono::seconds(1)});
  const auto producer = ProducerWith("a");
  EXPECT_TRUE(producer->CommitSlice(kNow).ok());
  ASSERT_TRUE(producer->Begin().ok());
  Send(*producer, "b");
  EXPECT_THAT(Committed(), ElementsAre("a"));
}

TEST_F(MemoryFaults, KeepsUnacknowledgedRecordsAndWritesThemOnce) {
  FailCall(MemoryCall::kProduce, 1, {.kind = MemoryFault::Kind::kAnswerLost});
  const auto producer = ProducerWith("a");
  EXPECT_EQ(producer->outstanding(), 1);
  EXPECT_TRUE(producer->Flush(kNow).ok());
  EXPECT_TRUE(producer->CommitSlice(kNow).ok());
  EXPECT_THAT(Committed(), ElementsAre("a"));
}

TEST_F(MemoryFaults, FailsTheTransactionOfARefusedRecord) {
  FailCall(MemoryCall::kProduce, 1, {.kind = MemoryFault::Kind::kRefused});
  const auto producer = ProducerWith("a");
  EXPECT_TRUE(producer->failure().has_value());
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kFailed);
}

TEST_F(MemoryFaults, AnswersNothingWhileItIsDown) {
  const auto producer = ProducerWith("a");
  broker_.TakeDown(std::chrono::seconds(5));
  EXPECT_EQ(client_->ClusterId().status().code(), Code::kUnavailable);
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kRetriable);
  clock_.Pass(std::chrono::seconds(5));
  EXPECT_TRUE(producer->CommitSlice(kNow).ok());
  EXPECT_THAT(Committed(), ElementsAre("a"));
}

TEST_F(MemoryFaults, MakesAKilledClientHarmlessAtOnce) {
  const auto producer = ProducerWith("a");
  const auto consumer = client_->NewConsumer().value();
  ASSERT_TRUE(consumer->Assign({"t", 0}, 0).ok());
  client_->Kill();
  EXPECT_EQ(producer->CommitSlice(kNow).result, TxnResult::kFailed);
  EXPECT_FALSE(consumer->Poll(0, 1, [](const RawRecord&) {}).ok());
  EXPECT_FALSE(client_->NewProducer({}).ok());
  EXPECT_THAT(Committed(), IsEmpty());
  EXPECT_TRUE(broker_.Connect()->ClusterId().ok());
}

TEST_F(MemoryFaults, TakesNoMoreThanItsQueueHolds) {
  MemoryBroker small(clock_, {.producer_queue_records_max = 1});
  const auto client = small.Connect();
  ASSERT_TRUE(client->CreateTopic({.name = "t", .config = {}}).ok());
  const auto producer = client->NewProducer({}).value();
  const std::vector<OutgoingRecord> records(2, OutgoingRecord{.key = {}, .value = "v", .partition = 0});
  EXPECT_EQ(producer->Produce("t", records).value(), 1u);
  small.TakeDown(std::chrono::seconds(1));
  EXPECT_EQ(producer->Produce("t", records).value(), 1u);
  EXPECT_EQ(producer->Produce("t", records).value(), 0u);
}

TEST_F(MemoryFaults, RefusesToReadBelowTheLogStart) {
  const std::vector<OutgoingRecord> records(3, OutgoingRecord{.key = {}, .value = "v", .partition = 0});
  ASSERT_TRUE(broker_.Append("t", records).ok());
  ASSERT_TRUE(broker_.AdvanceLogStart({"t", 0}, 2).ok());
  const auto consumer = client_->NewConsumer().value();
  ASSERT_TRUE(consumer->Assign({"t", 0}, 1).ok());
  EXPECT_EQ(consumer->Poll(0, 1, [](const RawRecord&) {}).status().code(), Code::kAborted);
}

TEST_F(MemoryFaults, StartsARecreatedTopicEmpty) {
  ASSERT_TRUE(broker_.Append("t", std::vector<OutgoingRecord>{{.key = {}, .value = "v"}}).ok());
  ASSERT_TRUE(broker_.DeleteTopic("t").ok());
  EXPECT_EQ(client_->Offsets({"t", 0}).status().code(), Code::kNotFound);
  ASSERT_TRUE(client_->CreateTopic({.name = "t", .config = {}}).ok());
  EXPECT_EQ(client_->Offsets({"t", 0}).value().end, 0);
}

}  // namespace
}  // namespace weir::test
