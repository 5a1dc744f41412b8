// What a transactional producer promises, on any broker.
#pragma once

#include "tests/contract/broker/broker_contract.h"

namespace weir::test {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(BrokerContract, ShowsCommittedRecordsInOrder) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  SendCommitted(*producer, topic, {"a", "b"});
  SendCommitted(*producer, topic, {"c"});
  EXPECT_THAT(Values(topic), ElementsAre("a", "b", "c"));
}

TEST_P(BrokerContract, HidesAbortedRecords) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  SendAborted(*producer, topic, {"never"});
  SendCommitted(*producer, topic, {"a"});
  EXPECT_THAT(Values(topic), ElementsAre("a"));
}

TEST_P(BrokerContract, HoldsReadersBackWhileATransactionIsOpen) {
  const std::string topic = Topic();
  const auto open = Producer(UniqueName());
  const auto other = Producer(UniqueName());
  ASSERT_TRUE(open->Begin().ok());
  Send(*open, topic, {"open"});
  ASSERT_TRUE(open->Flush(kLong).ok());
  SendCommitted(*other, topic, {"behind"});
  EXPECT_THAT(Values(topic), IsEmpty());
  ASSERT_TRUE(Commit(*open).ok());
  EXPECT_TRUE(Eventually([&] { return Values(topic) == std::vector<std::string>{"open", "behind"}; }));
}

TEST_P(BrokerContract, FencesAProducerByTheNextInitOfItsId) {
  const std::string topic = Topic();
  const std::string id = UniqueName();
  const auto zombie = Producer(id);
  ASSERT_TRUE(zombie->Begin().ok());
  Send(*zombie, topic, {"zombie"});
  ASSERT_TRUE(zombie->Flush(kLong).ok());
  const auto successor = Producer(id);
  EXPECT_EQ(Commit(*zombie).result, TxnResult::kFenced);
  SendCommitted(*successor, topic, {"successor"});
  EXPECT_THAT(Values(topic), ElementsAre("successor"));
}

TEST_P(BrokerContract, LetsAZombieWriteNothingVisible) {
  const std::string topic = Topic();
  const std::string id = UniqueName();
  const auto zombie = Producer(id);
  const auto successor = Producer(id);
  ASSERT_TRUE(zombie->Begin().ok());
  const OutgoingRecord record = Value("zombie");
  (void)zombie->Produce(topic, {&record, 1});
  EXPECT_FALSE(Commit(*zombie).ok());
  EXPECT_THAT(Values(topic), IsEmpty());
}

TEST_P(BrokerContract, AbortsWhatADeadProducerLeftOpenWhenItsIdStartsAgain) {
  const std::string topic = Topic();
  const std::string id = UniqueName();
  auto dead = Producer(id);
  ASSERT_TRUE(dead->Begin().ok());
  Send(*dead, topic, {"lost"});
  ASSERT_TRUE(dead->Flush(kLong).ok());
  dead.reset();
  SendCommitted(*Producer(id), topic, {"next"});
  EXPECT_THAT(Values(topic), ElementsAre("next"));
}

TEST_P(BrokerContract, LetsAProducerGoAtAnyMomentOfATransaction) {
  const std::string topic = Topic(8);
  constexpr int kProducers = 60;
  for (int i = 0; i < kProducers; ++i) {
    const auto producer = Producer(UniqueName());
    ASSERT_TRUE(producer->Begin().ok());
    for (int32_t round = 0; round < 4; ++round) {
      for (int32_t partition = 2 * round; partition < 2 * round + 2; ++partition) {
        const OutgoingRecord record{.key = {}, .value = "gone", .partition = partition};
        ASSERT_TRUE(producer->Produce(topic, {&record, 1}).ok());
      }
      // The client gets somewhat further with each.
      for (int look = 0; look < i; ++look) (void)producer->outstanding();
    }
  }
  EXPECT_THAT(Values(topic), IsEmpty());
}

TEST_P(BrokerContract, SendsOneEndTxnForACommit) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName());
  SendCommitted(*producer, topic, {"a"});
  EXPECT_EQ(producer->end_txn_sent(), 1);
  SendCommitted(*producer, topic, {"b"});
  EXPECT_EQ(producer->end_txn_sent(), 1);
}

TEST_P(BrokerContract, CommitsATransactionWithoutRecordsWithoutAskingTheBroker) {
  const auto producer = Producer(UniqueName());
  ASSERT_TRUE(producer->Begin().ok());
  EXPECT_TRUE(Commit(*producer).ok());
  EXPECT_EQ(producer->end_txn_sent(), 0);
}

TEST_P(BrokerContract, AbortsAndFencesATransactionThatTookTooLong) {
  const std::string topic = Topic();
  const auto producer = Producer(UniqueName(), std::chrono::seconds(2));
  ASSERT_TRUE(producer->Begin().ok());
  Send(*producer, topic, {"late"});
  ASSERT_TRUE(producer->Flush(kLong).ok());
  ASSERT_TRUE(Eventually([&] { return Offsets(topic).end == 2; })) << "no abort marker was written";
  const TxnOutcome committed = Commit(*producer);
  EXPECT_EQ(committed.result, TxnResult::kFenced) << committed.error;
  EXPECT_THAT(Values(topic), IsEmpty());
}

}  // namespace weir::test
