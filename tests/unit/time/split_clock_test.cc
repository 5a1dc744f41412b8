#include "runtime/time/split_clock.h"

#include <gmock/gmock.h>

namespace weir::internal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr EventTime kOnTime = kMinEventTime;

const void* NoRow(size_t) { return nullptr; }

std::vector<EventTime> Times(std::initializer_list<int64_t> millis) {
  std::vector<EventTime> times;
  for (const int64_t at : millis) times.push_back(EventTime{at});
  return times;
}

std::vector<EventTime> LateOf(SplitClock& clock, std::initializer_list<int64_t> millis) {
  std::vector<EventTime> late;
  EXPECT_TRUE(clock.Observe(Times(millis), NoRow, late).ok());
  return late;
}

SplitClock Bounded(int64_t disorder_ms) { return {TimePolicy{disorder_ms, nullptr}, kMinEventTime, kMinEventTime}; }

TEST(SplitClock, MarksARowThatIsFurtherBehindThanTheDisorder) {
  SplitClock clock = Bounded(5);
  EXPECT_THAT(LateOf(clock, {100, 95, 94, 101}), ElementsAre(kOnTime, kOnTime, EventTime{95}, kOnTime));
  EXPECT_EQ(clock.watermark(), EventTime{96});
  EXPECT_EQ(clock.greatest(), EventTime{101});
}

TEST(SplitClock, HasNoColumnOfLateRowsWhereNoneIs) {
  SplitClock clock = Bounded(0);
  EXPECT_THAT(LateOf(clock, {1, 2, 2, 3}), IsEmpty());
}

TEST(SplitClock, JudgesARowByThoseBeforeItHoweverTheyAreRead) {
  SplitClock at_once = Bounded(3);
  SplitClock one_by_one = Bounded(3);
  const std::vector<EventTime> whole = LateOf(at_once, {10, 4, 20, 16, 17});
  std::vector<EventTime> parts;
  for (const int64_t at : {10, 4, 20, 16, 17}) {
    const std::vector<EventTime> late = LateOf(one_by_one, {at});
    parts.push_back(late.empty() ? kOnTime : late.front());
  }
  EXPECT_EQ(parts, whole);
}

TEST(SplitClock, GoesOnFromWhereACheckpointLeftIt) {
  SplitClock before = Bounded(5);
  LateOf(before, {100});
  SplitClock after(TimePolicy{5, nullptr}, before.greatest(), before.watermark());
  EXPECT_THAT(LateOf(after, {94}), ElementsAre(EventTime{95}));
}

TEST(SplitClock, FollowsAPolicyOfTheUsers) {
  // A watermark only at every second row.
  TimePolicy policy;
  policy.new_row_policy = [] {
    return [count = 0, said = kMinEventTime](const void*, EventTime time) mutable {
      if (++count % 2 == 0) said = time;
      return said;
    };
  };
  SplitClock clock(policy, kMinEventTime, kMinEventTime);
  EXPECT_THAT(LateOf(clock, {5, 7, 6, 9}), ElementsAre(kOnTime, kOnTime, EventTime{7}, kOnTime));
  EXPECT_EQ(clock.watermark(), EventTime{9});
}

TEST(SplitClock, RefusesAPolicyThatGoesBack) {
  TimePolicy policy;
  policy.new_row_policy = [] { return [](const void*, EventTime time) { return time; }; };
  SplitClock clock(policy, kMinEventTime, kMinEventTime);
  std::vector<EventTime> late;
  const Status status = clock.Observe(Times({10, 8}), NoRow, late);
  EXPECT_EQ(status.code(), Code::kUserError);
  EXPECT_THAT(status.message(), testing::AllOf(HasSubstr("from 10 to 8"), HasSubstr("return the greatest one so far")));
}

TEST(SplitClock, RefusesAPolicyThatEndsTime) {
  for (const int64_t said : {kMaxEventTime.millis, kEventTimeMillisMax + 1}) {
    TimePolicy policy;
    policy.new_row_policy = [said] { return [said](const void*, EventTime) { return EventTime{said}; }; };
    SplitClock clock(policy, kMinEventTime, kMinEventTime);
    std::vector<EventTime> late;
    const Status status = clock.Observe(Times({10}), NoRow, late);
    EXPECT_EQ(status.code(), Code::kUserError);
    EXPECT_THAT(status.message(), testing::AllOf(HasSubstr("at a row with event time 10"), HasSubstr("in milliseconds since 1970")));
  }
}

TEST(SplitClock, TakesAPolicyThatSaysNothingYet) {
  for (const int64_t said : {kMinEventTime.millis, -kEventTimeMillisMax - 1}) {
    TimePolicy policy;
    policy.new_row_policy = [said] { return [said](const void*, EventTime) { return EventTime{said}; }; };
    SplitClock clock(policy, kMinEventTime, kMinEventTime);
    EXPECT_THAT(LateOf(clock, {-10, 5}), IsEmpty());
    EXPECT_EQ(clock.watermark(), kMinEventTime);
  }
}

TEST(TimePolicy, RefusesADisorderThatIsNegativeOrBeyondReason) {
  EXPECT_THAT((TimePolicy{-1, nullptr}.Problem()), HasSubstr("zero or more"));
  EXPECT_THAT((TimePolicy{int64_t{1} << 50, nullptr}.Problem()), HasSubstr("is the unit right"));
  EXPECT_EQ((TimePolicy{4000, nullptr}.Problem()), "");
}

}  // namespace
}  // namespace weir::internal
