// The operators alone: any batch size, any parallelism, watermarks and restores at any pause, against the definition.
#include <gtest/gtest.h>

#include "connectors/generator/generator.h"
#include "tests/support/run_scale.h"
#include "tests/unit/window/window_chain.h"
#include "tests/unit/window/window_job.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

WindowResult ToResult(int64_t key, Window window, const CountAndSumOfRows& totals) {
  return {key, window.start, window.end, totals.count, totals.sum};
}

template <class W>
Pipeline Windows(W window) {
  Pipeline pipeline{"windows"};
  Clicks(pipeline).KeyBy(&Click::key).Window(window).Aggregate("window", CountAndSum(&Click::value), ToResult);
  return pipeline;
}

/// Reads splits at random, each with its own clock as a source has it, and passes on the least watermark now and then.
class SplitReader {
 public:
  SplitReader(const Partitions& splits, uint64_t seed) : splits_(splits), random_(seed), next_(splits.size()),
                                                         greatest_(splits.size(), INT64_MIN) {}

  /// `restart_every`: of the pauses; 0 never.
  void ReadAll(WindowChain& chain, uint64_t restart_every) {
    for (uint64_t pause = 1; left() > 0; ++pause) {
      ReadSome(chain);
      if (random_.Below(3) == 0) chain.PassWatermark(EventTime{Watermark()});
      if (random_.Below(5) == 0) chain.Barrier();
      if (restart_every > 0 && pause % restart_every == 0) chain.Restart();
    }
    chain.PassWatermark(kMaxEventTime);
  }

 private:
  size_t left() const {
    size_t sum = 0;
    for (size_t i = 0; i < splits_.size(); ++i) sum += splits_[i].size() - next_[i];
    return sum;
  }
  void ReadSome(WindowChain& chain) {
    const size_t split = random_.Below(splits_.size());
    std::vector<Click> rows;
    std::vector<EventTime> late;
    for (uint64_t n = random_.Below(60); n > 0 && next_[split] < splits_[split].size(); --n) {
      const Click& click = splits_[split][next_[split]++];
      const bool behind = greatest_[split] != INT64_MIN && click.time < greatest_[split] - kDisorderMs;
      late.push_back(behind ? EventTime{greatest_[split] - kDisorderMs} : kMinEventTime);
      greatest_[split] = std::max(greatest_[split], click.time);
      rows.push_back(click);
    }
    chain.Feed(std::move(rows), std::move(late), split);
  }
  int64_t Watermark() const {
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < splits_.size(); ++i) {
      if (greatest_[i] == INT64_MIN) return INT64_MIN;
      if (next_[i] < splits_[i].size()) least = std::min(least, greatest_[i] - kDisorderMs);
    }
    return least == INT64_MAX ? INT64_MIN : least;
  }

  const Partitions& splits_;
  SeededRandom random_;
  std::vector<size_t> next_;
  std::vector<int64_t> greatest_;
};

struct Shape {
  uint32_t parallelism;
  size_t batch_rows;
  uint64_t restart_every;
};

class WindowChainTest : public testing::TestWithParam<Shape> {
 protected:
  template <class W>
  void Check(W window, const Partitions& clicks, const Reference& wanted, uint64_t seed) {
    const Pipeline pipeline = Windows(window);
    WindowChain chain(pipeline.graph(), "window", {GetParam().parallelism, GetParam().batch_rows});
    const uint64_t bytes = chain.bytes();
    SplitReader(clicks, seed).ReadAll(chain, GetParam().restart_every);
    std::vector<WindowResult> found = chain.Results();
    CheckOrder(found);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found == wanted.results, true) << "seed " << seed << ": " << found.size() << " results, wanted "
                                             << wanted.results.size();
    std::vector<int64_t> late;
    for (const Click& click : chain.LateRows()) late.push_back(click.value);
    std::sort(late.begin(), late.end());
    EXPECT_EQ(late, wanted.late) << "seed " << seed;
    EXPECT_EQ(chain.late_parts(), 0u);
    EXPECT_EQ(chain.keys(), 0u) << "seed " << seed;
    // The map of sessions keeps the room that it had; slices go with theirs, once no snapshot needs them.
    if constexpr (!std::is_same_v<W, Session>) {
      chain.FinishSaving();
      chain.PassWatermark(kMaxEventTime);
      EXPECT_EQ(chain.bytes(), bytes) << "seed " << seed;
    }
  }
  /// The windows of a key come in the order of their ends.
  static void CheckOrder(const std::vector<WindowResult>& results) {
    std::map<int64_t, int64_t> last_end;
    for (const WindowResult& result : results) {
      const auto [at, fresh] = last_end.try_emplace(result.key, result.end);
      EXPECT_TRUE(fresh || at->second < result.end) << "key " << result.key;
      at->second = result.end;
    }
  }
};

