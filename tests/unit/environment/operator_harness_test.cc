// The harness for users' operators: what goes in, what comes out, snapshots, and what it says where it is used wrongly.
#include "environment/operator_harness.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "connectors/generator/generator.h"
#include "operators/join/interval_join.h"
#include "operators/pipeline.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

struct Visit {
  std::string user;
  int64_t time = 0;
  int64_t pages = 0;
  friend bool operator==(const Visit&, const Visit&) = default;
};
struct Pages {
  std::string user;
  int64_t pages = 0;
  friend bool operator==(const Pages&, const Pages&) = default;
};
constexpr EventTime At(int64_t seconds) { return {seconds * 1000}; }

const SideOutput<Pages> kReminders{"reminders"};

/// The sum of a user's pages at the end of each minute; a reminder a second of processing time after each visit.
struct PagesPerMinute : KeyedFunction<std::string> {
  ValueState<int64_t> pages{"pages"};

  void OnRow(const std::string& user, const Visit& visit, Context& ctx, Collector<Pages>& out) {
    if (visit.pages < 0) throw std::runtime_error("less than no page");
    if (visit.pages == 0) return out.Emit({user, *pages.Get()});
    pages.Mutable() += visit.pages;
    ctx.SetTimer(EventTime{(ctx.time().millis / 60'000 + 1) * 60'000});
    ctx.SetWallTimer(ctx.wall_ms() + 1000);
  }
  void OnTimer(const std::string& user, Timer, Context&, Collector<Pages>& out) {
    if (*pages.Get() > 1000) throw std::runtime_error("too many pages");
    out.Emit({user, *pages.Get()});
    pages.Clear();
  }
  void OnWallTimer(const std::string& user, WallTimer, Context& ctx, Collector<Pages>&) {
    ctx.Emit(kReminders, Pages{user, 0});
  }
};

Stream<Visit> Visits(Pipeline& pipeline, const std::string& id = "visits") {
  return pipeline.Source(id, generator::Source<Visit>{.rows = 0, .make = [](int64_t) { return Visit{}; }})
      .Timestamps(&Visit::time, BoundedDisorder{5s});
}

Pipeline PagesOfUsers() {
  Pipeline pipeline{"pages"};
  const auto pages = Visits(pipeline).KeyBy(&Visit::user).Process<Pages>("per-minute", PagesPerMinute{});
  generator::Discard(pages);
  generator::Discard(pages.Side(kReminders));
  return pipeline;
}

Pipeline CountedPages() {
  Pipeline pipeline{"counted"};
  generator::Discard(Visits(pipeline).KeyBy(&Visit::user).Window(Tumbling{1min}).Aggregate(
      "count", Sum(&Visit::pages), [](const std::string& user, Window, int64_t pages) { return Pages{user, pages}; }));
  return pipeline;
}

TEST(OperatorHarness, RunsAFunctionOnRowsAndWatermarks) {
  OperatorHarness harness(PagesOfUsers(), "per-minute");
  harness.Add(Visit{"ann", 0, 3}, At(10)).Add(Visit{"bob", 0, 1}, At(20)).Add(Visit{"ann", 0, 4}, At(30));
  EXPECT_THAT(harness.Take<Pages>(), IsEmpty());
  harness.Watermark(At(60));
  EXPECT_THAT(harness.Take<Pages>(), UnorderedElementsAre(Pages{"ann", 7}, Pages{"bob", 1}));
  EXPECT_THAT(harness.Take<Pages>(), IsEmpty());
}

TEST(OperatorHarness, FiresTimersOfProcessingTimeWhenItAdvances) {
  OperatorHarness harness(PagesOfUsers(), "per-minute");
  harness.Add(Visit{"ann", 0, 3}, At(10));
  harness.Advance(999ms);
  EXPECT_THAT(harness.Take(kReminders), IsEmpty());
  harness.Advance(1ms);
  EXPECT_THAT(harness.TakeWithTimes(kReminders), SizeIs(1));
}

TEST(OperatorHarness, SendsRowsToTheInstanceThatHasTheirKey) {
  OperatorHarness harness(PagesOfUsers(), "per-minute", {.parallelism = 4, .splits = 3});
  for (uint32_t split = 0; split < 3; ++split) {
    for (int user = 0; user < 20; ++user) {
      harness.Input(0, split).Add(Visit{"user " + std::to_string(user), 0, 1}, At(1));
    }
  }
  harness.Watermark(At(60));
  const auto pages = harness.Take<Pages>();
  EXPECT_THAT(pages, SizeIs(20));
  EXPECT_THAT(pages, testing::Each(testing::Field(&Pages::pages, 3)));
}

TEST(OperatorHarness, HasTheWatermarkOfTheSlowestSplitThatIsNotIdle) {
  OperatorHarness harness(CountedPages(), "count", {.splits = 2});
  harness.Input(0, 0).Add(Visit{"ann", 0, 3}, At(10)).Watermark(At(300));
  EXPECT_THAT(harness.Take<Pages>(), IsEmpty());
  harness.Input(0, 1).Idle();
  EXPECT_THAT(harness.TakeWithTimes<Pages>(), ElementsAre(TimedRow<Pages>{{"ann", 3}, EventTime{59'999}}));
}

TEST(OperatorHarness, TakesLateRowsWithWhatHadPassedThem) {
  OperatorHarness harness(CountedPages(), "count", {.parallelism = 2});
  harness.Watermark(At(120));
  harness.Add(Visit{"ann", 0, 3}, At(10)).Add(Visit{"ann", 0, 4}, At(121));
  harness.Drain();
  EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 4}));
  EXPECT_THAT(harness.TakeLate<Visit>(), ElementsAre(TimedRow<Visit>{{"ann", 0, 3}, At(10), At(120)}));
  EXPECT_EQ(harness.state_keys(), 0u);
}

TEST(OperatorHarness, GoesOnFromAnySnapshotAtAnyParallelism) {
  OperatorHarness harness(CountedPages(), "count", {.parallelism = 3});
  harness.Add(Visit{"ann", 0, 1}, At(10));
  const OperatorSnapshot one = harness.Barrier();
  harness.Add(Visit{"ann", 0, 10}, At(10)).Add(Visit{"bob", 0, 10}, At(10));
  const OperatorSnapshot two = harness.Barrier();
  harness.Add(Visit{"ann", 0, 100}, At(10));
  harness.Watermark(At(60));
  EXPECT_THAT(harness.Take<Pages>(), UnorderedElementsAre(Pages{"ann", 111}, Pages{"bob", 10}));

  harness.Restore(two, 1);
  harness.Watermark(At(60));
  EXPECT_THAT(harness.Take<Pages>(), UnorderedElementsAre(Pages{"ann", 11}, Pages{"bob", 10}));
  harness.Restore(one, 5);
  harness.Add(Visit{"ann", 0, 1000}, At(10)).Watermark(At(60));
  EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 1001}));
}

