// A program whose windows or joins are others than those of its checkpoint: refused, with what was, what is, and the way out.
#include <gmock/gmock.h>

#include "connectors/kafka/kafka_connector.h"
#include "environment/ledger.h"
#include "environment/test_job.h"
#include "operators/join/interval_join.h"
#include "operators/join/window_join.h"
#include "operators/window/windowed_stream.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Visit {
  int64_t key = 0;
  int64_t time = 0;
};
struct Visits {
  int64_t key = 0;
  int64_t end = 0;
  int64_t count = 0;
  friend bool operator==(const Visits&, const Visits&) = default;
};

auto ByKey(Pipeline& pipeline, const char* topic) {
  return pipeline.Source(topic, kafka::Source<Visit>{.topic = topic}).Timestamps(&Visit::time, Ascending{}).KeyBy(&Visit::key);
}
template <class Windowed>
void CountIn(const Windowed& windowed) {
  windowed.Aggregate("windows", Count{}, [](int64_t key, Window w, int64_t count) { return Visits{key, w.end, count}; })
      .Sink("out", kafka::Sink<Visits>{.topic = "out", .create_partitions = 1});
}
template <class W>
Pipeline Windows(const W& window) {
  Pipeline pipeline{"rules"};
  CountIn(ByKey(pipeline, "visits").Window(window));
  return pipeline;
}
Pipeline Updating(std::chrono::milliseconds late_updates) {
  Pipeline pipeline{"rules"};
  CountIn(ByKey(pipeline, "visits").Window(Tumbling{10s}).LateUpdates(late_updates));
  return pipeline;
}
template <class Join>
Pipeline Joins(Join join) {
  Pipeline pipeline{"rules"};
  join(ByKey(pipeline, "visits"), ByKey(pipeline, "sales")).Sink("out", kafka::Sink<Visits>{.topic = "out", .create_partitions = 1});
  return pipeline;
}
Pipeline Within(Between bounds) {
  return Joins([&](auto visits, auto sales) {
    return visits.IntervalJoin(sales, bounds).Inner("join", [](const Visit& v, const Visit&) { return Visits{v.key}; });
  });
}
Pipeline InWindow(Tumbling window) {
  return Joins([&](auto visits, auto sales) {
    return visits.WindowJoin(sales, window).Inner("join", [](const Visit& v, const Visit&) { return Visits{v.key}; });
  });
}
Pipeline InWindowOrAlone(Tumbling window) {
  return Joins([&](auto visits, auto sales) {
    return visits.WindowJoin(sales, window).Left("join", [](const Visit& v, const Visit*) { return Visits{v.key}; });
  });
}

/// What `after` is refused with where `before` has read some rows and stopped.
std::string Refusal(const Pipeline& before, const Pipeline& after) {
  test::Job job(before);
  for (const char* topic : {"visits", "sales"}) {
    job.Topic(topic).Add(Visit{7, 9'000}).Add(Visit{7, 10'500}).Add(Visit{7, 11'000}).Add(Visit{7, 11'500});
  }
  EXPECT_TRUE(job.Stop().has_value());
  const JobGraph graph = WithLedger(after.graph(), "/checkpoints");
  EngineOptions options;
  options.checkpoint_directory = "/checkpoints";
  SimulatedProcess next(job.world(), graph, options);
  SimulatedClock& clock = job.world().clock();
  for (const Instant end = clock.Now() + 10s; !next.engine().outcome().has_value() && clock.Now() < end;) {
    if (!next.RunOne()) clock.AdvanceTo(next.NextTimer());
  }
  const auto outcome = next.engine().outcome();
  if (!outcome.has_value()) return "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  return outcome->status.message();
}

TEST(ChangedWindow, IsRefusedWithWhatItWasAndIsAndTheWayOut) {
  EXPECT_THAT(Refusal(Windows(Tumbling{10s}), Windows(Tumbling{4s})),
              AllOf(HasSubstr("operator windows"),
                    HasSubstr("windows: the checkpoint has Tumbling{.size = 10000 ms}, the program Tumbling{.size = 4000 ms}"),
                    HasSubstr("give it back"), HasSubstr("run --restore none")));
}

TEST(ChangedWindow, IsRefusedWhateverHasChanged) {
  const std::pair<Pipeline, Pipeline> changes[] = {
      {Windows(CountWindow{4}), Windows(CountWindow{6})},
      {Windows(CountWindow{4, 1}), Windows(CountWindow{4})},
      {Windows(Sliding{60s, 20s}), Windows(Sliding{60s, 30s})},
      {Windows(Sliding{60s, 20s}), Windows(Cumulating{60s, 20s})},
      {Windows(Tumbling{10s}), Windows(Tumbling{10s, 1s})},
      {Windows(Tumbling{10s}), Windows(Tumbling{10s}.OnProcessingTime())},
      {Windows(Session{5s}), Windows(Session{6s})},
      {Windows(Session{5s}), Windows(Tumbling{5s})},
      {Windows(Tumbling{10s}), Updating(1s)},
      {Updating(1s), Updating(2s)},
  };
  for (const auto& [before, after] : changes) {
    EXPECT_THAT(Refusal(before, after), AllOf(HasSubstr("windows: the checkpoint has "), HasSubstr("run --restore none")));
  }
}

TEST(ChangedJoin, IsRefusedWhateverHasChanged) {
  EXPECT_THAT(Refusal(Within({-1s, 2s}), Within({-1s, 3s})),
              HasSubstr("join: the checkpoint has Between{-1000ms, 2000ms}.Inner, the program Between{-1000ms, 3000ms}.Inner: "));
  EXPECT_THAT(Refusal(InWindow({10s}), InWindow({4s})), HasSubstr("the program Tumbling{.size = 4000 ms}.Inner: "));
  EXPECT_THAT(Refusal(InWindow({10s}), InWindowOrAlone({10s})), HasSubstr("the program Tumbling{.size = 10000 ms}.Left: "));
}

TEST(UnchangedWindow, GoesOnWithWhatIsInItsState) {
  test::Job job(Windows(CountWindow{4, 2}));
  job.Topic("visits").Add(Visit{7, 1}).Add(Visit{7, 2}).Add(Visit{7, 3});
  ASSERT_TRUE(job.Stop().has_value());
  job.Topic("visits").Add(Visit{7, 4});
  job.SetParallelism(3);
  EXPECT_FALSE(job.Run().has_value());
  EXPECT_THAT(job.Committed<Visits>("out"), ElementsAre(Visits{7, 2, 2}, Visits{7, 4, 4}));
}

}  // namespace
}  // namespace weir
