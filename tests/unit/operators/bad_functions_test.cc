// What is wrong with a function that Process is given, and what it does wrong while it runs.
#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "operators/poison_record.h"
#include "operators/process/describe.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

struct Event {
  int64_t key = 0;
  int64_t value = 0;
};
struct Sum {
  int64_t key = 0;
  int64_t sum = 0;
};

/// Throws at negative values, before it changes anything.
struct Careful : KeyedFunction<int64_t> {
  ValueState<int64_t> sum{"sum"};
  void OnRow(const int64_t& key, const Event& event, Context&, Collector<Sum>& out) {
    out.Emit({key, -1});
    if (event.value < 0) throw std::runtime_error("a negative value");
    out.Emit({key, sum.Mutable() += event.value});
  }
};

template <class F>
Pipeline PipelineWith(F function) {
  Pipeline pipeline{"sums"};
  pipeline.Source("events", kafka::Source<Event>{.topic = "events"})
      .KeyBy(&Event::key)
      .template Process<Sum>("sums", function)
      .Sink("out", kafka::Sink<Sum>{.topic = "out", .create_partitions = 1});
  return pipeline;
}

/// Why a job with this function fails at its first row.
template <class F>
std::string FailureOf(F function, bool poison_fails = true) {
  test::JobOptions options;
  options.engine.poison_fails = poison_fails;
  test::Job job(PipelineWith(function), options);
  job.Topic("events").Add(Event{7, -5}, 1);
  const auto outcome = job.Run();
  return outcome.has_value() ? outcome->status.message() : "it does not fail";
}

TEST(AFunctionThatThrows, SendsTheRowToTheLedgerAndGoesOn) {
  test::Job job(PipelineWith(Careful{}), {.parallelism = 1, .topic_partitions = 1});
  job.Topic("events").Add(Event{7, 1}).Add(Event{7, -5}).Add(Event{7, 2});
  job.Run();
  std::vector<int64_t> sums;
  for (const Sum& sum : job.Committed<Sum>("out")) sums.push_back(sum.sum);
  EXPECT_THAT(sums, ElementsAre(-1, 1, -1, 3));
  const auto ledger = job.Committed<PoisonRecord>("weir.poison.sums");
  ASSERT_THAT(ledger, SizeIs(1));
  EXPECT_EQ(ledger[0].operator_id, "sums");
  EXPECT_THAT(ledger[0].reason, AllOf(HasSubstr("a negative value"), HasSubstr("key 7")));
  EXPECT_EQ(ledger[0].split, "0");
  EXPECT_EQ(ledger[0].offset, 1);
  EXPECT_EQ(ledger[0].value_base64, Base64(R"({"key": 7, "value": -5})"));
}

TEST(AFunctionThatThrows, StopsTheJobNamingOperatorAndKeyIfThePolicySaysSo) {
  EXPECT_THAT(FailureOf(Careful{}),
              AllOf(HasSubstr("operator sums"), HasSubstr("key 7"), HasSubstr("a negative value"),
                    HasSubstr("split 1, offset 0"), HasSubstr("pipeline.poison.policy=fail")));
}

struct Named {
  std::string name;
};
struct Rude : KeyedFunction<std::string> {
  void OnRow(const std::string&, const Named&, Context&, Collector<Named>&) { throw std::runtime_error("no \xff!"); }
};
TEST(AFunctionThatThrows, MayGiveAReasonThatIsNoText) {
  Pipeline pipeline{"sums"};
  pipeline.Source("events", kafka::Source<Named>{.topic = "events"})
      .KeyBy(&Named::name)
      .Process<Named>("sums", Rude{})
      .Sink("out", kafka::Sink<Named>{.topic = "out", .create_partitions = 1});
  test::Job job(pipeline);
  std::string name = "a";   // So that two-byte characters stand across every even limit.
  for (int i = 0; i < 150; ++i) name += "\u00e4";
  job.Topic("events").Add(Named{name});
  const auto outcome = job.Run();
  ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
  const auto ledger = job.Committed<PoisonRecord>("weir.poison.sums");
  ASSERT_THAT(ledger, SizeIs(1));
  EXPECT_THAT(ledger[0].reason, AllOf(HasSubstr("no \\xff!"), HasSubstr("key \"a")));
}

