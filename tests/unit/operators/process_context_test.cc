// What a function's Context says of event time.
#include <gmock/gmock.h>

#include "connectors/generator/generator.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/operator_harness.h"
#include "environment/test_job.h"
#include "operators/pipeline.h"

namespace weir::test {
namespace {

using testing::ElementsAre;

struct Dated {
  int64_t key = 0;
  int64_t time = 0;
};
struct Millis {
  int64_t millis = 0;
  friend bool operator==(const Millis&, const Millis&) = default;
};

auto DatedRows(Pipeline& pipeline, const std::string& id) {
  return pipeline.Source(id, generator::Source<Dated>{.rows = 0, .make = [](int64_t) { return Dated{}; }});
}

struct SaysTheWatermark : KeyedFunction<int64_t> {
  static constexpr bool kUsesEventTime = true;
  void OnRow(const int64_t&, const Dated&, Context& ctx, Collector<Millis>& out) {
    out.Emit({ctx.watermark() == kMinEventTime ? -1 : ctx.watermark().millis});
  }
};

TEST(AContext, KnowsHowFarEventTimeHadComeBeforeARestartAlsoInAFunctionWithoutTimers) {
  Pipeline pipeline{"watermarks"};
  pipeline.Source("rows", kafka::Source<Dated>{.topic = "rows"}).Timestamps(&Dated::time, Ascending{}).KeyBy(&Dated::key)
      .Process<Millis>("says", SaysTheWatermark{})
      .Sink("out", kafka::Sink<Millis>{.topic = "out", .create_partitions = 1});
  Job job(pipeline, {.topic_partitions = 1});
  job.Topic("rows").Add(Dated{1, 10}).Add(Dated{1, 100});
  job.Run();
  job.Crash();
  job.Topic("rows").Add(Dated{1, 120});
  job.Run();
  EXPECT_THAT(job.Committed<Millis>("out"), ElementsAre(Millis{-1}, Millis{-1}, Millis{100}));
}

struct SaysTheTime : KeyedFunction<int64_t> {
  void OnLeft(const int64_t&, const Dated&, Context& ctx, Collector<Millis>& out) { out.Emit({ctx.time().millis}); }
  void OnRight(const int64_t&, const Dated&, Context& ctx, Collector<Millis>& out) { out.Emit({ctx.time().millis}); }
};

TEST(AContext, SaysNoTimeOfARowWithoutOneWhateverTheOtherStreamHas) {
  Pipeline pipeline{"times"};
  const auto timed = DatedRows(pipeline, "timed").Timestamps(&Dated::time, Ascending{}).KeyBy(&Dated::key);
  generator::Discard(timed.Connect(DatedRows(pipeline, "timeless").KeyBy(&Dated::key)).Process<Millis>("says", SaysTheTime{}));
  OperatorHarness harness(pipeline, "says");
  harness.Input(0).Add(Dated{1, 10}, EventTime{10});
  harness.Input(1).Add(Dated{1, 20});
  EXPECT_THAT(harness.Take<Millis>(), ElementsAre(Millis{10}, Millis{kMinEventTime.millis}));
}

}  // namespace
}  // namespace weir::test
