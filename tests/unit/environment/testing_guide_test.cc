// The programs of docs/testing.md, as they stand there: tests/integration/guide_code_test.py compares the two.
#include <gmock/gmock.h>

#include "connectors/kafka/kafka_connector.h"
#include "environment/crash_matrix.h"
#include "environment/operator_harness.h"
#include "environment/test_job.h"

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct Click {
  int64_t user = 0;
  int64_t time = 0;
};
struct Visit {
  int64_t user = 0;
  int64_t clicks = 0;
  friend bool operator==(const Visit&, const Visit&) = default;
};

weir::Pipeline Visits() {
  weir::Pipeline pipeline{"visits"};
  pipeline.Source("clicks", weir::kafka::Source<Click>{.topic = "clicks"})
      .Timestamps(&Click::time, weir::BoundedDisorder{2s})
      .KeyBy(&Click::user)
      .Window(weir::Session{.gap = 30s})
      .Aggregate("visits", weir::Count{},
                 [](int64_t user, weir::Window, int64_t clicks) { return Visit{user, clicks}; })
      .Sink("out", weir::kafka::Sink<Visit>{.topic = "visits", .create_partitions = 1});
  return pipeline;
}

TEST(Visits, AreCountedWhenTheyAreOver) {
  weir::test::Job job(Visits());
  job.Topic("clicks").Add(Click{7, 1'000}).Add(Click{7, 20'000}).Add(Click{8, 60'000});
  job.Run();                                                    // until all of it is read and committed
  EXPECT_THAT(job.Committed<Visit>("visits"), ElementsAre(Visit{7, 2}));   // as a read_committed consumer sees it
}

TEST(Visits, DoNotWaitForAQuietPartitionForEver) {
  weir::test::Job job(Visits());
  job.Topic("clicks").Add(Click{7, 1'000}, 0).Add(Click{8, 60'000}, 1);
  job.Run();
  EXPECT_THAT(job.Committed<Visit>("visits"), IsEmpty());       // partition 0 may still have a click for 7
  job.RunUntilIdle();                                           // a minute later it is taken for idle
  EXPECT_EQ(job.Watermark("visits"), weir::EventTime{58'000});
  EXPECT_THAT(job.Committed<Visit>("visits"), ElementsAre(Visit{7, 1}));
}

TEST(Visits, AreTheSameAfterACrashAnywhere) {
  const weir::Pipeline pipeline = Visits();
  weir::test::CrashMatrix matrix(pipeline);
  for (int64_t round = 0; round < 3; ++round) {
    matrix.Round([round](weir::test::Job& job) {
      for (int64_t i = 0; i < 20; ++i) job.Topic("clicks").Add(Click{i % 3, round * 60'000 + i * 2'500});
    });
  }
  EXPECT_EQ(matrix.Run({"visits"}).Text(), "");
}

TEST(VisitsOperator, EndsAVisitHalfAMinuteAfterItsLastClick) {
  weir::test::OperatorHarness visits(Visits(), "visits");
  visits.Add(Click{7, 1'000}, weir::EventTime{1'000}).Add(Click{7, 20'000}, weir::EventTime{20'000});
  visits.Watermark(weir::EventTime{49'999});                    // nothing on time that is earlier follows
  EXPECT_THAT(visits.Take<Visit>(), IsEmpty());
  visits.Watermark(weir::EventTime{50'000});
  EXPECT_THAT(visits.Take<Visit>(), ElementsAre(Visit{7, 2}));
  visits.Add(Click{8, 3'000}, weir::EventTime{3'000});          // behind the watermark
  EXPECT_EQ(visits.TakeLate<Click>().size(), 1u);
}

TEST(VisitsOperator, GoesOnFromASnapshotInMoreInstances) {
  weir::test::OperatorHarness visits(Visits(), "visits", {.parallelism = 2});
  visits.Add(Click{7, 1'000}, weir::EventTime{1'000});
  const weir::test::OperatorSnapshot saved = visits.Barrier();
  visits.Add(Click{7, 2'000}, weir::EventTime{2'000});          // lost, as after a crash
  visits.Restore(saved, 4);                                     // into four new instances
  visits.Watermark(weir::EventTime{60'000});
  EXPECT_THAT(visits.Take<Visit>(), ElementsAre(Visit{7, 1}));
}

const weir::SideOutput<Click> kEarly{"early"};

/// Says ten seconds after a click, by the clock, how many there were; those of the first second go elsewhere.
struct CountSoon : weir::KeyedFunction<int64_t> {
  ValueState<int64_t> clicks{"clicks"};
  void OnRow(const int64_t&, const Click& click, weir::Context& ctx, weir::Collector<Visit>&) {
    if (click.time < 1'000) return ctx.Emit(kEarly, click);
    if (++clicks.Mutable() == 1) ctx.SetWallTimer(ctx.wall_ms() + 10'000);
  }
  void OnWallTimer(const int64_t& user, weir::WallTimer, weir::Context&, weir::Collector<Visit>& out) {
    out.Emit({user, *clicks.Get()});
    clicks.Clear();
  }
};

TEST(CountSoonOperator, WaitsTenSecondsByTheClock) {
  weir::Pipeline pipeline{"soon"};
  const auto soon = pipeline.Source("clicks", weir::kafka::Source<Click>{.topic = "clicks"})
                        .KeyBy(&Click::user)
                        .Process<Visit>("soon", CountSoon{});
  soon.Sink("out", weir::kafka::Sink<Visit>{.topic = "visits"});
  soon.Side(kEarly).Sink("early", weir::kafka::Sink<Click>{.topic = "early"});

  weir::test::OperatorHarness counts(pipeline, "soon");
  counts.Add(Click{7, 500}).Add(Click{7, 1'000}).Add(Click{7, 2'000});   // without event time: nothing needs it here
  counts.Advance(9s);
  EXPECT_THAT(counts.Take<Visit>(), IsEmpty());
  counts.Advance(1s);
  EXPECT_THAT(counts.Take<Visit>(), ElementsAre(Visit{7, 2}));
  EXPECT_EQ(counts.Take(kEarly).size(), 1u);
}

}  // namespace
