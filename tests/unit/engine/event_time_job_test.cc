// Event time in whole jobs: what sources say of it, and what that makes of windows.
#include <gmock/gmock.h>

#include <cmath>

#include "connectors/generator/generator.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/ledger.h"
#include "environment/test_job.h"
#include "operators/late_record.h"
#include "operators/window/windowed_stream.h"
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using test::Job;
using test::JobOptions;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Seen {
  int64_t key = 0;
  int64_t at = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};
struct PerWindow {
  int64_t key = 0;
  int64_t start = 0;
  int64_t rows = 0;
  friend bool operator==(const PerWindow&, const PerWindow&) = default;
};

PerWindow Counted(int64_t key, Window window, int64_t rows) { return {key, window.start, rows}; }

void CountPerSecond(const Stream<Seen>& seen) {
  seen.KeyBy(&Seen::key).Window(Tumbling{.size = 1s}).Aggregate("rows", Count{}, Counted).Sink(
      "out", kafka::Sink<PerWindow>{.topic = "out", .create_partitions = 1});
}

int64_t SumOf(Job& job) {
  int64_t sum = 0;
  for (const PerWindow& window : job.Committed<PerWindow>("out")) sum += window.rows;
  return sum;
}

Pipeline FromTopic(std::chrono::milliseconds disorder) {
  Pipeline pipeline{"event-time"};
  CountPerSecond(pipeline.Source("seen", kafka::Source<Seen>{.topic = "seen"})
                     .Timestamps(&Seen::at, BoundedDisorder{disorder}));
  return pipeline;
}

TEST(EventTimeJob, ASplitThatEndsEarlierLeavesItsRowsBeforeTimeGoesOnWithoutIt) {
  constexpr int64_t kRows = 2001;
  Pipeline pipeline{"unequal"};
  // The rows of split 1 end halfway; those of split 0 go on.
  CountPerSecond(pipeline.Source("seen", generator::Source<Seen>{.rows = kRows, .splits = 2, .make = [](int64_t i) {
                                   return Seen{i % 7, i % 2 == 0 ? i * 10 : i * 5};
                                 }}).Timestamps(&Seen::at, Ascending{}));
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    JobOptions options;
    options.seed = seed;
    Job job(pipeline, options);
    job.Run();
    EXPECT_EQ(SumOf(job), kRows) << "seed " << seed;
    EXPECT_EQ(job.CommittedBytes(LateTopic("unequal")).size(), 0u) << "seed " << seed;
  }
}

TEST(EventTimeJob, ADrainWaitsForWhatIdleTasksStillHold) {
  constexpr int64_t kRows = 2000;
  Pipeline pipeline{"two-levels"};
  pipeline.Source("seen", generator::Source<Seen>{.rows = kRows, .splits = 2, .make = [](int64_t i) {
                    return Seen{i % 7, i};
                  }})
      .Timestamps(&Seen::at, BoundedDisorder{500ms})
      .KeyBy(&Seen::key)
      .Window(Tumbling{.size = 1s})
      .Aggregate("per-key", Count{}, Counted)
      .Window(Tumbling{.size = 1s})
      .Aggregate("of-all", Sum(&PerWindow::rows), [](Window window, int64_t rows) { return PerWindow{0, window.start, rows}; })
      .Sink("out", kafka::Sink<PerWindow>{.topic = "out", .create_partitions = 1});
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    JobOptions options;
    options.seed = seed;
    Job job(pipeline, options);
    job.Run();
    EXPECT_EQ(SumOf(job), kRows) << "seed " << seed;
    EXPECT_EQ(job.CommittedBytes(LateTopic("two-levels")).size(), 0u) << "seed " << seed;
  }
}

TEST(EventTimeJob, ARowThatWaitsForTheNextEpochOfAReplayIsNotPassedByTime) {
  Pipeline pipeline{"last-row"};
  // Split 0 has 3 rows, the last of them behind all those of split 1.
  CountPerSecond(pipeline.Source("seen", generator::Source<Seen>{.rows = 5, .splits = 2, .make = [](int64_t i) {
                                   return Seen{i, i % 2 == 0 ? i * 100 : 1000 + i * 1000};
                                 }}).Timestamps(&Seen::at, Ascending{}));
  for (uint64_t rows_per_barrier = 1; rows_per_barrier <= 4; ++rows_per_barrier) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      JobOptions options;
      options.seed = seed;
      options.parallelism = 1 + seed % 2;
      options.engine.mode = RunMode::kReplay;
      options.engine.replay = {"earliest", "now", rows_per_barrier, false};
      Job job(pipeline, options);
      job.Run();
      EXPECT_EQ(SumOf(job), 5) << "seed " << seed << ", " << rows_per_barrier << " rows a barrier";
    }
  }
}

