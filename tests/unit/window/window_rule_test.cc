// Which windows a time belongs to, and what is refused with which words.
#include "operators/window/window_rule.h"

#include <gmock/gmock.h>

#include "tests/unit/window/window_reference.h"

namespace weir::internal {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using namespace std::chrono_literals;

/// All windows of a time, found by the rule: those that end with a slice and contain the time's slice.
std::vector<std::pair<int64_t, int64_t>> WindowsOf(const WindowRule& rule, int64_t time) {
  std::vector<std::pair<int64_t, int64_t>> windows;
  const int64_t slice = rule.EndOf(time);
  for (int64_t end = slice; end <= rule.LastWindowOf(slice); end += rule.slice) windows.emplace_back(rule.StartOf(end), end);
  std::sort(windows.begin(), windows.end());
  return windows;
}

TEST(WindowRule, FindsTheWindowsThatTheDefinitionSays) {
  for (int64_t time = -150; time < 150; ++time) {
    for (const int64_t offset : {-7, 0, 3}) {
      auto wanted = test::SlidingWindowsOf(time, 20, 5, offset);
      std::sort(wanted.begin(), wanted.end());
      EXPECT_EQ(WindowsOf(WindowRule::Of(Sliding{20ms, 5ms, milliseconds(offset)}), time), wanted) << time;
      wanted = test::SlidingWindowsOf(time, 10, 10, offset);
      EXPECT_EQ(WindowsOf(WindowRule::Of(Tumbling{10ms, milliseconds(offset)}), time), wanted) << time;
    }
    auto wanted = test::CumulatingWindowsOf(time, 30, 10);
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(WindowsOf(WindowRule::Of(Cumulating{30ms, 10ms}), time), wanted) << time;
  }
}

TEST(WindowRule, FiresNothingForAWatermarkInsideASlice) {
  const WindowRule rule = WindowRule::Of(Tumbling{10ms});
  EXPECT_EQ(rule.LastEndAt(19), 10);
  EXPECT_EQ(rule.LastEndAt(20), 20);
  EXPECT_EQ(rule.LastEndAt(-1), -10);
  EXPECT_EQ(rule.LastEndAt(kMaxEventTime.millis), kMaxEventTime.millis);
  EXPECT_EQ(rule.LastEndAt(kMinEventTime.millis), kMinEventTime.millis);
}

TEST(WindowRule, RemembersTheLastSliceOnlyWhileTimesAreInIt) {
  SliceFinder finder(WindowRule::Of(Tumbling{10ms}));
  for (const int64_t time : {5, 9, 10, -1, -10, 0, 1'000'003}) {
    EXPECT_EQ(finder.EndOf(time), test::Floor(time, 10) * 10 + 10) << time;
  }
}

struct Refused {
  WindowSettings settings;
  const char* because;
};

TEST(WindowRule, RefusesWhatCannotBeMeantAndSaysWhatCan) {
  const auto late = [](WindowSettings settings, int64_t ms) { return settings.late_updates_ms = ms, settings; };
  const auto early = [](WindowSettings settings, int64_t rows) { return settings.early_rows = rows, settings; };
  const auto each = [](WindowSettings settings, milliseconds every) { return settings.early_ms = every.count(), settings; };
  const Refused all[] = {
      {{WindowRule::Of(Tumbling{0ms})}, "Tumbling{.size = 0 ms} must be positive"},
      {{WindowRule::Of(Tumbling{-5s})}, "Tumbling{.size = -5000 ms} must be positive"},
      {{WindowRule::Of(Tumbling{std::chrono::hours(24 * 366 * 200)})}, "more than a hundred years"},
      {{WindowRule::Of(Tumbling{10s, 25s})}, "the offset must be less than the size; 5000 ms means the same"},
      {{WindowRule::Of(Sliding{10s, 0s})}, "Sliding{.slide = 0 ms} must be positive"},
      {{WindowRule::Of(Sliding{10s, 3s})}, "does not divide the size; the nearest that does is 2500 ms"},
      {{WindowRule::Of(Sliding{10s, 20s})}, "make it 10000 ms, or at most that"},
      {{WindowRule::Of(Sliding{std::chrono::hours(24), 1ms})}, "a window of 86400000 slices; make the slide at least 864 ms"},
      {{WindowRule::Of(Sliding{10s, 2s, -10s})}, "the offset must be less than the size"},
      {{WindowRule::Of(Cumulating{60s, 7s})}, "the step does not divide the size; the nearest that does is 7500 ms"},
      {{WindowRule::Of(Cumulating{60s, -1s})}, "Cumulating{.step = -1000 ms} must be positive"},
      {{WindowRule::Of(Session{-1s})}, "Session{.gap = -1000 ms} must be positive: say how long, for example .gap = 10s"},
      {{WindowRule::Of(Session{std::chrono::milliseconds::max()})}, "more than a hundred years: give it in the right unit"},
      {{WindowRule::Of(Session{0ms})}, "Session{.gap = 0 ms} must be positive"},
      {{WindowRule::Of(CountWindow{0})}, "CountWindow{.rows = 0} must be positive"},
      {{WindowRule::Of(CountWindow{10, 3})}, "the slide does not divide the rows; the nearest that does is 2 rows"},
      {{WindowRule::Of(CountWindow{10, -1})}, "CountWindow{.slide = -1 rows} must be positive"},
      {late({WindowRule::Of(Session{1s})}, 1000), "a Session has no window that a late row could update"},
      {late({WindowRule::Of(Tumbling{1s})}, -1), "LateUpdates(-1 ms)"},
      {early({WindowRule::Of(Session{1s})}, 5), "EarlyEvery is for windows of a fixed size and for Global"},
      {early({WindowRule::Of(Tumbling{1s})}, -1), "EarlyEvery(-1): give a positive number of rows"},
      {each({WindowRule::Of(Tumbling{1s})}, -1ms), "EarlyEvery(-1 ms)"},
      {each({WindowRule::Of(Tumbling{1s})}, milliseconds::max()), "at most a hundred years"},
  };
  for (const Refused& refused : all) EXPECT_THAT(refused.settings.Problem(), HasSubstr(refused.because));
}

TEST(WindowRule, TakesWhatMakesSense) {
  EXPECT_EQ(WindowSettings{WindowRule::Of(Tumbling{1ms})}.Problem(), "");
  EXPECT_EQ(WindowSettings{WindowRule::Of(Sliding{10s, 2s, 1s})}.Problem(), "");
  EXPECT_EQ(WindowSettings{WindowRule::Of(Cumulating{std::chrono::hours(24), std::chrono::hours(1)})}.Problem(), "");
  EXPECT_EQ(WindowSettings{WindowRule::Of(CountWindow{10})}.Problem(), "");
  EXPECT_EQ(WindowSettings{WindowRule::Of(Global{})}.Problem(), "");
}

}  // namespace
}  // namespace weir::internal