TEST_P(WindowChainTest, AnyInterleavingGivesWhatTheDefinitionSays) {
  for (uint64_t seed = 1; seed <= ModelSeeds(10); ++seed) {
    const Partitions clicks = RandomClicks(seed, 600, static_cast<int64_t>(1 + seed * 7), kStart, 5);
    Check(Tumbling{milliseconds(50), milliseconds(7)}, clicks,
          TimeWindows(clicks, kDisorderMs, [](int64_t t) { return SlidingWindowsOf(t, 50, 50, 7); }), seed);
    Check(Sliding{milliseconds(60), milliseconds(20)}, clicks,
          TimeWindows(clicks, kDisorderMs, [](int64_t t) { return SlidingWindowsOf(t, 60, 20, 0); }), seed);
    Check(Cumulating{milliseconds(100), milliseconds(25)}, clicks,
          TimeWindows(clicks, kDisorderMs, [](int64_t t) { return CumulatingWindowsOf(t, 100, 25); }), seed);
    Check(Session{milliseconds(25)}, clicks, Sessions(clicks, kDisorderMs, 25), seed);
    Check(Session{milliseconds(120)}, clicks, Sessions(clicks, kDisorderMs, 120), seed);
  }
}

INSTANTIATE_TEST_SUITE_P(All, WindowChainTest,
                         testing::Values(Shape{1, 1, 0}, Shape{1, 7, 1}, Shape{2, 1024, 3}, Shape{4, 7, 2},
                                         Shape{1, 1024, 0}),
                         [](const auto& shape) {
                           return "Parallelism" + std::to_string(shape.param.parallelism) + "Batch" +
                                  std::to_string(shape.param.batch_rows) + "RestartEvery" +
                                  std::to_string(shape.param.restart_every);
                         });

