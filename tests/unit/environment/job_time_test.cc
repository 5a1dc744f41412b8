// Virtual time in whole jobs, moved by the test.
#include <gmock/gmock.h>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct Ping {
  int64_t host = 0;
  int64_t time = 0;
};
struct Count {
  int64_t host = 0;
  int64_t pings = 0;
  friend bool operator==(const Count&, const Count&) = default;
};

template <class W>
Pipeline Pings(W window, bool row_times) {
  Pipeline pipeline{"pings"};
  auto source = pipeline.Source("pings", kafka::Source<Ping>{.topic = "pings"});
  if (row_times) source.Timestamps(&Ping::time, Ascending{});
  source.KeyBy(&Ping::host)
      .Window(window)
      .Aggregate("count", weir::Count{}, [](int64_t host, Window, int64_t pings) { return Count{host, pings}; })
      .Sink("out", kafka::Sink<Count>{.topic = "counts", .create_partitions = 1});
  return pipeline;
}

TEST(JobTime, WindowsOnProcessingTimeFireWhenItHasComeToTheirEnd) {
  Job job(Pings(Tumbling{10s}.OnProcessingTime(), false));
  job.Topic("pings").Add(Ping{1});
  job.Advance(1s);   // it starts, and reads
  const int64_t left_ms = 10'000 - job.wall_ms() % 10'000;
  job.Advance(std::chrono::milliseconds(left_ms - 1));
  EXPECT_THAT(job.Committed<Count>("counts"), IsEmpty());
  job.Advance(1s);   // and a checkpoint
  EXPECT_THAT(job.Committed<Count>("counts"), ElementsAre(Count{1, 1}));
}

TEST(JobTime, AdvanceGoesOnExactlyAsLongAsItIsTold) {
  Job job(Pings(Tumbling{10s}, true));
  job.Topic("pings");
  const int64_t before = job.wall_ms();
  job.Advance(2500ms);
  EXPECT_EQ(job.wall_ms() - before, 2500);
}

TEST(JobTime, SplitsWithoutRowsAreIdleAfterAWhile) {
  JobOptions options;
  options.engine.idle_after = 1min;
  Job job(Pings(Tumbling{1s}, true), options);
  job.Topic("pings").Add(Ping{1, 500}, 0).Add(Ping{2, 7000}, 1);
  job.Run();
  EXPECT_THAT(job.Committed<Count>("counts"), IsEmpty());
  EXPECT_EQ(job.Watermark("count"), EventTime{500});
  ASSERT_THAT(job.Splits("pings"), SizeIs(2));
  EXPECT_EQ(job.Splits("pings")[0].time.watermark, EventTime{500});
  EXPECT_FALSE(job.Splits("pings")[0].time.idle);

  job.RunUntilIdle();
  EXPECT_THAT(job.Committed<Count>("counts"), ElementsAre(Count{1, 1}));
  EXPECT_TRUE(job.Splits("pings")[0].time.idle);
  EXPECT_EQ(job.Watermark("count"), EventTime{7000});
}

TEST(JobTime, RecordsHaveTheTimeThatTheTestGivesThem) {
  Job job(Pings(Tumbling{1s}, false));
  job.Topic("pings").At(EventTime{1'000'100}).Add(Ping{1}).Add(Ping{1}).At(EventTime{1'020'000}).Add(Ping{2});
  job.Run();
  EXPECT_THAT(job.Committed<Count>("counts"), ElementsAre(Count{1, 2}));
}

}  // namespace
}  // namespace weir::test
