// What a consumer promises, on any broker, and what a broker says of its topics.
#pragma once

#include "tests/contract/broker/broker_contract.h"

namespace weir::test {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_P(BrokerContract, EndsBehindControlRecords) {
  const std::string topic = Topic();
  SendCommitted(*Producer(UniqueName()), topic, {"a", "b"});
  PollResult last;
  EXPECT_EQ(Read(topic, 0, 0, &last).size(), 2u);
  EXPECT_EQ(last.next_offset, 3);
  EXPECT_EQ(Offsets(topic).end, 3);
}

TEST_P(BrokerContract, EndsWhereTheTailIsAnAbortedTransaction) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  SendCommitted(*producer, topic, {"a"});
  SendAborted(*producer, topic, {"b", "c"});
  PollResult last;
  EXPECT_EQ(Read(topic, 0, 0, &last).size(), 1u);
  EXPECT_EQ(last.next_offset, Offsets(topic).end);
}

TEST_P(BrokerContract, IsAtTheEndOfAnEmptyPartition) {
  const std::string topic = Topic();
  PollResult last;
  EXPECT_THAT(Read(topic, 0, 0, &last), IsEmpty());
  EXPECT_TRUE(last.at_end);
  EXPECT_EQ(last.next_offset, 0);
}

TEST_P(BrokerContract, ReadsOnFromAGivenOffset) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  SendCommitted(*producer, topic, {"a", "b"});
  SendCommitted(*producer, topic, {"c"});
  const std::vector<ReadRecord> records = Read(topic, 0, 1);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].offset, 1);
  EXPECT_EQ(records[1].offset, 3);
  EXPECT_EQ(records[1].value, "c");
}

TEST_P(BrokerContract, HandsOutNoMoreThanAskedFor) {
  const std::string topic = Topic();
  SendCommitted(*Producer(UniqueName()), topic, {"a", "b", "c", "d", "e"});
  const auto consumer = broker().NewConsumer().value();
  ASSERT_TRUE(consumer->Assign({topic, 0}, 0).ok());
  std::string seen;
  size_t most = 0;
  ASSERT_TRUE(Eventually([&] {
    const PollResult polled = consumer->Poll(0, 2, [&](const RawRecord& r) { seen += r.value; }).value();
    most = std::max(most, polled.records);
    return polled.at_end;
  }));
  EXPECT_EQ(seen, "abcde");
  EXPECT_EQ(most, 2u);
}

TEST_P(BrokerContract, NamesTheBoundsWhenAnOffsetIsOutOfRange) {
  const std::string topic = Topic();
  SendCommitted(*Producer(UniqueName()), topic, {"a"});
  const auto consumer = broker().NewConsumer().value();
  ASSERT_TRUE(consumer->Assign({topic, 0}, 77).ok());
  Status status;
  ASSERT_TRUE(Eventually([&] { return !(status = consumer->Poll(0, 10, [](const RawRecord&) {}).status()).ok(); }));
  EXPECT_EQ(status.code(), Code::kAborted);
  EXPECT_THAT(status.message(), AllOf(HasSubstr(topic), HasSubstr("77"), HasSubstr("from 0 to 2")));
}

