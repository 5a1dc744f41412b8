// Functions with states, timers and side outputs in whole jobs, killed and started again at any parallelism, against
// what their definition says.
#include <gmock/gmock.h>

#include <map>
#include <set>
#include <tuple>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "runtime/base/random.h"
#include "tests/support/run_scale.h"
#include "tests/unit/operators/process_windows.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

using test::Event;
using test::kDisorder;
using test::kLate;
using test::Lateness;
using test::Reference;
using test::Windows;
using test::WindowSum;

Pipeline WindowsPipeline() {
  Pipeline pipeline{"windows"};
  const auto sums = pipeline.Source("events", kafka::Source<Event>{.topic = "events"})
      .Timestamps(&Event::time, BoundedDisorder{milliseconds(kDisorder)})
      .KeyBy(&Event::key)
      .Process<WindowSum>("windows", Windows{});
  sums.Sink("out", kafka::Sink<WindowSum>{.topic = "out", .create_partitions = 2});
  sums.Side(kLate).Sink("late", kafka::Sink<Lateness>{.topic = "late", .create_partitions = 1});
  return pipeline;
}

template <class T>
std::multiset<T> All(test::Job& job, const std::string& topic) {
  const std::vector<T> rows = job.Committed<T>(topic);
  return {rows.begin(), rows.end()};
}

void Append(test::Job& job, Reference& reference, Random& random, int64_t& now, int rows) {
  for (int i = 0; i < rows; ++i) {
    now += static_cast<int64_t>(random.Below(12));
    const Event event{static_cast<int64_t>(random.Below(12)), std::max<int64_t>(0, now - static_cast<int64_t>(random.Below(80))),
                      static_cast<int64_t>(random.Below(8))};
    job.Topic("events").Add(event, static_cast<int32_t>(event.key % 3));
    reference.Take(event, event.key % 3);
  }
}

TEST(KeyedProcess, MakesWhatItsDefinitionSaysThroughKillsAndChangesOfParallelism) {
  for (uint64_t seed = 1; seed <= test::ModelSeeds(30); ++seed) {
    SeededRandom random(seed);
    test::JobOptions options{.seed = seed, .parallelism = static_cast<uint32_t>(1 + random.Below(4)), .topic_partitions = 3};
    options.engine.roll_after_deltas = 1 + random.Below(3);
    test::Job job(WindowsPipeline(), options);
    Reference reference;
    int64_t now = 100;
    for (int round = 0; round < 6; ++round) {
      Append(job, reference, random, now, 60);
      job.RunSteps(random.Below(1500));
      if (random.OneIn(4)) continue;
      job.Crash(random.OneIn(2));
      if (random.OneIn(2)) job.SetParallelism(static_cast<uint32_t>(1 + random.Below(4)));
    }
    const auto outcome = job.Stop(RunEnd::kDrain);
    ASSERT_TRUE(outcome.has_value() && outcome->status.ok()) << outcome->status.ToString();
    EXPECT_EQ(All<WindowSum>(job, "out"), reference.Sums()) << "seed " << seed;
    EXPECT_EQ(All<Lateness>(job, "late"), reference.late) << "seed " << seed;
    ASSERT_FALSE(reference.late.empty());
  }
}

struct Line {
  std::string text;
};

/// Rows in, lines out, at two tasks and in one round.
template <class F>
std::vector<std::string> LinesOf(F function, const std::vector<Event>& events, RunEnd end = RunEnd::kStop) {
  Pipeline pipeline{"lines"};
  pipeline.Source("events", kafka::Source<Event>{.topic = "events"})
      .Timestamps(&Event::time, Ascending{})
      .KeyBy(&Event::key)
      .template Process<Line>("lines", function)
      .Sink("out", kafka::Sink<Line>{.topic = "out", .create_partitions = 1});
  test::Job job(pipeline, {.topic_partitions = 1});
  for (const Event& event : events) job.Topic("events").Add(event);
  const auto outcome = job.Stop(end);
  EXPECT_TRUE(outcome.has_value() && outcome->status.ok()) << (outcome ? outcome->status.ToString() : "");
  std::vector<std::string> lines;
  for (const Line& line : job.Committed<Line>("out")) lines.push_back(line.text);
  return lines;
}

struct Alarm : KeyedFunction<int64_t> {
  void OnRow(const int64_t& key, const Event& event, Context& ctx, Collector<Line>& out) {
    out.Emit({std::to_string(key) + " row " + std::to_string(ctx.time().millis)});
    ctx.SetTimer(EventTime{event.value});
    ctx.SetTimer(EventTime{event.value});
  }
  void OnTimer(const int64_t& key, Timer timer, Context& ctx, Collector<Line>& out) {
    out.Emit({std::to_string(key) + " timer " + std::to_string(timer.time.millis)});
    EXPECT_EQ(ctx.time(), timer.time);
  }
};

TEST(KeyedProcess, FiresATimerOnceWhenTheWatermarkIsThereHoweverOftenItIsSet) {
  EXPECT_THAT(LinesOf(Alarm{}, {{1, 10, 30}, {1, 20, 30}, {1, 29, 99}, {1, 30, 99}}),
              ElementsAre("1 row 10", "1 row 20", "1 row 29", "1 row 30", "1 timer 30"));
}

TEST(KeyedProcess, FiresTheTimersOfAKeyInOrderOfTimeAndAllOfThemWhenDrained) {
  EXPECT_THAT(LinesOf(Alarm{}, {{1, 10, 300}, {1, 20, 200}, {1, 29, 100}}, RunEnd::kDrain),
              ElementsAre("1 row 10", "1 row 20", "1 row 29", "1 timer 100", "1 timer 200", "1 timer 300"));
}

struct Chain : KeyedFunction<int64_t> {
  ValueState<int64_t> left{"left"};
  void OnRow(const int64_t&, const Event& event, Context& ctx, Collector<Line>&) {
    left.Mutable() = 3;
    ctx.SetTimer(EventTime{event.value});
  }
  void OnTimer(const int64_t&, Timer timer, Context& ctx, Collector<Line>& out) {
    out.Emit({"timer " + std::to_string(timer.time.millis)});
    if (--left.Mutable() > 0) ctx.SetTimer(EventTime{timer.time.millis + 10});
  }
};

TEST(KeyedProcess, FiresATimerThatIsSetWhileOthersFireInTheSameFiringIfItIsDue) {
  EXPECT_THAT(LinesOf(Chain{}, {{1, 10, 20}, {2, 35, 1000}}), ElementsAre("timer 20", "timer 30"));
  EXPECT_THAT(LinesOf(Chain{}, {{1, 10, 20}, {2, 95, 1000}}), ElementsAre("timer 20", "timer 30", "timer 40"));
}

TEST(KeyedProcess, FiresWhatIsSetByATimerOfTheDrainNever) {
  EXPECT_THAT(LinesOf(Chain{}, {{1, 10, 20}}, RunEnd::kDrain), ElementsAre("timer 20"));
}

}  // namespace
}  // namespace weir
