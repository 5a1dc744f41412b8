// Each kind of window, trigger and result in a whole job, on rows that can be checked by eye.
#include <gmock/gmock.h>

#include <map>
#include <stdexcept>

#include "tests/unit/window/window_job.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Text {
  std::string text;
};

class WindowKindsTest : public testing::TestWithParam<uint32_t> {
 protected:
  Stream<Click> Input() { return Clicks(pipeline_); }
  void Sink(const Stream<Text>& stream) { SinkTo(stream, "texts"); }
  test::Job& job() {
    if (job_ == nullptr) {
      JobOptions options{.parallelism = GetParam(), .topic_partitions = 1};
      job_ = std::make_unique<test::Job>(pipeline_, options);
    }
    return *job_;
  }
  std::vector<std::string> Texts() {
    std::vector<std::string> texts;
    for (const Text& row : job().Committed<Text>("texts")) texts.push_back(row.text);
    return texts;
  }
  /// All texts after the clicks were read and the job was drained.
  std::vector<std::string> Drained(const std::vector<Click>& clicks) {
    job().Topic("clicks").Add(clicks);
    const auto outcome = job().Stop(RunEnd::kDrain);
    EXPECT_TRUE(outcome.has_value() && outcome->status.ok()) << (outcome ? outcome->status.ToString() : "no end");
    return Texts();
  }

  Pipeline pipeline_{"kinds"};
  std::unique_ptr<test::Job> job_;
};

std::string Name(int64_t key, Window w, int64_t value) {
  return std::to_string(key) + "@" + std::to_string(w.end - kStart) + "=" + std::to_string(value);
}
Click At(int64_t key, int64_t time, int64_t value = 0) { return {key, kStart + time, value}; }
/// Begins with kStart.
constexpr std::chrono::milliseconds kOffset{kStart % 100};

TEST_P(WindowKindsTest, CountWindowsFireForEveryNumberOfRowsOfAKey) {
  Sink(Input().KeyBy(&Click::key).Window(CountWindow{.rows = 3})
           .Aggregate("sum", Sum(&Click::value), [](int64_t key, Window w, int64_t sum) {
             return Text{std::to_string(key) + "@" + std::to_string(w.start) + "-" + std::to_string(w.end) + "=" +
                         std::to_string(sum)};
           }));
  EXPECT_THAT(Drained({At(1, 0, 1), At(1, 0, 2), At(2, 0, 5), At(1, 0, 3), At(1, 0, 4), At(1, 0, 5), At(1, 0, 6)}),
              ElementsAre("1@0-3=6", "1@3-6=15"));
}

TEST_P(WindowKindsTest, SlidingCountWindowsLookAtTheLastRows) {
  Sink(Input().KeyBy(&Click::key).Window(CountWindow{.rows = 4, .slide = 2})
           .Aggregate("sum", Sum(&Click::value), [](int64_t, Window w, int64_t sum) {
             return Text{std::to_string(w.start) + "-" + std::to_string(w.end) + "=" + std::to_string(sum)};
           }));
  EXPECT_THAT(Drained({At(1, 0, 1), At(1, 0, 2), At(1, 0, 3), At(1, 0, 4), At(1, 0, 5), At(1, 0, 6), At(1, 0, 7)}),
              ElementsAre("0-2=3", "0-4=10", "2-6=18"));
}

TEST_P(WindowKindsTest, AGlobalWindowFiresEarlyAndWhenDrained) {
  Sink(Input().KeyBy(&Click::key).Window(Global{}).EarlyEvery(2)
           .Aggregate("count", Count{}, [](int64_t key, Window, int64_t count) {
             return Text{std::to_string(key) + "=" + std::to_string(count)};
           }));
  EXPECT_THAT(Drained({At(1, 0), At(1, 0), At(2, 0), At(1, 0), At(1, 0), At(1, 0)}),
              UnorderedElementsAre("1=2", "1=4", "1=5", "2=1"));
}

TEST_P(WindowKindsTest, EarlyEveryRowsShowsWhatAWindowHasSoFar) {
  Sink(Input().KeyBy(&Click::key).Window(Tumbling{100ms, kOffset}).EarlyEvery(2)
           .Aggregate("count", Count{}, [](int64_t key, Window w, int64_t count) { return Text{Name(key, w, count)}; }));
  EXPECT_THAT(Drained({At(1, 0), At(1, 5), At(1, 10), At(1, 200), At(1, 210)}),
              UnorderedElementsAre("1@100=2", "1@100=3", "1@300=2", "1@300=2"));
}

TEST_P(WindowKindsTest, EarlyEverySomeTimeShowsWhatHasChanged) {
  Sink(Input().KeyBy(&Click::key).Window(Tumbling{100ms, kOffset}).EarlyEvery(50ms)
           .Aggregate("count", Count{}, [](int64_t key, Window w, int64_t count) { return Text{Name(key, w, count)}; }));
  job().Topic("clicks").Add(std::vector<Click>{At(1, 0), At(1, 5), At(2, 7)});
  for (int i = 0; i < 200 && Texts().size() < 2; ++i) job().RunSteps(200);
  EXPECT_THAT(Texts(), UnorderedElementsAre("1@100=2", "2@100=1"));   // the watermark is nowhere near
}