TEST_P(BrokerContract, LetsAnExceptionOfTheVisitorThroughAndEndsWell) {
  const std::string topic = Topic();
  SendCommitted(*Producer(UniqueName()), topic, {"a", "b", "c"});
  const auto consumer = broker().NewConsumer().value();
  ASSERT_TRUE(consumer->Assign({topic, 0}, 0).ok());
  std::string seen;
  std::string caught;
  const auto visit = [&](const RawRecord& record) {
    if (record.value == "b") throw std::runtime_error("not b");
    seen += record.value;
  };
  ASSERT_TRUE(Eventually([&] {
    try {
      (void)consumer->Poll(0, 10, visit);
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    return !caught.empty();
  }));
  EXPECT_EQ(caught, "not b");
  EXPECT_EQ(seen, "a");
}

TEST_P(BrokerContract, RefusesToAssignWhatDoesNotExist) {
  const std::string topic = Topic(2);
  const auto consumer = broker().NewConsumer().value();
  EXPECT_EQ(consumer->Assign({topic, 2}, 0).code(), Code::kNotFound);
  EXPECT_EQ(consumer->Assign({UniqueName(), 0}, 0).code(), Code::kNotFound);
}

TEST_P(BrokerContract, LetsConsumersReadIndependently) {
  const std::string topic = Topic();
  SendCommitted(*Producer(UniqueName()), topic, {"a", "b"});
  const auto one = broker().NewConsumer().value();
  const auto two = broker().NewConsumer().value();
  ASSERT_TRUE(one->Assign({topic, 0}, 0).ok());
  ASSERT_TRUE(two->Assign({topic, 0}, 1).ok());
  EXPECT_EQ(ReadToEnd(*one, 0).size(), 2u);
  EXPECT_EQ(ReadToEnd(*two, 0).size(), 1u);
}

TEST_P(BrokerContract, AddsAPartitionWhileOthersAreRead) {
  const std::string topic = Topic(2);
  const auto producer = Producer("");
  const auto consumer = broker().NewConsumer().value();
  Send(*producer, topic, {"a", "b"});
  ASSERT_TRUE(producer->Flush(kLong).ok());
  ASSERT_TRUE(consumer->Assign({topic, 0}, 0).ok());
  EXPECT_EQ(ReadToEnd(*consumer, 0).size(), 2u);
  ASSERT_TRUE(consumer->Assign({topic, 1}, 0).ok());
  EXPECT_EQ(ReadToEnd(*consumer, 1).size(), 0u);
  Send(*producer, topic, {"c"});
  ASSERT_TRUE(producer->Flush(kLong).ok());
  size_t more = 0;
  EXPECT_TRUE(Eventually([&] { return (more += ReadToEnd(*consumer, 0).size()) == 1; }));
}

TEST_P(BrokerContract, WakesAReaderWhenRecordsBecomeVisible) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  ConditionWaker waker;
  const auto consumer = broker().NewConsumer().value();
  consumer->SetWaker(&waker);
  ASSERT_TRUE(consumer->Assign({topic, 0}, 0).ok());
  EXPECT_THAT(ReadToEnd(*consumer, 0), IsEmpty());
  const int before = waker.wakes();
  SendCommitted(*producer, topic, {"a"});
  EXPECT_TRUE(Eventually([&] { return waker.wakes() > before; }));
  size_t records = 0;
  EXPECT_TRUE(Eventually([&] { return (records += ReadToEnd(*consumer, 0).size()) == 1; }));
}

TEST_P(BrokerContract, KnowsTheEndOfWhatItReads) {
  const std::string topic = Topic();
  SendCommitted(*Producer(UniqueName()), topic, {"a", "b"});
  const auto consumer = broker().NewConsumer().value();
  ASSERT_TRUE(consumer->Assign({topic, 0}, 0).ok());
  EXPECT_EQ(ReadToEnd(*consumer, 0).size(), 2u);
  EXPECT_EQ(consumer->KnownEnd(0), 3);
}

TEST_P(BrokerContract, DescribesTheTopicsThatExist) {
  const std::string topic = Topic(3, {{"cleanup.policy", "compact"}});
  const Result<std::vector<TopicInfo>> topics = broker().ListTopics();
  ASSERT_TRUE(topics.ok());
  EXPECT_THAT(topics.value(), Contains(testing::Field(&TopicInfo::name, topic)));
  const TopicInfo info = broker().DescribeTopic(topic).value();
  EXPECT_EQ(info.partitions, 3);
  EXPECT_EQ(info.config.at("cleanup.policy"), "compact");
}

TEST_P(BrokerContract, LeavesATopicThatExistsAsItIsWhereTwoCreateIt) {
  const std::string topic = Topic(2);
  EXPECT_TRUE(broker().CreateTopic({.name = topic, .partitions = 3, .config = {}}).ok());
  EXPECT_EQ(broker().DescribeTopic(topic)->partitions, 2);
}

TEST_P(BrokerContract, SaysWhichTopicAMistypedNameMeant) {
  const std::string topic = Topic();
  const Status status = broker().DescribeTopic(topic + "x").status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("did you mean " + topic));
  EXPECT_EQ(broker().Offsets({topic, 9}).status().code(), Code::kNotFound);
  EXPECT_EQ(broker().RecordBytesMax(topic + "x").status().code(), Code::kNotFound);
}

TEST_P(BrokerContract, FindsOffsetsByTime) {
  const std::string topic = Topic();
  const auto producer = Producer("");
  const std::vector<OutgoingRecord> records{
      {.key = {}, .value = "a", .timestamp_ms = 1'700'000'000'100, .partition = 0},
      {.key = {}, .value = "b", .timestamp_ms = 1'700'000'000'200, .partition = 0}};
  ASSERT_EQ(producer->Produce(topic, records).value(), 2u);
  ASSERT_TRUE(producer->Flush(kLong).ok());
  EXPECT_EQ(broker().OffsetForTime({topic, 0}, 0).value(), 0);
  EXPECT_EQ(broker().OffsetForTime({topic, 0}, 1'700'000'000'101).value(), 1);
  EXPECT_EQ(broker().OffsetForTime({topic, 0}, 1'700'000'000'201).value(), 2);
}

TEST_P(BrokerContract, KeepsItsClusterId) {
  const std::string id = broker().ClusterId().value();
  EXPECT_FALSE(id.empty());
  EXPECT_EQ(broker().ClusterId().value(), id);
}

}  // namespace weir::test
