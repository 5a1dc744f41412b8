// The generator as a user meets it: the same rows at any parallelism and after any restart, and an end.
#include "connectors/generator/generator.h"

#include <gmock/gmock.h>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"

namespace weir {
namespace {

using test::Job;
using test::JobOptions;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

struct Number {
  int64_t value = 0;
};

Pipeline Numbers(int64_t rows, int64_t splits) {
  Pipeline pipeline{"numbers"};
  pipeline.Source("numbers", generator::Source<Number>{.rows = rows, .splits = splits,
                                                       .make = [](int64_t i) { return Number{i}; }})
      .Sink("out", kafka::Sink<Number>{.topic = "out", .create_partitions = 1});
  return pipeline;
}

std::vector<int64_t> Sorted(const std::vector<Number>& rows) {
  std::vector<int64_t> values;
  for (const Number& row : rows) values.push_back(row.value);
  std::sort(values.begin(), values.end());
  return values;
}

std::vector<int64_t> UpTo(int64_t rows) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < rows; ++i) values.push_back(i);
  return values;
}

TEST(Generator, MakesEachRowOnceAtAnyParallelismAndThenEnds) {
  for (const uint32_t parallelism : {1u, 3u}) {
    for (const int64_t splits : {1, 2, 5}) {
      JobOptions options;
      options.parallelism = parallelism;
      Job job(Numbers(11, splits), options);
      const auto outcome = job.Run();
      ASSERT_TRUE(outcome.has_value()) << "the job goes on";
      EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kFinished) << outcome->status.ToString();
      EXPECT_EQ(Sorted(job.Committed<Number>("out")), UpTo(11)) << parallelism << " tasks, " << splits << " splits";
    }
  }
}

TEST(Generator, GivesASplitEveryNthRowInOrder) {
  JobOptions options;
  options.parallelism = 1;
  Job job(Numbers(7, 7), options);
  ASSERT_TRUE(job.Run().has_value());
  std::vector<int64_t> values;
  for (const Number& row : job.Committed<Number>("out")) values.push_back(row.value);
  EXPECT_THAT(values, ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(Generator, GoesOnAfterACrashWithoutARowMoreOrLess) {
  constexpr int64_t kRows = 2000;
  JobOptions options;
  options.engine.mode = RunMode::kReplay;
  options.engine.end = {EndPoint::Kind::kNow, 0};
  options.engine.replay = {"earliest", "now", 50, false};   // Barriers come by rows: no time passes while there are any.
  Job job(Numbers(kRows, 3), options);
  for (int crashes = 0; crashes < 5; ++crashes) {
    job.RunSteps(150);
    job.Crash(true);
  }
  const size_t before = job.CommittedBytes("out").size();
  EXPECT_TRUE(0 < before && before < static_cast<size_t>(kRows)) << before << " rows were committed between crashes";
  ASSERT_TRUE(job.Run().has_value());
  EXPECT_EQ(Sorted(job.Committed<Number>("out")), UpTo(kRows));
}

TEST(Generator, OfNothingIsOverAtOnce) {
  Job job(Numbers(0, 2));
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job goes on";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kFinished) << outcome->status.ToString();
  EXPECT_THAT(job.CommittedBytes("out"), SizeIs(0));
}

TEST(Generator, WithoutASplitIsAProblemOfThePipeline) {
  EXPECT_THAT(Numbers(5, 0).graph().Problems(), ElementsAre(HasSubstr("a generator needs rows >= 0 and splits > 0")));
  EXPECT_THAT(Numbers(-1, 1).graph().Problems(), SizeIs(1));
}

TEST(Generator, WhoseFunctionThrowsNamesTheSourceAndTheWayOut) {
  Pipeline pipeline{"numbers"};
  const auto broken = [](int64_t i) { return i < 3 ? Number{i} : throw std::runtime_error("no such number"); };
  pipeline.Source("numbers", generator::Source<Number>{.rows = 5, .make = broken})
      .Sink("out", kafka::Sink<Number>{.topic = "out", .create_partitions = 1});
  Job job(pipeline);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job goes on";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(), testing::AllOf(HasSubstr("operator numbers"), HasSubstr("no such number"),
                                                        HasSubstr("correct the function")));
}

TEST(Discard, CountsWhatItTakes) {
  Pipeline pipeline{"numbers"};
  const auto count = generator::Discard(pipeline.Source(
      "numbers", generator::Source<Number>{.rows = 25, .splits = 2, .make = [](int64_t i) { return Number{i}; }}));
  Job job(pipeline);
  ASSERT_TRUE(job.Run().has_value());
  EXPECT_EQ(count->load(), 25u);
}

}  // namespace
}  // namespace weir
