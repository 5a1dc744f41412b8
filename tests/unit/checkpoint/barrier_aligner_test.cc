#include "runtime/checkpoint/barrier_aligner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::ElementsAre;
constexpr CheckpointId k1{1};
constexpr CheckpointId k2{2};

TEST(BarrierAligner, HoldsAnInputFromItsBarrierUntilAllHaveArrived) {
  BarrierAligner aligner(3, CheckpointId{});
  EXPECT_FALSE(aligner.OnBarrier(1, k1).take);
  EXPECT_FALSE(aligner.OnBarrier(0, k1).take);
  EXPECT_TRUE(aligner.Holds(0) && aligner.Holds(1) && !aligner.Holds(2));
  const Alignment complete = aligner.OnBarrier(2, k1);
  EXPECT_EQ(complete.take, k1);
  EXPECT_THAT(complete.release, ElementsAre(0, 1, 2));
  EXPECT_FALSE(aligner.aligning());
}

TEST(BarrierAligner, TakesABarrierOfAnOnlyInputAtOnce) {
  BarrierAligner aligner(1, CheckpointId{6});
  EXPECT_EQ(aligner.OnBarrier(0, CheckpointId{7}).take, CheckpointId{7});
  EXPECT_EQ(aligner.expected(), CheckpointId{8});
}

TEST(BarrierAligner, CountsAnEndedInputAsAligned) {
  BarrierAligner aligner(2, CheckpointId{});
  EXPECT_FALSE(aligner.OnEnd(0).take);
  EXPECT_EQ(aligner.OnBarrier(1, k1).take, k1);
  EXPECT_EQ(aligner.OnBarrier(1, k2).take, k2);
}

TEST(BarrierAligner, TakesTheBarrierWhenTheLastInputAwaitedEnds) {
  BarrierAligner aligner(2, CheckpointId{});
  EXPECT_FALSE(aligner.OnBarrier(0, k1).take);
  const Alignment complete = aligner.OnEnd(1);
  EXPECT_EQ(complete.take, k1);
  EXPECT_THAT(complete.release, ElementsAre(0));
}

TEST(BarrierAligner, TakesNothingWhenAllInputsEnd) {
  BarrierAligner aligner(2, CheckpointId{});
  EXPECT_FALSE(aligner.OnEnd(0).take);
  EXPECT_FALSE(aligner.OnEnd(1).take);
  EXPECT_TRUE(aligner.all_ended());
}

TEST(BarrierAlignerDeathTest, EndsTheProcessAtABarrierOutOfTurn) {
  BarrierAligner aligner(2, CheckpointId{});
  EXPECT_DEATH((void)aligner.OnBarrier(0, k2), "barrier 2 came on input 0 where 1 was due");
}

TEST(BarrierAlignerDeathTest, EndsTheProcessWhenAHeldInputWasRead) {
  BarrierAligner aligner(2, CheckpointId{});
  EXPECT_FALSE(aligner.OnBarrier(0, k1).take);
  EXPECT_DEATH((void)aligner.OnBarrier(0, k2), "held or ended");
}

}  // namespace
}  // namespace weir