TEST(OperatorHarness, ForgetsOutputAfterTheSnapshotUnlessItWasTaken) {
  OperatorHarness harness(CountedPages(), "count");
  harness.Add(Visit{"ann", 0, 1}, At(10)).Watermark(At(60));
  const OperatorSnapshot saved = harness.Barrier();
  harness.Add(Visit{"ann", 0, 2}, At(70)).Watermark(At(120));
  harness.Restore(saved);
  EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 1}));
  harness.Add(Visit{"ann", 0, 3}, At(70)).Watermark(At(120));
  EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 3}));
}

TEST(OperatorHarness, ReadsAgainWhatABarrierHadNotSeen) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    OperatorHarness harness(CountedPages(), "count",
                            {.parallelism = 2, .splits = 4, .order = OperatorHarnessOptions::Order::kDrawn,
                             .output = OperatorHarnessOptions::Output::kOneSlot, .seed = seed});
    for (uint32_t split = 0; split < 4; ++split) {
      for (int i = 0; i < 50; ++i) harness.Input(0, split).Add(Visit{"ann", 0, 1}, At(10));
    }
    harness.RunSteps(seed * 5);
    const OperatorSnapshot saved = harness.Barrier();
    harness.RunSteps(seed);
    harness.Restore(saved, static_cast<uint32_t>(1 + seed % 4));
    harness.Watermark(At(60));
    EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 200})) << "seed " << seed;
  }
}

TEST(OperatorHarness, GivesTheRowsAtWhichAFunctionThrew) {
  OperatorHarness harness(PagesOfUsers(), "per-minute");
  harness.Add(Visit{"ann", 0, -1}, At(10)).Add(Visit{"ann", 0, 2}, At(11)).Watermark(At(60));
  EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 2}));
  const std::vector<PoisonRecord> poison = harness.TakePoison();
  ASSERT_THAT(poison, SizeIs(1));
  EXPECT_THAT(poison[0].reason, HasSubstr("less than no page"));
}

TEST(OperatorHarness, SaysWhyAnOperatorFailedAndGoesOnFromASnapshot) {
  OperatorHarness harness(PagesOfUsers(), "per-minute");
  harness.Add(Visit{"ann", 0, 2}, At(10));
  const OperatorSnapshot saved = harness.Barrier();
  harness.Add(Visit{"ann", 0, 2000}, At(10)).Watermark(At(60));
  EXPECT_THAT(harness.failure().message(), HasSubstr("too many pages"));
  harness.Restore(saved);
  harness.Watermark(At(60));
  EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 2}));
}