TEST(EventTimeJob, AnEmptyPartitionHoldsNobodyBack) {
  Job job(FromTopic(0ms));
  job.Topic("seen").Add(Seen{1, 100}).Add(Seen{1, 200}).Add(Seen{1, 1500});
  job.Run();
  EXPECT_THAT(job.Committed<PerWindow>("out"), ElementsAre(PerWindow{1, 0, 2}));
}

TEST(EventTimeJob, APartitionThatWasNotHeardOfYetIsNotTakenForAnEmptyOne) {
  for (const uint64_t parity : {0, 1}) {
    JobOptions options;
    options.parallelism = 1;
    Job job(FromTopic(0ms), options);
    job.Topic("seen").Add(Seen{1, 500}, 0).Add(Seen{1, 2500}, 0).Add(Seen{1, 300}, 1).Add(Seen{1, 2600}, 1);
    // The partitions are asked in turn: one of them is not reached for a while.
    job.world().broker().SetFaults([parity](const MemoryCallInfo& call) -> MemoryFault {
      if (call.call != MemoryCall::kFetch || call.ordinal % 2 != parity || call.ordinal > 20) return {};
      return {.kind = MemoryFault::Kind::kLost};
    });
    job.Run();
    EXPECT_THAT(job.Committed<PerWindow>("out"), ElementsAre(PerWindow{1, 0, 2})) << "parity " << parity;
  }
}

TEST(EventTimeJob, WindowsWaitForTheSlowerPartition) {
  Job job(FromTopic(0ms));
  job.Topic("seen").Add(Seen{1, 500}, 0).Add(Seen{1, 2500}, 0).Add(Seen{1, 300}, 1);
  job.Run();
  EXPECT_THAT(job.Committed<PerWindow>("out"), IsEmpty());
  job.Topic("seen").Add(Seen{1, 1500}, 1);
  job.Run();
  EXPECT_THAT(job.Committed<PerWindow>("out"), ElementsAre(PerWindow{1, 0, 2}));
}

TEST(EventTimeJob, AQuietPartitionIsIdleAfterAWhileAndTimeGoesOn) {
  JobOptions options;
  options.engine.idle_after = 200ms;
  Job job(FromTopic(0ms), options);
  job.Topic("seen").Add(Seen{1, 500}, 0).Add(Seen{1, 2500}, 0).Add(Seen{1, 300}, 1);
  job.Run();
  EXPECT_THAT(job.Committed<PerWindow>("out"), ElementsAre(PerWindow{1, 0, 2}));
  // It wakes behind the others: what is earlier than they are is late.
  job.Topic("seen").Add(Seen{1, 1900}, 1);
  job.Run();
  const auto late = job.Committed<LateRecord>(LateTopic("event-time"));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].event_time, 1900);
}

TEST(EventTimeJob, ATopicThatDoesNotAnswerIsNotTakenForAQuietOne) {
  JobOptions options;
  options.engine.idle_after = 5s;
  options.engine.discovery_interval = 200ms;
  Job job(FromTopic(0ms), options);
  job.Topic("seen").Add(Seen{1, 500}, 0).Add(Seen{1, 2500}, 0).Add(Seen{1, 300}, 1);
  job.Run();
  job.world().broker().SetFaults([](const MemoryCallInfo& call) -> MemoryFault {
    const bool asks = call.call == MemoryCall::kFetch || call.call == MemoryCall::kMetadata;
    return {.kind = asks && call.name == "seen" ? MemoryFault::Kind::kLost : MemoryFault::Kind::kNone};
  });
  job.Topic("seen").Add(Seen{1, 2600}, 0).Add(Seen{1, 1900}, 1);
  job.Advance(20s);
  job.world().broker().SetFaults(nullptr);
  job.Run();
  EXPECT_THAT(job.CommittedBytes(LateTopic("event-time")), IsEmpty());
  EXPECT_THAT(job.Committed<PerWindow>("out"), ElementsAre(PerWindow{1, 0, 2}));
  // Silence counts again.
  job.RunUntilIdle();
  EXPECT_THAT(job.Committed<PerWindow>("out"), ElementsAre(PerWindow{1, 0, 2}, PerWindow{1, 1000, 1}));
}

TEST(EventTimeJob, ALateRowGoesToTheLedgerWholeAndIsCounted) {
  Job job(FromTopic(100ms));
  job.Topic("seen").Add(Seen{1, 500}).Add(Seen{1, 1200}).Add(Seen{2, 700}).Add(Seen{1, 1150});
  job.Run();
  job.Stop(RunEnd::kDrain);
  EXPECT_EQ(SumOf(job), 3);
  const auto late = job.Committed<LateRecord>(LateTopic("event-time"));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_THAT(late[0].operator_id, HasSubstr("rows"));
  EXPECT_EQ(late[0].event_time, 700);
  EXPECT_EQ(late[0].watermark, 1100);
  EXPECT_EQ(late[0].row, R"({"key":2,"at":700})");
}

