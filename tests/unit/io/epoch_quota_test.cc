#include "runtime/io/epoch_quota.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr CheckpointId kFirst{1};
constexpr CheckpointId kSecond{2};

class CountingWaker : public Waker {
 public:
  void Wake() override { ++wakes; }
  void WakeAt(Instant) override {}
  int wakes = 0;
};

class EpochQuotaTest : public testing::Test {
 protected:
  EpochQuotaTest() { quota_.StartEpoch(kFirst, 10); }

  CountingWaker coordinator_;
  CountingWaker reader_;
  CountingWaker refused_;
  EpochQuota quota_{coordinator_};
};

TEST_F(EpochQuotaTest, GivesOutNoMoreRowsThanTheEpochHas) {
  EXPECT_EQ(quota_.Claim(kFirst, 7, reader_), 7u);
  EXPECT_EQ(quota_.Claim(kFirst, 7, reader_), 3u);
  EXPECT_EQ(quota_.Claim(kFirst, 7, refused_), 0u);
  EXPECT_EQ(quota_.Claim(kSecond, 7, refused_), 0u) << "an epoch that was not started";
}

TEST_F(EpochQuotaTest, WakesWhoeverGotNothingOnceRowsAreGivenBack) {
  ASSERT_EQ(quota_.Claim(kFirst, 10, reader_), 10u);
  ASSERT_EQ(quota_.Claim(kFirst, 10, refused_), 0u);
  quota_.Return(kFirst, 10, 4);
  EXPECT_EQ(refused_.wakes, 1);
  EXPECT_EQ(reader_.wakes, 0);
  EXPECT_EQ(quota_.Claim(kFirst, 10, refused_), 4u);
}

TEST_F(EpochQuotaTest, WakesARefusedClaimantOnceHoweverOftenItAsked) {
  ASSERT_EQ(quota_.Claim(kFirst, 10, reader_), 10u);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(quota_.Claim(kFirst, 1, refused_), 0u);
  quota_.Return(kFirst, 5, 1);
  quota_.Return(kFirst, 5, 1);
  EXPECT_EQ(refused_.wakes, 1);
}

TEST_F(EpochQuotaTest, LeavesTheRefusedAsleepWhereEveryRowWasRead) {
  ASSERT_EQ(quota_.Claim(kFirst, 10, reader_), 10u);
  ASSERT_EQ(quota_.Claim(kFirst, 10, refused_), 0u);
  quota_.Return(kFirst, 10, 0);
  EXPECT_EQ(refused_.wakes, 0);
}

TEST_F(EpochQuotaTest, IsExhaustedOnlyWhenNobodyStillReads) {
  quota_.SetMoreFollows(kFirst);
  ASSERT_EQ(quota_.Claim(kFirst, 6, reader_), 6u);
  ASSERT_EQ(quota_.Claim(kFirst, 6, reader_), 4u);
  quota_.Return(kFirst, 6, 0);
  EXPECT_FALSE(quota_.Exhausted(kFirst));
  EXPECT_EQ(coordinator_.wakes, 0);
  quota_.Return(kFirst, 4, 0);
  EXPECT_TRUE(quota_.Exhausted(kFirst));
  EXPECT_EQ(coordinator_.wakes, 1);
}

TEST_F(EpochQuotaTest, IsNotExhaustedWhileTheInputMayEndWithItsRows) {
  ASSERT_EQ(quota_.Claim(kFirst, 10, reader_), 10u);
  quota_.Return(kFirst, 10, 0);
  EXPECT_FALSE(quota_.Exhausted(kFirst));
  EXPECT_EQ(coordinator_.wakes, 0);
  for (int i = 0; i < 2; ++i) quota_.SetMoreFollows(kFirst);
  EXPECT_TRUE(quota_.Exhausted(kFirst));
  EXPECT_EQ(coordinator_.wakes, 1);
}

}  // namespace
}  // namespace weir
