// Windows in whole jobs against their definition: any parallelism, crashes in between.
#include <gmock/gmock.h>

#include "tests/unit/window/window_job.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

WindowResult ToResult(int64_t key, Window window, const CountAndSumOfRows& totals) {
  return {key, window.start, window.end, totals.count, totals.sum};
}

template <class W>
Pipeline Windows(W window, bool whole) {
  Pipeline pipeline{"windows"};
  const auto finish = [&](const auto& results) {
    SinkTo(results, "results");
    SinkTo(results.LateOutput().Map([](const Click& click) { return LateValue{click.value}; }), "late");
  };
  const auto clicks = Clicks(pipeline);
  if (whole) {
    finish(clicks.Window(window).Aggregate("totals", CountAndSum(&Click::value),
                                           [](Window w, const CountAndSumOfRows& t) { return ToResult(0, w, t); }));
  } else {
    finish(clicks.KeyBy(&Click::key).Window(window).Aggregate("totals", CountAndSum(&Click::value), ToResult));
  }
  return pipeline;
}

struct Case {
  uint32_t parallelism;
  int crashes;
};

class WindowResultsTest : public testing::TestWithParam<Case> {
 protected:
  template <class W>
  Reference Run(W window, const Partitions& clicks, uint64_t seed, bool whole = false) {
    return RunWindows(Windows(window, whole), clicks,
                      {.parallelism = GetParam().parallelism, .seed = seed, .crashes = GetParam().crashes});
  }
  void ExpectSame(const Reference& found, const Reference& wanted) {
    EXPECT_EQ(found.late, wanted.late);
    EXPECT_GT(wanted.late.size(), 10u);
    EXPECT_GT(wanted.results.size(), 50u);
    ASSERT_EQ(found.results.size(), wanted.results.size());
    for (size_t i = 0; i < found.results.size(); ++i) {
      const WindowResult& f = found.results[i];
      const WindowResult& w = wanted.results[i];
      ASSERT_EQ(f, w) << "result " << i << ": key " << f.key << " [" << f.start << ", " << f.end << ") " << f.count
                      << " rows, wanted key " << w.key << " [" << w.start << ", " << w.end << ") " << w.count;
    }
  }
};

TEST_P(WindowResultsTest, TumblingWindowsCountEachRowOnce) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const Partitions clicks = RandomClicks(seed, 2000, 20);
    ExpectSame(Run(Tumbling{.size = milliseconds(50), .offset = milliseconds(7)}, clicks, seed),
               TimeWindows(clicks, kDisorderMs, [](int64_t t) { return SlidingWindowsOf(t, 50, 50, 7); }));
  }
}

TEST_P(WindowResultsTest, SlidingWindowsCountEachRowInAllOfItsWindows) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const Partitions clicks = RandomClicks(seed + 10, 2000, 20);
    ExpectSame(Run(Sliding{.size = milliseconds(60), .slide = milliseconds(20)}, clicks, seed),
               TimeWindows(clicks, kDisorderMs, [](int64_t t) { return SlidingWindowsOf(t, 60, 20, 0); }));
  }
}

TEST_P(WindowResultsTest, CumulatingWindowsGrowUntilTheyBeginAgain) {
  const Partitions clicks = RandomClicks(21, 2000, 20);
  ExpectSame(Run(Cumulating{.size = milliseconds(100), .step = milliseconds(25)}, clicks, 1),
             TimeWindows(clicks, kDisorderMs, [](int64_t t) { return CumulatingWindowsOf(t, 100, 25); }));
}

TEST_P(WindowResultsTest, SessionsEndWhereAGapBegins) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const Partitions clicks = RandomClicks(seed + 30, 2000, 40);
    ExpectSame(Run(Session{.gap = milliseconds(25)}, clicks, seed), Sessions(clicks, kDisorderMs, 25));
  }
}

TEST_P(WindowResultsTest, WindowsOfTheWholeStreamNeedNoKey) {
  Partitions clicks = RandomClicks(41, 2000, 1);
  ExpectSame(Run(Sliding{.size = milliseconds(60), .slide = milliseconds(20)}, clicks, 1, true),
             TimeWindows(clicks, kDisorderMs, [](int64_t t) { return SlidingWindowsOf(t, 60, 20, 0); }));
  ExpectSame(Run(Session{.gap = milliseconds(3)}, clicks, 1, true), Sessions(clicks, kDisorderMs, 3));
}

TEST_P(WindowResultsTest, TimesBefore1970AreTimesLikeOthers) {
  const Partitions clicks = RandomClicks(51, 2000, 20, -400);
  ExpectSame(Run(Sliding{.size = milliseconds(60), .slide = milliseconds(20)}, clicks, 1),
             TimeWindows(clicks, kDisorderMs, [](int64_t t) { return SlidingWindowsOf(t, 60, 20, 0); }));
  ExpectSame(Run(Session{.gap = milliseconds(25)}, clicks, 1), Sessions(clicks, kDisorderMs, 25));
}

INSTANTIATE_TEST_SUITE_P(All, WindowResultsTest,
                         testing::Values(Case{1, 0}, Case{2, 0}, Case{4, 0}, Case{1, 3}, Case{3, 4}),
                         [](const auto& shape) {
                           return "Parallelism" + std::to_string(shape.param.parallelism) + "Crashes" +
                                  std::to_string(shape.param.crashes);
                         });

}  // namespace
}  // namespace weir::test