struct Reading {
  int64_t key = 0;
  double value = 0;
  std::string unit;
};

TEST(EventTimeJob, ALateRowThatJsonHasNoFormForGoesToTheLedgerAsTextThatSaysSo) {
  Pipeline pipeline{"event-time"};
  pipeline.Source("seen", kafka::Source<Seen>{.topic = "seen"}).Timestamps(&Seen::at, Ascending{})
      .Map([](const Seen& seen) {
        if (seen.key == 2) return Reading{2, 0.5, std::string(300, 'x') + "\n\xb0"};
        return Reading{seen.key, std::nan(""), "K"};
      })
      .KeyBy(&Reading::key).Window(Tumbling{.size = 1s})
      .Aggregate("rows", Count{}, Counted).Sink("out", kafka::Sink<PerWindow>{.topic = "out", .create_partitions = 1});
  Job job(pipeline);
  job.Topic("seen").Add(Seen{1, 5000}).Add(Seen{1, 500}).Add(Seen{2, 600});
  const auto outcome = job.Run();
  ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
  const auto late = job.Committed<LateRecord>(LateTopic("event-time"));
  ASSERT_EQ(late.size(), 2u);
  EXPECT_THAT(late[0].row, testing::EndsWith(R"(field value: JSON has no form for nan; the row: {"key": 1, "value": nan, "unit": "K"})"));
  EXPECT_EQ(late[0].event_time, 500);
  EXPECT_THAT(late[1].row, HasSubstr("field unit: not UTF-8"));
  EXPECT_THAT(late[1].row, testing::EndsWith(R"({"key": 2, "value": 0.5, "unit": ")" + std::string(300, 'x') + R"(\x0a\xb0"})"));
}

TEST(EventTimeJob, TheSameRowsAreLateAfterACrash) {
  for (const bool power : {false, true}) {
    Job job(FromTopic(100ms));
    job.Topic("seen").Add(Seen{1, 500}).Add(Seen{1, 1200});
    job.Run();
    job.Crash(power);
    job.Topic("seen").Add(Seen{2, 700}).Add(Seen{2, 1300});
    job.Run();
    job.Stop(RunEnd::kDrain);
    EXPECT_EQ(job.CommittedBytes(LateTopic("event-time")).size(), 1u);
    EXPECT_EQ(SumOf(job), 3);
  }
}

TEST(EventTimeJob, AStoppedRunLeavesWindowsOpenAndTheNextGoesOnWithThem) {
  Job job(FromTopic(0ms));
  job.Topic("seen").Add(Seen{1, 500});
  job.Stop(RunEnd::kStop);
  EXPECT_THAT(job.Committed<PerWindow>("out"), IsEmpty());
  job.Topic("seen").Add(Seen{1, 600}).Add(Seen{1, 1700});
  job.Run();
  EXPECT_THAT(job.Committed<PerWindow>("out"), ElementsAre(PerWindow{1, 0, 2}));
}

TEST(EventTimeJob, ARowFarAheadOfItsRecordIsPoisonAndEndsNoWindow) {
  Job job(FromTopic(0ms));
  job.Topic("seen").Add(Seen{1, 500}).Add(Seen{1, int64_t{1} << 59}).Add(Seen{1, 600});
  job.Run();
  EXPECT_THAT(job.Committed<PerWindow>("out"), IsEmpty());
  EXPECT_EQ(job.CommittedBytes(LedgerTopic("event-time")).size(), 1u);
}

std::string SaidByAJobWithWindowsOf(std::chrono::seconds size) {
  Pipeline pipeline{"event-time"};
  pipeline.Source("seen", kafka::Source<Seen>{.topic = "seen"}).Timestamps(&Seen::at, Ascending{}).KeyBy(&Seen::key)
      .Window(Tumbling{.size = size}).Aggregate("rows", Count{}, Counted)
      .Sink("out", kafka::Sink<PerWindow>{.topic = "out", .create_partitions = 1});
  Job job(pipeline);
  job.Topic("seen").Add(Seen{1, 500});
  test::LogCapture log;
  job.Run();
  return log.Take();
}

TEST(EventTimeJob, ASplitMayBeAheadByTheLongestWindowAndAlwaysByHalfAMinute) {
  EXPECT_THAT(SaidByAJobWithWindowsOf(1s), HasSubstr("while it is more than 30000 ms of event time ahead"));
  EXPECT_THAT(SaidByAJobWithWindowsOf(90s), HasSubstr("while it is more than 90000 ms of event time ahead"));
}

