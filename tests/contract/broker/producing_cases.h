// What a producer promises of the records it takes, on any broker.
#pragma once

#include "connectors/memory/murmur2.h"
#include "tests/contract/broker/broker_contract.h"

namespace weir::test {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(BrokerContract, HasNothingOutstandingAfterAFlush) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  ASSERT_TRUE(producer->Begin().ok());
  Send(*producer, topic, {"a", "b", "c"});
  ASSERT_TRUE(producer->Flush(kLong).ok());
  EXPECT_EQ(producer->outstanding(), 0);
  EXPECT_EQ(producer->failure(), std::nullopt);
  EXPECT_EQ(Offsets(topic).end, 3);
}

TEST_P(BrokerContract, ReportsRecordsForATopicThatDoesNotExist) {
  const auto producer = Producer(UniqueName());
  ASSERT_TRUE(producer->Begin().ok());
  const OutgoingRecord record = Value("nowhere");
  bool refused = !producer->Produce(UniqueName(), {&record, 1}).ok();
  EXPECT_TRUE(Eventually([&] { return refused || producer->failure().has_value(); }));
}

TEST_P(BrokerContract, TakesARecordAsLargeAsItSays) {
  const std::string topic = Topic(1, {{"max.message.bytes", "20000"}});
  const uint64_t bytes = broker().RecordBytesMax(topic).value();
  EXPECT_GT(bytes, 19000u);
  SendCommitted(*Producer(UniqueName()), topic, {std::string(bytes, 'x'), std::string(bytes, 'y')});
  EXPECT_EQ(Values(topic).size(), 2u);
}

TEST_P(BrokerContract, FailsForARecordThatIsTooLarge) {
  const std::string topic = Topic(1, {{"max.message.bytes", "20000"}});
  const auto producer = Producer(UniqueName());
  ASSERT_TRUE(producer->Begin().ok());
  const std::string large(30000, 'x');
  const OutgoingRecord record = Value(large);
  bool refused = !producer->Produce(topic, {&record, 1}).ok();
  EXPECT_TRUE(Eventually([&] { return refused || producer->failure().has_value(); }));
  EXPECT_TRUE(refused || Commit(*producer).result == TxnResult::kFailed);
}

TEST_P(BrokerContract, AsksForARestartWhereTheTransactionHasFailed) {
  const std::string topic = Topic(1, {{"max.message.bytes", "20000"}});
  const auto producer = Producer(UniqueName());
  ASSERT_TRUE(producer->Begin().ok());
  Send(*producer, topic, {std::string(30000, 'x')});
  ASSERT_TRUE(Eventually([&] { return producer->failure().has_value(); }));
  const OutgoingRecord record = Value("too late");
  EXPECT_EQ(producer->Produce(topic, {&record, 1}).status().code(), Code::kAborted);
}

TEST_P(BrokerContract, GoesOnWithANewProducerAfterAFailure) {
  const std::string topic = Topic(1, {{"max.message.bytes", "20000"}});
  const std::string id = UniqueName();
  auto failed = Producer(id);
  ASSERT_TRUE(failed->Begin().ok());
  Send(*failed, topic, {"small", std::string(30000, 'x')});
  ASSERT_TRUE(Eventually([&] { return failed->failure().has_value(); }));
  failed.reset();
  SendCommitted(*Producer(id), topic, {"again"});
  EXPECT_THAT(Values(topic), ElementsAre("again"));
}

TEST_P(BrokerContract, RefusesToProduceOutsideATransaction) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  const OutgoingRecord record = Value("a");
  EXPECT_FALSE(producer->Produce(topic, {&record, 1}).ok());
}

TEST_P(BrokerContract, WritesWithoutTransactionsWhereThereIsNoId) {
  const std::string topic = Topic();
  const auto producer = Producer("");
  Send(*producer, topic, {"a", "b"});
  EXPECT_TRUE(producer->Flush(kLong).ok());
  EXPECT_THAT(Values(topic), ElementsAre("a", "b"));
}

TEST_P(BrokerContract, PutsKeysWhereJavaProducersPutThem) {
  const std::string topic = Topic(5);
  const auto producer = Producer(UniqueName());
  ASSERT_TRUE(producer->Begin().ok());
  for (int i = 0; i < 50; ++i) {
    const std::string key = "key-" + std::to_string(i * i);
    const OutgoingRecord record{.key = key, .value = "v"};
    ASSERT_TRUE(producer->Produce(topic, {&record, 1}).ok());
  }
  ASSERT_TRUE(Commit(*producer).ok());
  // Each partition learns of the commit on its own.
  std::vector<std::vector<ReadRecord>> read(5);
  EXPECT_TRUE(Eventually([&] {
    size_t seen = 0;
    for (int32_t p = 0; p < 5; ++p) seen += (read[static_cast<size_t>(p)] = Read(topic, p)).size();
    return seen == 50;
  }));
  for (int32_t p = 0; p < 5; ++p) {
    for (const ReadRecord& record : read[static_cast<size_t>(p)]) EXPECT_EQ(PartitionOfKey(record.key, 5), p);
  }
}

TEST_P(BrokerContract, KeepsTimestampsKeysAndTombstonesAsTheyWere) {
  const std::string topic = Topic();
  const auto producer = Producer("");
  const std::vector<OutgoingRecord> records{
      {.key = "k", .value = {}, .timestamp_ms = 1'700'000'000'123, .partition = 0},
      {.key = {}, .value = "", .timestamp_ms = 1'700'000'000'456, .partition = 0}};
  ASSERT_EQ(producer->Produce(topic, records).value(), 2u);
  ASSERT_TRUE(producer->Flush(kLong).ok());
  const auto consumer = broker().NewConsumer().value();
  ASSERT_TRUE(consumer->Assign({topic, 0}, 0).ok());
  std::vector<std::string> seen;
  ASSERT_TRUE(Eventually([&] {
    return consumer->Poll(0, 10, [&](const RawRecord& record) {
      seen.push_back(std::string(record.key.data() == nullptr ? "no key" : record.key) + "/" +
                     std::string(record.value.data() == nullptr ? "tombstone" : record.value) + "/" +
                     std::to_string(record.timestamp_ms));
    }).value().at_end;
  }));
  EXPECT_THAT(seen, ElementsAre("k/tombstone/1700000000123", "no key//1700000000456"));
}

}  // namespace weir::test