TEST(AFunctionThatThrows, IsReportedWithALongKeyCutBetweenCharacters) {
  EXPECT_EQ(internal::Quoted("a" + std::string(300, 'b')), "\"a" + std::string(199, 'b') + "...\"");
  std::string text = "a";
  for (int i = 0; i < 150; ++i) text += "\u00e4";
  EXPECT_EQ(internal::Quoted(text), '"' + text.substr(0, 199) + "...\"");
}

struct Timeless : KeyedFunction<int64_t> {
  void OnRow(const int64_t&, const Event&, Context& ctx, Collector<Sum>&) { ctx.SetTimer(EventTime{5}); }
};
TEST(AFunctionThatThrows, IsToldThatATimerNeedsOnTimer) {
  EXPECT_THAT(FailureOf(Timeless{}), HasSubstr("SetTimer in a function that has no OnTimer"));
}

struct BadTimer : KeyedFunction<int64_t> {
  void OnRow(const int64_t&, const Event&, Context& ctx, Collector<Sum>&) { ctx.SetWallTimer(1); }
  void OnWallTimer(const int64_t&, WallTimer, Context&, Collector<Sum>&) { throw std::runtime_error("too early"); }
};
TEST(AFunctionThatThrows, StopsTheJobWhereItWasATimer) {
  EXPECT_THAT(FailureOf(BadTimer{}, false),
              AllOf(HasSubstr("operator sums"), HasSubstr("a timer of key 7 at 1"), HasSubstr("too early")));
}

/// Never ends: each timer in the past sets the next one.
struct PastForEver : KeyedFunction<int64_t> {
  void OnRow(const int64_t&, const Event& event, Context& ctx, Collector<Sum>&) {
    if (event.value < 0) ctx.SetTimer(EventTime{0});
  }
  void OnTimer(const int64_t&, Timer timer, Context& ctx, Collector<Sum>&) { ctx.SetTimer(EventTime{timer.time.millis + 1}); }
};
TEST(AFunctionThatThrows, IsToldThatItsTimersInThePastNeverEnd) {
  test::Job job(PipelineWith(PastForEver{}));
  job.Topic("events").Add(Event{7, 1});
  EXPECT_FALSE(job.Run().has_value());
  job.Topic("events").Add(Event{7, -5});
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(outcome->status.message(),
              AllOf(HasSubstr("operator sums"), HasSubstr("key 7: 10000 timers in the past fired after one row"),
                    HasSubstr("Set timers later than the watermark")));
}

/// Never ends: each timer sets one that the watermark has passed as well.
template <int64_t kLater>
struct AgainForEver : KeyedFunction<int64_t> {
  void OnRow(const int64_t&, const Event& event, Context& ctx, Collector<Sum>&) { ctx.SetTimer(EventTime{event.value + 1}); }
  void OnTimer(const int64_t&, Timer timer, Context& ctx, Collector<Sum>&) {
    ctx.SetTimer(EventTime{timer.time.millis + kLater});
  }
};
template <class F>
std::string FailureAtAWatermark(F function) {
  Pipeline pipeline{"sums"};
  pipeline.Source("events", kafka::Source<Event>{.topic = "events"})
      .Timestamps(&Event::value, Ascending{})
      .KeyBy(&Event::key)
      .template Process<Sum>("sums", function)
      .Sink("out", kafka::Sink<Sum>{.topic = "out", .create_partitions = 1});
  test::Job job(pipeline, {.topic_partitions = 1});
  job.Topic("events").Add(Event{7, 10}).Add(Event{8, 100});
  const auto outcome = job.Run();
  return outcome.has_value() ? outcome->status.message() : "it does not fail";
}
TEST(AFunctionThatThrows, IsToldThatATimerWhichSetsItselfAgainNeverEnds) {
  const auto says = AllOf(HasSubstr("operator sums"), HasSubstr("key 7: 10000 timers in the past fired at one watermark"),
                          HasSubstr("Set timers later than the watermark"));
  EXPECT_THAT(FailureAtAWatermark(AgainForEver<0>{}), says);
  EXPECT_THAT(FailureAtAWatermark(AgainForEver<-1>{}), says);
  EXPECT_EQ(FailureAtAWatermark(AgainForEver<1>{}), "it does not fail");
}

