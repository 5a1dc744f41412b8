// Offsets of consumer groups that have no members, on any broker.
#pragma once

#include "tests/contract/broker/broker_contract.h"

namespace weir::test {

TEST_P(BrokerContract, KeepsTheNewestOffsetsOfAGroup) {
  const std::string topic = Topic(2);
  const std::string group = UniqueName();
  Status committed;
  // A cluster that never had a group makes the topic for them first.
  ASSERT_TRUE(Eventually([&] {
    committed = broker().CommitGroupOffsets(group, {{{topic, 0}, 3}, {{topic, 1}, 5}});
    return committed.code() != Code::kUnavailable;
  }));
  ASSERT_TRUE(committed.ok()) << committed.ToString();
  committed = broker().CommitGroupOffsets(group, {{{topic, 0}, 7}});
  ASSERT_TRUE(committed.ok()) << committed.ToString();
  const Result<GroupOffsets> kept = broker().CommittedGroupOffsets(group);
  ASSERT_TRUE(kept.ok()) << kept.status().ToString();
  EXPECT_EQ(*kept, (GroupOffsets{{{topic, 0}, 7}, {{topic, 1}, 5}}));
}

TEST_P(BrokerContract, KnowsNoOffsetsOfAGroupThatNobodyCommittedFor) {
  Result<GroupOffsets> kept = GroupOffsets{};
  ASSERT_TRUE(Eventually([&] {
    kept = broker().CommittedGroupOffsets(UniqueName());
    return kept.status().code() != Code::kUnavailable;
  }));
  ASSERT_TRUE(kept.ok()) << kept.status().ToString();
  EXPECT_THAT(*kept, testing::IsEmpty());
}

TEST_P(BrokerContract, RefusesOffsetsOfAPartitionThatDoesNotExist) {
  const std::string topic = Topic(2);
  Status committed;
  ASSERT_TRUE(Eventually([&] {
    committed = broker().CommitGroupOffsets(UniqueName(), {{{topic, 2}, 0}});
    return committed.code() != Code::kUnavailable;
  }));
  EXPECT_EQ(committed.code(), Code::kNotFound) << committed.ToString();
  EXPECT_THAT(committed.message(), testing::HasSubstr(topic));
}

}  // namespace weir::test
