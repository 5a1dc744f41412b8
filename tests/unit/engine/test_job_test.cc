// Whole jobs on the simulated world: what users' own tests look like.
#include <gmock/gmock.h>

#include "connectors/generator/generator.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"

namespace weir {
namespace {

using test::Job;
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