TEST(OperatorHarness, FeedsBothSidesOfAJoin) {
  Pipeline pipeline{"join"};
  const auto [matched, unmatched] = Visits(pipeline, "left").KeyBy(&Visit::user)
      .IntervalJoin(Visits(pipeline, "right").KeyBy(&Visit::user), Between{-1s, 1s})
      .InnerAndUnmatched("both", [](const Visit& l, const Visit& r) { return Pages{l.user, l.pages + r.pages}; });
  generator::Discard(matched);
  generator::Discard(unmatched);
  OperatorHarness harness(pipeline, "both", {.parallelism = 2});
  harness.Input(0).Add(Visit{"ann", 0, 1}, At(10)).Add(Visit{"bob", 0, 2}, At(10));
  harness.Input(1).Add(Visit{"ann", 0, 10}, At(11)).Add(Visit{"bob", 0, 20}, At(12));
  harness.Watermark(At(20));
  EXPECT_THAT(harness.Take<Pages>(), ElementsAre(Pages{"ann", 11}));
  EXPECT_THAT(harness.TakeUnmatched<Visit>(), ElementsAre(TimedRow<Visit>{{"bob", 0, 2}, At(11)}));
}

TEST(OperatorHarness, RunsOperatorsWithoutEventTimeAndWithoutAnId) {
  Pipeline pipeline{"plain"};
  generator::Discard(pipeline.Source("numbers", generator::Source<Pages>{.rows = 0, .make = [](int64_t) { return Pages{}; }})
                         .Map([](const Pages& row) { return Visit{row.user, 0, row.pages}; }));
  OperatorHarness harness(pipeline, "map-1");
  harness.Add(Pages{"ann", 3});
  EXPECT_THAT(harness.Take<Visit>(), ElementsAre(Visit{"ann", 0, 3}));
}

class OperatorHarnessUsedWrongly : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  const Pipeline pipeline_ = PagesOfUsers();
};

TEST_F(OperatorHarnessUsedWrongly, NamesTheOperatorsThatThereAre) {
  EXPECT_DEATH(OperatorHarness(pipeline_, "per-minutes"), "no operator of the pipeline has the id 'per-minutes'; it has: "
                                                          "per-minute.*did you mean per-minute\\?");
  EXPECT_DEATH(OperatorHarness(pipeline_, "visits"), "'visits' is a source: test it in a whole job, weir::test::Job");
  EXPECT_DEATH(OperatorHarness(pipeline_, "key_by-1"), "'key_by-1' is a part of the operator behind it");
}

TEST_F(OperatorHarnessUsedWrongly, SaysWhatRowsAnInputTakes) {
  OperatorHarness harness(pipeline_, "per-minute");
  EXPECT_DEATH(harness.Add(Pages{}, At(1)), "input 0 of operator 'per-minute' takes rows of type .*Visit, and was given a .*Pages");
  EXPECT_DEATH(harness.Add(Visit{}), "have event times: say Add\\(row, weir::EventTime");
  EXPECT_DEATH(harness.Input(1), "has 1 inputs, counted from 0, and none with the number 1");
  EXPECT_DEATH(harness.Input(0, 1), "has 1 splits, counted from 0, and none with the number 1");
}

TEST_F(OperatorHarnessUsedWrongly, SaysThatAWatermarkIsAPromise) {
  OperatorHarness harness(pipeline_, "per-minute");
  harness.Watermark(At(2));
  EXPECT_DEATH(harness.Watermark(At(1)), "would go back from 2000 to 1000.*is late; to go back, Restore a snapshot");
}

TEST_F(OperatorHarnessUsedWrongly, SaysWhatTypeAnOutputHas) {
  OperatorHarness harness(pipeline_, "per-minute");
  harness.Add(Visit{"ann", 0, 2}, At(10)).Watermark(At(60));
  EXPECT_DEATH(harness.Take<Visit>(), "the output has a weir::Batch<.*Pages>, and was taken as a weir::Batch<.*Visit>");
  EXPECT_DEATH(harness.Take(SideOutput<Pages>{"nothing"}), "nothing takes the side output 'nothing'");
}

TEST_F(OperatorHarnessUsedWrongly, DoesNotGoOnAfterAFailureOrADrain) {
  OperatorHarness failed(pipeline_, "per-minute");
  failed.Add(Visit{"ann", 0, 2000}, At(10)).Watermark(At(60));
  EXPECT_DEATH(failed.Take<Pages>(), "'per-minute' has failed: .*too many pages.*asks failure\\(\\) first");
  OperatorHarness drained(pipeline_, "per-minute");
  drained.Drain();
  EXPECT_DEATH(drained.Add(Visit{}, At(1)), "was drained: nothing can follow");
  EXPECT_DEATH(drained.Restore(OperatorSnapshot{}), "keep what Barrier\\(\\) returns");
}

}  // namespace
}  // namespace weir::test