TEST_P(WindowKindsTest, LateUpdatesEmitTheNewValueOfWindowsThatHadFired) {
  const auto results = Input().KeyBy(&Click::key).Window(Sliding{100ms, 50ms, kOffset}).LateUpdates(150ms)
      .Aggregate("count", Count{}, [](int64_t key, Window w, int64_t count) { return Text{Name(key, w, count)}; });
  Sink(results);
  SinkTo(results.LateOutput().Map([](const Click& click) { return LateValue{click.value}; }), "late");
  // The disorder is 40: at 250 the watermark is at 210, and the windows of the first row have fired.
  job().Topic("clicks").Add(std::vector<Click>{At(1, 60), At(1, 250)});
  job().Run();
  job().Topic("clicks").Add(std::vector<Click>{At(1, 20, 7), At(1, 61), At(1, 62)});
  job().Run();
  const std::vector<std::string> texts = Drained({});
  // The two late rows were read together, so they are one update.
  EXPECT_THAT(texts, UnorderedElementsAre("1@100=1", "1@150=1", "1@100=3", "1@150=3", "1@300=1", "1@350=1"));
  // Its first window ended at 50, 150 or more before the watermark.
  ASSERT_EQ(job().Committed<LateValue>("late").size(), 1u);
  EXPECT_EQ(job().Committed<LateValue>("late")[0].value, 7);
}

TEST_P(WindowKindsTest, WindowsByTheClockNeedNoEventTime) {
  Sink(pipeline_.Source("clicks", kafka::Source<Click>{.topic = "clicks"}).KeyBy(&Click::key)
           .Window(Tumbling{10s}.OnProcessingTime())
           .Aggregate("count", Count{}, [](int64_t key, Window, int64_t count) {
             return Text{std::to_string(key) + "=" + std::to_string(count)};
           }));
  EXPECT_THAT(Drained({At(1, 0), At(2, 9000), At(1, -100)}), AnyOf(UnorderedElementsAre("1=2", "2=1"),
                                                                    UnorderedElementsAre("1=1", "1=1", "2=1")));
}

TEST_P(WindowKindsTest, ProcessGetsAllRowsOfAWindow) {
  Sink(Input().KeyBy(&Click::key).Window(Tumbling{100ms, kOffset})
           .Process<Text>("rows", [](int64_t key, Window w, std::span<const Click> rows, Collector<Text>& out) {
             int64_t product = 1;
             for (const Click& row : rows) product *= row.value;
             out.Emit({Name(key, w, product)});
             if (rows.size() > 2) out.Emit({"many"});
           }));
  EXPECT_THAT(Drained({At(1, 0, 2), At(1, 3, 3), At(2, 5, 7), At(1, 99, 5), At(1, 100, 4)}),
              UnorderedElementsAre("1@100=30", "many", "2@100=7", "1@200=4"));
}

TEST_P(WindowKindsTest, ReduceFoldsTheRowsOfAWindow) {
  const auto greater = [](Click& kept, const Click& next) {
    if (next.value > kept.value) kept = next;
  };
  const auto windows = Input().KeyBy(&Click::key).Window(Sliding{100ms, 50ms, kOffset});
  Sink(windows.Reduce("max", greater, [](int64_t key, Window w, const Click& row) { return Text{Name(key, w, row.value)}; }));
  EXPECT_THAT(Drained({At(1, 0, 2), At(1, 3, 9), At(1, 60, 5)}),
              UnorderedElementsAre("1@50=9", "1@100=9", "1@150=5"));
}

/// Cannot merge: the order of its rows is part of the result.
struct Longest {
  struct Accumulator {
    int64_t last = 0;
    int64_t rising = 0;
  };
  void Add(Accumulator& a, const Click& row) const {
    if (row.value > a.last) ++a.rising;
    a.last = row.value;
  }
  int64_t Get(const Accumulator& a) const { return a.rising; }
};

TEST_P(WindowKindsTest, AnAggregatorWithoutMergeGetsTheRowsWhenTheWindowFires) {
  Sink(Input().KeyBy(&Click::key).Window(Tumbling{100ms, kOffset})
           .Aggregate("rising", Longest{}, [](int64_t key, Window w, int64_t n) { return Text{Name(key, w, n)}; }));
  EXPECT_THAT(Drained({At(1, 0, 1), At(1, 3, 3), At(1, 5, 2), At(1, 6, 4)}), ElementsAre("1@100=3"));
}

