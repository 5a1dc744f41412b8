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
  EXPECT_EQ(world_->GroupOffset(group, {topic, 0}), 7);
  EXPECT_EQ(world_->GroupOffset(group, {topic, 1}), 5);
  EXPECT_EQ(world_->GroupOffset(UniqueName(), {topic, 1}), -1);
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
