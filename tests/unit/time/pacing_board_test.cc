#include "runtime/time/pacing_board.h"

#include <gmock/gmock.h>

#include "runtime/base/executor.h"

namespace weir {
namespace {

struct CountingWaker : Waker {
  void Wake() override { ++wakes; }
  void WakeAt(Instant) override {}
  int wakes = 0;
};

class PacingBoardTest : public testing::Test {
 protected:
  PacingBoardTest() {
    fast_ = board_.Add(0, fast_waker_);
    slow_ = board_.Add(0, slow_waker_);
  }
  void SlowIsAt(int64_t millis) { board_.Publish(slow_, EventTime{millis}, {EventTime{millis}, false}); }

  PacingBoard board_{30};
  CountingWaker fast_waker_;
  CountingWaker slow_waker_;
  uint32_t fast_ = 0;
  uint32_t slow_ = 0;
};

TEST_F(PacingBoardTest, HoldsASplitThatIsTooFarAheadOfTheSlowest) {
  SlowIsAt(100);
  EXPECT_FALSE(board_.Holds(fast_, EventTime{130}));
  EXPECT_TRUE(board_.Holds(fast_, EventTime{131}));
}

TEST_F(PacingBoardTest, WakesWhoHoldsASplitOnceTheSlowestMoves) {
  SlowIsAt(100);
  EXPECT_TRUE(board_.Holds(fast_, EventTime{150}));
  SlowIsAt(100);
  EXPECT_EQ(fast_waker_.wakes, 0);
  SlowIsAt(120);
  EXPECT_EQ(fast_waker_.wakes, 1);
  EXPECT_FALSE(board_.Holds(fast_, EventTime{150}));
}

TEST_F(PacingBoardTest, HoldsNobodyBackForASplitWithNothingToRead) {
  SlowIsAt(100);
  EXPECT_TRUE(board_.Holds(fast_, EventTime{1000}));
  board_.Publish(slow_, kMaxEventTime, {EventTime{100}, false});
  EXPECT_EQ(fast_waker_.wakes, 1);
  EXPECT_FALSE(board_.Holds(fast_, EventTime{1000}));
}

TEST_F(PacingBoardTest, HoldsNoSplitBeforeItsFirstRow) {
  SlowIsAt(100);
  EXPECT_FALSE(board_.Holds(fast_, kMinEventTime));
}

TEST_F(PacingBoardTest, KnowsHowFarTheOtherTasksOfASourceAre) {
  CountingWaker waker;
  const uint32_t other_source = board_.Add(1, waker);
  EXPECT_EQ(board_.Elsewhere(fast_), kMinEventTime);
  SlowIsAt(100);
  board_.Publish(other_source, EventTime{5}, {EventTime{5}, false});
  EXPECT_EQ(board_.Elsewhere(fast_), EventTime{100});
  board_.Publish(slow_, kMaxEventTime, {EventTime{110}, true});
  EXPECT_EQ(board_.Elsewhere(fast_), EventTime{110});
}

TEST(PacingBoardOff, HoldsNothing) {
  PacingBoard board(0);
  CountingWaker waker;
  const uint32_t a = board.Add(0, waker);
  const uint32_t b = board.Add(0, waker);
  board.Publish(a, EventTime{1}, {EventTime{1}, false});
  EXPECT_FALSE(board.Holds(b, EventTime{1'000'000'000}));
}

}  // namespace
}  // namespace weir