TEST_P(WindowKindsTest, SeveralAggregatorsLookAtTheSameRows) {
  using Found = std::tuple<int64_t, double, int64_t, std::vector<Click>>;
  Sink(Input().KeyBy(&Click::key).Window(Sliding{100ms, 50ms, kOffset})
           .Aggregate("all", Several(Count{}, Avg(&Click::value), Distinct(&Click::value), TopK(&Click::value, 2)),
                      [](int64_t, Window w, const Found& found) {
                        const auto& [count, average, distinct, best] = found;
                        std::string text = std::to_string(w.end - kStart) + ":" + std::to_string(count) + "," +
                                           std::to_string(static_cast<int64_t>(average * 10)) + "," +
                                           std::to_string(distinct);
                        for (const Click& click : best) text += "," + std::to_string(click.value);
                        return Text{text};
                      }));
  EXPECT_THAT(Drained({At(1, 0, 4), At(1, 3, 9), At(1, 60, 4), At(1, 61, 5)}),
              UnorderedElementsAre("50:2,65,2,9,4", "100:4,55,3,9,5", "150:2,45,2,5,4"));
}

TEST_P(WindowKindsTest, AFunctionThatThrowsIsNamedWithItsWindowAndKey) {
  Sink(Input().KeyBy(&Click::key).Window(Tumbling{100ms}).Aggregate("count", Count{}, [](int64_t, Window, int64_t) -> Text {
    throw std::runtime_error("no such auction");
  }));
  job().Topic("clicks").Add(At(17, 0));
  const auto outcome = job().Stop(RunEnd::kDrain);
  ASSERT_TRUE(outcome.has_value());
  const std::string text = outcome->status.ToString();
  EXPECT_THAT(text, HasSubstr("operator count"));
  EXPECT_THAT(text, HasSubstr("of key 17: no such auction"));
}

INSTANTIATE_TEST_SUITE_P(Parallelism, WindowKindsTest, testing::Values(1u, 3u));

/// What `plan` says: the class of the operator `id`, and what is wrong.
Repeatability ClassOf(const Pipeline& pipeline, const std::string& id) {
  for (const GraphNode& node : pipeline.graph().nodes) {
    if (node.id == id) return node.repeatability;
  }
  return Repeatability::kNone;
}

struct Price {
  int64_t key = 0;
  double amount = 0;
};

TEST(WindowClasses, PlanSaysHowFarAResultRepeats) {
  Pipeline pipeline{"classes"};
  const auto windows = Clicks(pipeline).KeyBy(&Click::key).Window(Tumbling{1s});
  const auto text = [](int64_t, Window, int64_t) { return Text{}; };
  windows.Aggregate("plain", Count{}, text);
  windows.EarlyEvery(10).Aggregate("early", Count{}, text);
  windows.EarlyEvery(10ms).Aggregate("early-by-the-clock", Count{}, text);
  windows.LateUpdates(1s).Aggregate("updates", Count{}, text);
  windows.Process<Text>("process", [](int64_t, Window, std::span<const Click>, Collector<Text>&) {});
  Clicks(pipeline).KeyBy(&Click::key).Window(Tumbling{1s}.OnProcessingTime()).Aggregate("clock", Count{}, text);
  Clicks(pipeline).KeyBy(&Click::key).Window(CountWindow{5}).Aggregate("rows", Count{}, text);
  const auto prices = Clicks(pipeline).Map([](const Click& c) { return Price{c.key, 0.5}; }).KeyBy(&Price::key);
  const auto price = [](int64_t, Window, double) { return Text{}; };
  prices.Window(Tumbling{1s}).Aggregate("sum-of-doubles", Sum(&Price::amount), price);
  prices.Window(Tumbling{1s}).Aggregate("max-of-doubles", Max(&Price::amount), price);
  EXPECT_EQ(ClassOf(pipeline, "plain"), Repeatability::kExact);
  EXPECT_EQ(ClassOf(pipeline, "early"), Repeatability::kArrival);
  EXPECT_EQ(ClassOf(pipeline, "early-by-the-clock"), Repeatability::kNone);
  EXPECT_EQ(ClassOf(pipeline, "updates"), Repeatability::kFinalValue);
  EXPECT_EQ(ClassOf(pipeline, "process"), Repeatability::kArrival);
  EXPECT_EQ(ClassOf(pipeline, "clock"), Repeatability::kNone);
  EXPECT_EQ(ClassOf(pipeline, "rows"), Repeatability::kArrival);
  EXPECT_EQ(ClassOf(pipeline, "sum-of-doubles"), Repeatability::kArrival);
  EXPECT_EQ(ClassOf(pipeline, "max-of-doubles"), Repeatability::kExact);
}

TEST(WindowClasses, AWindowThatMakesNoSenseIsAProblemOfThePipeline) {
  Pipeline pipeline{"problems"};
  SinkTo(Clicks(pipeline).KeyBy(&Click::key).Window(Sliding{10s, 3s})
             .Aggregate("hot", Count{}, [](int64_t, Window, int64_t) { return Text{}; }), "texts");
  EXPECT_THAT(pipeline.graph().Problems(), Contains(HasSubstr("window_aggregate 'hot': Sliding{.size = 10000 ms, .slide = "
                                                              "3000 ms}: the slide does not divide the size")));
}

}  // namespace
}  // namespace weir::test
