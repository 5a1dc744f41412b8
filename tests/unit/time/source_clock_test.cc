#include "runtime/time/source_clock.h"

#include <gmock/gmock.h>

namespace weir::internal {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

PathTime At(int64_t millis) { return {EventTime{millis}, false}; }

/// Of a checkpoint: its own rows had come to 20, its source to 50.
const Position kWasIdle{.next = {}, .max_timestamp = EventTime{20}, .watermark = EventTime{50}, .idle = true, .fingerprint = {}};

class SourceClockTest : public testing::Test {
 protected:
  SourceClock Clock(size_t splits, SourceClockOptions options = {}) {
    SourceClock clock(std::move(options));
    for (size_t i = 0; i < splits; ++i) clock.Add({});
    return clock;
  }
  std::vector<EventTime> Rows(SourceClock& clock, size_t split, int64_t at, EventTime elsewhere = kMinEventTime) {
    std::vector<EventTime> late;
    const EventTime time{at};
    EXPECT_TRUE(clock.OnRows(split, {&time, 1}, [](size_t) { return nullptr; }, late, elsewhere).ok());
    return late;
  }
  static Instant Second(int64_t n) { return Instant(seconds(n)); }
};

TEST_F(SourceClockTest, IsAtTheTimeOfItsSlowestSplit) {
  SourceClock clock = Clock(2);
  Rows(clock, 0, 50);
  EXPECT_EQ(clock.Time().watermark, kMinEventTime) << "of split 1 nothing is known yet";
  Rows(clock, 1, 20);
  EXPECT_EQ(clock.Time(), At(20));
}

TEST_F(SourceClockTest, LeavesOutASplitThatIsEmptyFromTheStart) {
  SourceClock clock = Clock(2);
  Rows(clock, 0, 50);
  clock.OnWaiting(1, true, Second(0));
  EXPECT_EQ(clock.Time(), At(50));
}

TEST_F(SourceClockTest, WaitsForASplitThatHasRowsToReadThoughNoneCameYet) {
  SourceClock clock = Clock(2);
  Rows(clock, 0, 50);
  clock.OnWaiting(1, false, Second(0));
  EXPECT_EQ(clock.Time().watermark, kMinEventTime);
}

TEST_F(SourceClockTest, LeavesOutASplitThatHasBeenQuietForLong) {
  SourceClock clock = Clock(2, {.idle_after = seconds(60)});
  Rows(clock, 0, 50);
  Rows(clock, 1, 20);
  clock.OnWaiting(1, true, Second(100));
  EXPECT_EQ(clock.next_idle(), Second(160));
  clock.OnWaiting(1, true, Second(159));
  EXPECT_EQ(clock.Time(), At(20));
  EXPECT_THAT(clock.TakeNewlyIdle(), IsEmpty());
  clock.OnWaiting(1, true, Second(160));
  EXPECT_EQ(clock.Time(), At(50));
  EXPECT_THAT(clock.TakeNewlyIdle(), ElementsAre(1));
}

TEST_F(SourceClockTest, DoesNotTakeASplitForQuietThatWasNotReadToItsEnd) {
  SourceClock clock = Clock(1, {.idle_after = seconds(60)});
  Rows(clock, 0, 20);
  clock.OnWaiting(0, false, Second(0));
  clock.OnWaiting(0, false, Second(1000));
  EXPECT_FALSE(clock.Time().idle);
}

TEST_F(SourceClockTest, ASplitThatWakesIsLateBehindTheOthers) {
  SourceClock clock = Clock(2);
  clock.OnWaiting(1, true, Second(0));
  Rows(clock, 0, 50);
  EXPECT_EQ(clock.Time(), At(50));
  EXPECT_THAT(Rows(clock, 1, 45), ElementsAre(EventTime{50}));
  EXPECT_THAT(Rows(clock, 1, 60), IsEmpty());
  EXPECT_EQ(clock.Time(), At(50));
}

TEST_F(SourceClockTest, ASplitThatWakesIsLateBehindTheSourcesOtherTasks) {
  SourceClock clock = Clock(1);
  clock.OnWaiting(0, true, Second(0));
  EXPECT_TRUE(clock.Time().idle);
  EXPECT_THAT(Rows(clock, 0, 45, EventTime{80}), ElementsAre(EventTime{80}));
}

TEST_F(SourceClockTest, ASplitAtItsEndHoldsTimeOnlyWhereALaterRunGoesOn) {
  SourceClock stops = Clock(2, {.ended_splits_hold = true});
  SourceClock drains = Clock(2);
  for (SourceClock* clock : {&stops, &drains}) {
    Rows(*clock, 0, 20);
    Rows(*clock, 1, 50);
    clock->OnEnded(0);
  }
  EXPECT_EQ(stops.Time(), At(20));
  EXPECT_EQ(drains.Time(), At(50));
}

TEST_F(SourceClockTest, KeepsInAPositionWhatARestartNeeds) {
  SourceClock before = Clock(1, {.policy = {.disorder_ms = 5, .new_row_policy = nullptr}});
  Rows(before, 0, 50);
  Position position;
  before.Describe(0, position);
  SourceClock after({.policy = {.disorder_ms = 5, .new_row_policy = nullptr}});
  after.Add(position);
  EXPECT_EQ(after.Time(), At(45));
  EXPECT_THAT(Rows(after, 0, 44), ElementsAre(EventTime{45}));
}

TEST_F(SourceClockTest, ASplitThatWasIdleIsWaitedForAfterARestartUntilItIsKnownToHaveNoRows) {
  SourceClock clock({.idle_after = seconds(60)});
  clock.Add({});
  clock.Add(kWasIdle);
  clock.Add(kWasIdle);
  Rows(clock, 0, 90);
  EXPECT_EQ(clock.Time(), At(50));
  EXPECT_THAT(Rows(clock, 1, 60), IsEmpty()) << "nothing had passed it";
  clock.OnWaiting(2, false, Second(0));
  EXPECT_FALSE(clock.TimeOf(2).idle);
  clock.OnWaiting(2, true, Second(0));
  EXPECT_TRUE(clock.TimeOf(2).idle) << "at once, as it was";
  EXPECT_EQ(clock.Time(), At(60));
}

TEST_F(SourceClockTest, ASplitThatWasIdleAndHasRowsAfterARestartIsQuietAgainOnlyAfterAWhile) {
  SourceClock clock({.idle_after = seconds(60)});
  clock.Add(kWasIdle);
  Rows(clock, 0, 60);
  clock.OnWaiting(0, true, Second(0));
  EXPECT_FALSE(clock.TimeOf(0).idle);
}

TEST_F(SourceClockTest, AsksToBeLookedAtForNoSplitThatHasMoreToRead) {
  SourceClock clock = Clock(1, {.idle_after = seconds(60)});
  Rows(clock, 0, 20);
  clock.OnWaiting(0, true, Second(0));
  EXPECT_EQ(clock.next_idle(), Second(60));
  clock.OnWaiting(0, false, Second(50));
  EXPECT_EQ(clock.next_idle(), Instant::max());
  clock.OnWaiting(0, true, Second(80));
  EXPECT_EQ(clock.next_idle(), Second(140)) << "what could not be read was no silence";
}

TEST_F(SourceClockTest, AnIdleSplitHoldsNobodyBackThoughItHasMoreToRead) {
  SourceClock clock = Clock(2, {.idle_after = seconds(60)});
  Rows(clock, 0, 20);
  Rows(clock, 1, 30);
  clock.OnWaiting(0, true, Second(0));
  clock.OnWaiting(0, true, Second(60));
  clock.OnWaiting(0, false, Second(70));
  EXPECT_EQ(clock.SlowestWithMore(), EventTime{30});
}

TEST_F(SourceClockTest, OnlySplitsWithMoreToReadHoldOthersBack) {
  SourceClock clock = Clock(3);
  EXPECT_EQ(clock.SlowestWithMore(), kMaxEventTime);
  Rows(clock, 0, 20);
  Rows(clock, 1, 30);
  Rows(clock, 2, 40);
  EXPECT_EQ(clock.SlowestWithMore(), EventTime{20});
  clock.OnWaiting(0, true, Second(0));
  EXPECT_EQ(clock.SlowestWithMore(), EventTime{30});
  clock.OnEnded(1);
  EXPECT_EQ(clock.SlowestWithMore(), EventTime{40});
}

}  // namespace
}  // namespace weir::internal