TEST(WindowFiring, FiresManyKeysInSmallSteps) {
  const Pipeline pipeline = Windows(Sliding{milliseconds(100), milliseconds(50)});
  WindowChain chain(pipeline.graph(), "window", {1, 1024});
  std::vector<Click> clicks;
  for (int64_t key = 0; key < 50'000; ++key) clicks.push_back({key, kStart + key % 2 * 50, key});
  chain.Feed(clicks, std::vector<EventTime>(clicks.size(), kMinEventTime), 0);
  chain.PassWatermark(kMaxEventTime);
  EXPECT_EQ(chain.Results().size(), 100'000u);
  EXPECT_GE(chain.steps, 100'000u / 2048);
}

TEST(WindowFiring, PartsForAWindowThatIsOverGoToTheLedger) {
  // Only a split that had been idle can bring such rows: they are on time for their own split.
  const Pipeline pipeline = Windows(Tumbling{milliseconds(100)});
  WindowChain chain(pipeline.graph(), "window", {1, 7});
  chain.Feed({{1, kStart, 5}}, {kMinEventTime}, 0);
  chain.PassWatermark(EventTime{kStart + 1000});
  chain.Restart();
  chain.Feed({{1, kStart, 6}, {1, kStart, 7}}, {kMinEventTime, kMinEventTime}, 0);
  chain.PassWatermark(kMaxEventTime);
  EXPECT_EQ(chain.Results().size(), 1u);
  ASSERT_EQ(chain.late_parts(), 1u);
  EXPECT_GT(chain.out().late[0]->times[0].millis, kStart - 100);
  EXPECT_EQ(chain.out().late[0]->late.at(0).millis, (kStart + 1000) / 100 * 100) << "the last window that has fired";
}

TEST(WindowFiring, PartsOfASessionThatIsOverSayWhatHasPassedThem) {
  const Pipeline pipeline = Windows(Session{milliseconds(100)});
  WindowChain chain(pipeline.graph(), "window", {1, 7});
  chain.PassWatermark(EventTime{kStart + 1000});
  chain.Restart();
  chain.Feed({{1, kStart, 6}}, {kMinEventTime}, 0);
  chain.PassWatermark(kMaxEventTime);
  ASSERT_EQ(chain.late_parts(), 1u);
  EXPECT_EQ(chain.out().late[0]->late.at(0), EventTime{kStart + 1000});
}

int64_t RowsInLateParts(const WindowChain& chain) {
  int64_t rows = 0;
  for (const BatchPtr& batch : chain.out().late) {
    for (const internal::LatePart& part : static_cast<const Batch<internal::LatePart>&>(*batch).rows) rows += part.rows;
  }
  return rows;
}

TEST(SessionParts, NeverHoldRowsOfBothSidesOfTheLastWatermark) {
  const Pipeline pipeline = Windows(Session{milliseconds(300)});
  for (const bool restarted : {false, true}) {
    WindowChain chain(pipeline.graph(), "window", {1, 7});
    chain.PassWatermark(EventTime{kStart + 1000});
    if (restarted) chain.Restart();
    // Of a split that had been idle: on time for it.
    chain.Feed({{1, kStart + 900, 5}, {1, kStart + 1100, 6}, {1, kStart + 1000, 7}}, std::vector(3, kMinEventTime), 0);
    chain.PassWatermark(kMaxEventTime);
    EXPECT_EQ(chain.Results(), (std::vector<WindowResult>{{1, kStart + 1000, kStart + 1400, 2, 13}})) << restarted;
    EXPECT_EQ(RowsInLateParts(chain), 1) << restarted;
  }
}

TEST(SessionParts, ThatAreLateGoWholeAndSayHowManyRowsTheyHold) {
  const Pipeline pipeline = Windows(Session{milliseconds(300)});
  WindowChain chain(pipeline.graph(), "window", {1, 7});
  chain.PassWatermark(EventTime{kStart});
  // Of another task, which the one of these rows did not hear of.
  chain.PassWatermarkBehindTheExchange(EventTime{kStart + 1000});
  chain.Feed({{1, kStart + 900, 5}, {1, kStart + 1100, 6}, {1, kStart + 1500, 7}}, std::vector(3, kMinEventTime), 0);
  chain.PassWatermark(kMaxEventTime);
  EXPECT_EQ(chain.Results(), (std::vector<WindowResult>{{1, kStart + 1500, kStart + 1800, 1, 7}}));
  EXPECT_EQ(RowsInLateParts(chain), 2);
}

TEST(WindowFiring, UpdatesOfAWindowThatHadFiredAreLateAlsoBeforeTheFirstWatermarkOfARestart) {
  Pipeline pipeline{"updates"};
  Clicks(pipeline).KeyBy(&Click::key).Window(Tumbling{milliseconds(100)}).LateUpdates(milliseconds(10'000))
      .Aggregate("window", CountAndSum(&Click::value), ToResult);
  WindowChain chain(pipeline.graph(), "window", {1, 7});
  chain.Feed({{1, kStart, 5}}, {kMinEventTime}, 0);
  chain.PassWatermark(EventTime{kStart + 1000});
  ASSERT_EQ(chain.Results().size(), 1u);
  chain.Restart();
  chain.Feed({{1, kStart, 6}}, {EventTime{kStart + 1000}}, 0);
  chain.PassWatermark(EventTime{kStart + 1001});
  ASSERT_EQ(chain.Results().size(), 2u);
  EXPECT_EQ(chain.Results()[1].sum, 11);
  const BatchBase& update = *chain.out().main.back();
  ASSERT_TRUE(update.is_late(0));
  EXPECT_GT(update.late[0], update.times[0]);
}

}  // namespace
}  // namespace weir::test