TEST(EventTimeJob, ACommitSaysHowMuchStateThereIsAndHowLongItsInputsWaited) {
  Job job(FromTopic(0ms));
  job.Topic("seen").Add(Seen{1, 500}).Add(Seen{2, 600}).Add(Seen{3, 700});
  test::LogCapture log;
  job.Run();
  EXPECT_THAT(log.Take(), HasSubstr("records in this epoch, 3 entries of state, aligned in "));
}

TEST(EventTimeJob, ThatHoldsMoreStateThanItMayStopsAndSaysWhatToDo) {
  JobOptions options;
  options.engine.state_bytes_max = 1 << 20;
  Job job(FromTopic(0ms), options);
  for (int64_t key = 0; key < 40'000; ++key) job.Topic("seen").Add(Seen{key, 500});
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(outcome->status.message(), testing::AllOf(HasSubstr("operator rows"), HasSubstr("state.memory-max is 1 MiB"),
                                                        HasSubstr("take shorter windows")));
}

TEST(EventTimeJob, TimesOfZeroAndBeforeAreTimesLikeAnyOther) {
  Job job(FromTopic(0ms));
  job.Topic("seen").Add(Seen{1, -1500}).Add(Seen{1, -1}).Add(Seen{1, 0}).Add(Seen{1, 999}).Add(Seen{2, 1000});
  job.Stop(RunEnd::kDrain);
  EXPECT_THAT(job.Committed<PerWindow>("out"), testing::UnorderedElementsAre(PerWindow{1, -2000, 1}, PerWindow{1, -1000, 1},
                                                                             PerWindow{1, 0, 2}, PerWindow{2, 1000, 1}));
  EXPECT_THAT(job.CommittedBytes(LateTopic("event-time")), IsEmpty());
}

/// What a job says of rows with these times.
std::string SaidOf(const std::vector<int64_t>& times) {
  JobOptions options;
  options.parallelism = 1;
  Job job(FromTopic(0ms), options);
  for (const int64_t time : times) job.Topic("seen").Add(Seen{1, time});
  testing::internal::CaptureStderr();
  job.Run();
  return testing::internal::GetCapturedStderr();
}

TEST(EventTimeJob, SaysThatSecondsWereTakenForMilliseconds) {
  for (const int64_t time : {1'700'000'000, 0, -5}) {
    const std::string said = SaidOf(std::vector<int64_t>(150, time));
    EXPECT_THAT(said, testing::AllOf(HasSubstr("source seen: all event times so far are before 1980 or after 2100"),
                                     HasSubstr("are these seconds, or is the field empty?"))) << time;
    EXPECT_EQ(said.find("so far", said.find("so far") + 1), std::string::npos) << "once";
  }
  std::vector<int64_t> one_is_sane(150, 1'700'000'000);
  one_is_sane[50] = 1'700'000'000'000;
  EXPECT_THAT(SaidOf(one_is_sane), testing::Not(HasSubstr("so far")));
}

TEST(EventTimeJob, APolicyThatGoesBackStopsTheJobAndNamesSplitAndOffset) {
  Pipeline pipeline{"back"};
  CountPerSecond(pipeline.Source("seen", kafka::Source<Seen>{.topic = "seen"})
                     .Timestamps(&Seen::at, [](EventTime time) { return time; }));
  Job job(pipeline);
  job.Topic("seen").Add(Seen{1, 2000}, 1).Add(Seen{1, 1000}, 1);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(outcome->status.message(), testing::AllOf(HasSubstr("operator seen"), HasSubstr("went back from 2000 to 1000"),
                                                        HasSubstr("split seen/1"), HasSubstr("return the greatest one so far")));
}

TEST(EventTimeJob, SourcesWithoutTimesAreRefusedWhereTimesAreNeeded) {
  Pipeline pipeline{"no-times"};
  CountPerSecond(pipeline.Source("seen", generator::Source<Seen>{.rows = 1, .make = [](int64_t) { return Seen{}; }}));
  EXPECT_THAT(pipeline.graph().Problems(), ElementsAre(HasSubstr("say .Timestamps(")));
}

TEST(EventTimeJob, TimesThatAreSaidTwiceOrByANegativeDisorderAreRefused) {
  Pipeline pipeline{"twice"};
  auto source = pipeline.Source("seen", kafka::Source<Seen>{.topic = "seen"});
  source.Timestamps(&Seen::at, Ascending{});
  CountPerSecond(source.Timestamps(&Seen::at, BoundedDisorder{-1ms}));
  EXPECT_THAT(pipeline.graph().Problems(), ElementsAre(HasSubstr("said twice"), HasSubstr("zero or more")));
}

}  // namespace
}  // namespace weir