struct BadBroadcast : KeyedFunction<int64_t> {
  void OnRow(const int64_t&, const Event&, Context&, Collector<Sum>&) {}
  void OnBroadcast(const Sum&) { throw std::runtime_error("no such rule"); }
};
TEST(AFunctionThatThrows, StopsTheJobAtABroadcastRowThatItNames) {
  Pipeline pipeline{"rules"};
  const auto rules = pipeline.Source("rules", kafka::Source<Sum>{.topic = "rules"});
  pipeline.Source("events", kafka::Source<Event>{.topic = "events"}).KeyBy(&Event::key).Connect(rules.Broadcast())
      .Process<Sum>("sums", BadBroadcast{}).Sink("out", kafka::Sink<Sum>{.topic = "out", .create_partitions = 1});
  test::Job job(pipeline);
  job.Topic("events");
  job.Topic("rules").Add(Sum{5, 6});
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(outcome->status.message(), AllOf(HasSubstr("operator sums"), HasSubstr(R"(a broadcast row {"key": 5, "sum": 6})"),
                                               HasSubstr("no such rule"), HasSubstr("correct the function")));
}

struct Twice : KeyedFunction<int64_t> {
  ValueState<int64_t> one{"sum"};
  ListState<int64_t> two{"sum"};
  void OnRow(const int64_t&, const Event&, Context&, Collector<Sum>&) {}
};
struct Unnamed : KeyedFunction<int64_t> {
  ValueState<int64_t> sum{"my sum"};
  void OnRow(const int64_t&, const Event&, Context&, Collector<Sum>&) {}
};
struct OfOurs : KeyedFunction<int64_t> {
  ValueState<int64_t> sum{"weir.timers"};
  void OnRow(const int64_t&, const Event&, Context&, Collector<Sum>&) {}
};

TEST(StateOfAFunction, NeedsANameOfItsOwn) {
  EXPECT_THAT(PipelineWith(Twice{}).graph().Problems(),
              Contains(AllOf(HasSubstr("operator 'sums'"), HasSubstr("state 'sum' is there twice"))));
  EXPECT_THAT(PipelineWith(Unnamed{}).graph().Problems(), Contains(HasSubstr("'my sum': a name is a letter or digit")));
  EXPECT_THAT(PipelineWith(OfOurs{}).graph().Problems(), Contains(HasSubstr("'weir.timers': names that begin with weir.")));
  EXPECT_THAT(PipelineWith(Careful{}).graph().Problems(), testing::IsEmpty());
}

TEST(StateOfAFunction, IsUsedInCallsOfTheEngineOnly) {
  Careful nobodys;
  EXPECT_THROW(nobodys.sum.Mutable(), std::logic_error);
}

TEST(ASideOutput, IsOneOfAFunctions) {
  Pipeline pipeline{"sides"};
  const SideOutput<Sum> side{"rejected"};
  const auto events = pipeline.Source("events", kafka::Source<Event>{.topic = "events"});
  events.Side(side).Sink("out", kafka::Sink<Sum>{.topic = "out"});
  EXPECT_THAT(pipeline.graph().Problems(), Contains(HasSubstr("side output 'rejected' is taken of source 'events'")));
}

TEST(ASideOutput, HasRowsOfOneType) {
  Pipeline pipeline{"sides"};
  const auto sums = pipeline.Source("events", kafka::Source<Event>{.topic = "events"})
      .KeyBy(&Event::key).Process<Sum>("sums", Careful{});
  sums.Side(SideOutput<Sum>{"rejected"}).Sink("out", kafka::Sink<Sum>{.topic = "out"});
  sums.Side(SideOutput<Event>{"rejected"}).Sink("out2", kafka::Sink<Event>{.topic = "out2"});
  EXPECT_THAT(pipeline.graph().Problems(), Contains(HasSubstr("'rejected' is taken as rows of two types")));
}

