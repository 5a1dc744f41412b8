// Whole jobs on the simulated world: what users' own tests look like.
#include <gmock/gmock.h>

#include <set>

#include "connectors/generator/generator.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"

namespace weir {
namespace {

using test::Job;
using test::JobOptions;
using testing::ElementsAre;
using testing::SizeIs;

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};
struct Total {
  int64_t auction = 0;
  int64_t price = 0;
  int64_t count = 0;
  int64_t sum = 0;
};

Pipeline Totals() {
  Pipeline pipeline{"totals"};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
      .KeyBy(&Bid::auction)
      .Aggregate("sums", CountAndSum(&Bid::price),
                 [](int64_t auction, const Bid& bid, const CountAndSumOfRows& totals) {
                   return Total{auction, bid.price, totals.count, totals.sum};
                 })
      .Sink("out", kafka::Sink<Total>{.topic = "totals", .create_partitions = 2});
  return pipeline;
}

TEST(Job, CommitsARunningTotalForEveryRow) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10}).Add(Bid{1, 5}).Add(Bid{2, 7});
  const auto outcome = job.Run();
  ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
  const std::vector<Total> totals = job.Committed<Total>("totals");
  ASSERT_THAT(totals, SizeIs(3));
  int64_t sum = 0;
  for (const Total& total : totals) sum += total.sum;
  EXPECT_EQ(sum, 10 + 15 + 7);
}

TEST(Job, GoesOnAfterACrashWithoutLosingOrDoublingARow) {
  Job job(Totals());
  for (int i = 0; i < 50; ++i) job.Topic("bids").Add(Bid{1, 1}, i % 2);
  job.RunSteps(400);
  job.Crash(true);
  for (int i = 0; i < 50; ++i) job.Topic("bids").Add(Bid{1, 1}, i % 2);
  job.Run();
  job.Crash();
  job.Topic("bids").Add(Bid{1, 1});
  job.Run();
  const std::vector<Total> totals = job.Committed<Total>("totals");
  ASSERT_THAT(totals, SizeIs(101));
  int64_t greatest = 0;
  for (const Total& total : totals) greatest = std::max(greatest, total.count);
  EXPECT_EQ(greatest, 101);
}

TEST(Job, GoesOnAtAnotherParallelismAsIfItHadAlwaysBeenThat) {
  for (const size_t roll_after_deltas : {1, 3, 100}) {
    JobOptions options{.seed = roll_after_deltas};
    options.engine.roll_after_deltas = roll_after_deltas;
    Job job(Totals(), options);
    int64_t rows = 0;
    for (const uint32_t parallelism : {1u, 3u, 4u, 3u, 1u, 4u, 128u, 2u}) {
      job.SetParallelism(parallelism);
      for (int64_t auction = 0; auction < 40; ++auction) job.Topic("bids").Add(Bid{auction, 1}, auction % 2);
      rows += 40;
      const auto outcome = job.Run();
      ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
      std::set<std::pair<int64_t, int64_t>> counts;
      for (const Total& total : job.Committed<Total>("totals")) {
        EXPECT_LE(total.count, rows / 40);
        EXPECT_TRUE(counts.emplace(total.auction, total.count).second) << "doubled at parallelism " << parallelism;
      }
      EXPECT_THAT(counts, SizeIs(rows));
      // The next start may be cut off itself, at yet another parallelism.
      job.Crash(parallelism % 2 == 0);
      job.SetParallelism(parallelism + 1 > 128 ? 5 : parallelism + 1);
      job.RunSteps(static_cast<uint64_t>(rows));
      job.Crash(true);
    }
  }
}

TEST(Job, SendsWhatItCannotDecodeToTheLedger) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10}).AddBytes("{\"auction\": oops}").Add(Bid{1, 5});
  job.Run();
  EXPECT_THAT(job.CommittedBytes("totals"), SizeIs(2));
  ASSERT_THAT(job.CommittedBytes("weir.poison.totals"), SizeIs(1));
  EXPECT_THAT(job.CommittedBytes("weir.poison.totals")[0], testing::HasSubstr("\"split\":\"bids/0\",\"offset\":1"));
}

TEST(Job, StopsWithALastCheckpoint) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  const auto outcome = job.Stop();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kFinished) << outcome->status.ToString();
}

}  // namespace
}  // namespace weir
