#include "runtime/channel/channel.h"

#include <gtest/gtest.h>

#include <thread>

namespace weir {
namespace {

struct CountingWaker : Waker {
  void Wake() override { ++wakes; }
  void WakeAt(Instant) override {}
  std::atomic<int> wakes{0};
};

class ChannelTest : public testing::Test {
 protected:
  void SetUp() override { channel_.SetWakers(&producer_, &consumer_); }
  bool Push(uint64_t n) {
    Message message = Message::Of(Barrier{CheckpointId{n}});
    return channel_.TryPush(message);
  }
  Channel channel_;
  CountingWaker producer_;
  CountingWaker consumer_;
};

TEST_F(ChannelTest, GivesMessagesInTheOrderTheyCame) {
  Push(1);
  Push(2);
  Message message;
  ASSERT_TRUE(channel_.TryPop(message));
  EXPECT_EQ(message.barrier.n, CheckpointId{1});
  ASSERT_TRUE(channel_.TryPop(message));
  EXPECT_EQ(message.barrier.n, CheckpointId{2});
  EXPECT_FALSE(channel_.TryPop(message));
}

TEST_F(ChannelTest, LeavesTheMessageWithTheProducerWhenItIsFull) {
  for (uint64_t i = 0; i < kChannelMessages; ++i) ASSERT_TRUE(Push(i));
  Message message = Message::Of(BatchPtr(std::make_unique<Batch<int>>()));
  EXPECT_FALSE(channel_.TryPush(message));
  EXPECT_NE(message.batch, nullptr);
}

TEST_F(ChannelTest, MayBeToldToHoldLess) {
  Channel narrow(1);
  narrow.SetWakers(&producer_, &consumer_);
  Message one = Message::Of(Barrier{CheckpointId{1}});
  Message two = Message::Of(Barrier{CheckpointId{2}});
  ASSERT_TRUE(narrow.TryPush(one));
  EXPECT_FALSE(narrow.TryPush(two));
  Message taken;
  ASSERT_TRUE(narrow.TryPop(taken));
  EXPECT_EQ(producer_.wakes, 1);
  EXPECT_TRUE(narrow.TryPush(two));
}

TEST_F(ChannelTest, WakesTheConsumerForEachMessageAndTheProducerOnlyIfItWaited) {
  Push(1);
  EXPECT_EQ(consumer_.wakes, 1);
  Message message;
  channel_.TryPop(message);
  EXPECT_EQ(producer_.wakes, 0);
  for (uint64_t i = 0; i <= kChannelMessages; ++i) Push(i);
  channel_.TryPop(message);
  EXPECT_EQ(producer_.wakes, 1);
}

TEST_F(ChannelTest, PassesEveryMessageOnceBetweenTwoThreads) {
  constexpr uint64_t kMessages = 20'000;
  std::thread producer([&] {
    for (uint64_t n = 1; n <= kMessages;) {
      if (Push(n)) {
        ++n;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (uint64_t expected = 1; expected <= kMessages;) {
    Message message;
    if (!channel_.TryPop(message)) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(message.barrier.n, CheckpointId{expected});
    ++expected;
  }
  producer.join();
}

}  // namespace
}  // namespace weir
