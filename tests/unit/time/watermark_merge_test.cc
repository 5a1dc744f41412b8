#include "runtime/time/watermark_merge.h"

#include <gmock/gmock.h>

#include "tests/unit/time/path_times.h"

namespace weir {
namespace {

using testing::Eq;
using test::At;
using test::IdleAt;
using testing::Optional;

TEST(WatermarkMerge, IsTheTimeOfTheSlowestInput) {
  WatermarkMerge merge(2);
  EXPECT_EQ(merge.OnWatermark(0, EventTime{10}), std::nullopt);
  EXPECT_THAT(merge.OnWatermark(1, EventTime{7}), Optional(Eq(At(7))));
  EXPECT_EQ(merge.OnWatermark(0, EventTime{20}), std::nullopt);
  EXPECT_THAT(merge.OnWatermark(1, EventTime{12}), Optional(Eq(At(12))));
}

TEST(WatermarkMerge, LeavesAnIdleInputOut) {
  WatermarkMerge merge(2);
  merge.OnWatermark(0, EventTime{10});
  EXPECT_THAT(merge.OnIdle(1), Optional(Eq(At(10))));
}

TEST(WatermarkMerge, NeverFallsWhenAnInputWakesBehindIt) {
  WatermarkMerge merge(2);
  merge.OnIdle(1);
  merge.OnWatermark(0, EventTime{10});
  EXPECT_EQ(merge.OnWatermark(1, EventTime{3}), std::nullopt);
  EXPECT_EQ(merge.merged(), At(10));
  EXPECT_EQ(merge.OnWatermark(0, EventTime{15}), std::nullopt);
  EXPECT_THAT(merge.OnWatermark(1, EventTime{12}), Optional(Eq(At(12))));
}

TEST(WatermarkMerge, ComesToTheEndOfTimeOnlyOnceAllInputsHaveIdleOrNot) {
  WatermarkMerge merge(2);
  merge.OnWatermark(0, EventTime{10});
  merge.OnIdle(1);
  EXPECT_EQ(merge.OnWatermark(0, kMaxEventTime), std::nullopt);
  EXPECT_THAT(merge.OnWatermark(1, kMaxEventTime), Optional(Eq(PathTime{kMaxEventTime, false})));
}

TEST(WatermarkMerge, IsTheTimeOfTheFastestOnceAllAreIdle) {
  WatermarkMerge merge(2);
  merge.OnWatermark(0, EventTime{10});
  merge.OnWatermark(1, EventTime{5});
  EXPECT_EQ(merge.OnIdle(0), std::nullopt);
  EXPECT_THAT(merge.OnIdle(1), Optional(Eq(IdleAt(10))));
  EXPECT_THAT(merge.OnWatermark(0, EventTime{10}), Optional(Eq(At(10))));
}

}  // namespace
}  // namespace weir