/// Fires 500 ms after each row, by the wall.
struct Reminder : KeyedFunction<int64_t> {
  ValueState<int64_t> sum{"sum"};
  void OnRow(const int64_t&, const Event& event, Context& ctx, Collector<Sum>&) {
    sum.Mutable() += event.value;
    ctx.SetWallTimer(ctx.wall_ms() + 500);
  }
  void OnWallTimer(const int64_t& key, WallTimer, Context&, Collector<Sum>& out) { out.Emit({key, *sum.Get()}); }
};

TEST(AProcessingTimer, SurvivesARestartAtAnotherParallelismAndFiresLateRatherThanNever) {
  test::JobOptions options{.parallelism = 2, .checkpoint_interval = std::chrono::milliseconds(20)};
  test::Job job(PipelineWith(Reminder{}), options);
  for (int64_t key = 0; key < 10; ++key) job.Topic("events").Add(Event{key, key}, static_cast<int32_t>(key % 2));
  const Instant began = job.world().clock().Now();
  while (job.world().clock().Now() < began + std::chrono::milliseconds(300)) job.RunSteps(10);
  EXPECT_THAT(job.Committed<Sum>("out"), SizeIs(0));
  job.Crash(true);
  job.world().clock().AdvanceTo(job.world().clock().Now() + std::chrono::hours(1));
  job.SetParallelism(3);
  job.Run();
  EXPECT_THAT(job.Committed<Sum>("out"), SizeIs(10));
}

/// Wants to be called at once, again and again.
struct AtOnceForEver : KeyedFunction<int64_t> {
  ValueState<int64_t> calls{"calls"};
  void OnRow(const int64_t& key, const Event&, Context& ctx, Collector<Sum>& out) {
    ctx.SetWallTimer(ctx.wall_ms());
    out.Emit({key, calls.Mutable()});
  }
  void OnWallTimer(const int64_t&, WallTimer, Context& ctx, Collector<Sum>&) {
    ++calls.Mutable();
    ctx.SetWallTimer(ctx.wall_ms());
  }
};

TEST(AProcessingTimer, ThatIsAlwaysSetAgainForNowLetsRowsBarriersAndOtherKeysThrough) {
  test::Job job(PipelineWith(AtOnceForEver{}), {.parallelism = 1, .checkpoint_interval = std::chrono::milliseconds(20)});
  for (int round = 1; round <= 2; ++round) {
    for (int64_t key = 0; key < 20; ++key) job.Topic("events").Add(Event{key, 1});
    job.RunSteps(20'000);
    const auto rows = job.Committed<Sum>("out");
    ASSERT_THAT(rows, SizeIs(20 * round));
    EXPECT_EQ(std::ranges::count_if(rows, [](const Sum& row) { return row.sum > 0; }), 20 * (round - 1));
  }
}

/// Wants to be called long ago, and in the end of time.
struct FarTimers : KeyedFunction<int64_t> {
  void OnRow(const int64_t&, const Event&, Context& ctx, Collector<Sum>&) {
    ctx.SetWallTimer(std::numeric_limits<int64_t>::min());
    ctx.SetWallTimer(std::numeric_limits<int64_t>::max() - 1);
  }
  void OnWallTimer(const int64_t& key, WallTimer timer, Context&, Collector<Sum>& out) { out.Emit({key, timer.wall_ms < 0}); }
};

TEST(AProcessingTimer, MayBeSetToAnyTime) {
  test::Job job(PipelineWith(FarTimers{}));
  job.Topic("events").Add(Event{1, 1});
  job.RunSteps(20'000);
  const auto fired = job.Committed<Sum>("out");
  ASSERT_THAT(fired, SizeIs(1));
  EXPECT_EQ(fired[0].sum, 1);
  job.Run();
}

}  // namespace
}  // namespace weir
