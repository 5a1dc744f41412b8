// Early results of windows, through restarts.
#include <gmock/gmock.h>

#include "connectors/generator/generator.h"
#include "environment/operator_harness.h"
#include "operators/pipeline.h"
#include "operators/window/windowed_stream.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Step {
  int64_t key = 0;
};
struct SoFar {
  int64_t key = 0;
  int64_t count = 0;
  friend bool operator==(const SoFar&, const SoFar&) = default;
};

template <class Every>
Pipeline CountedEarly(Every every) {
  Pipeline pipeline{"early"};
  generator::Discard(pipeline.Source("steps", generator::Source<Step>{.rows = 0, .make = [](int64_t) { return Step{}; }})
                         .KeyBy(&Step::key).Window(Global{}).EarlyEvery(every)
                         .Aggregate("early", Count{}, [](int64_t key, Window, int64_t count) { return SoFar{key, count}; }));
  return pipeline;
}

TEST(EarlyResults, ByTheClockComeAlsoIfTheProcessWasRestartedMeanwhile) {
  OperatorHarness early(CountedEarly(1000ms), "early");
  early.Advance(200ms);
  early.Add(Step{1}).Add(Step{2}).Add(Step{2});
  const auto saved = early.Barrier();
  early.Restore(saved, 2);
  early.Advance(1s);
  EXPECT_THAT(early.Take<SoFar>(), UnorderedElementsAre(SoFar{1, 1}, SoFar{2, 2}));
  early.Advance(1s);
  EXPECT_THAT(early.Take<SoFar>(), IsEmpty()) << "nothing has changed since";
  early.Add(Step{1}).Advance(1s);
  EXPECT_THAT(early.Take<SoFar>(), ElementsAre(SoFar{1, 2}));
}

TEST(EarlyResults, ByRowsCountOnThroughARestart) {
  OperatorHarness early(CountedEarly(3), "early");
  early.Add(Step{1}).Add(Step{1});
  for (const uint32_t parallelism : {1, 2}) {
    const auto saved = early.Barrier();
    early.Restore(saved, parallelism);
  }
  early.Add(Step{1});
  EXPECT_THAT(early.Take<SoFar>(), ElementsAre(SoFar{1, 3}));
  early.Add(Step{1}).Add(Step{1});
  early.Restore(early.Barrier());
  EXPECT_THAT(early.Take<SoFar>(), IsEmpty());
  early.Add(Step{1});
  EXPECT_THAT(early.Take<SoFar>(), ElementsAre(SoFar{1, 6}));
  early.Drain();
  EXPECT_EQ(early.state_keys(), 0u) << "but for what is known of key groups";
}

}  // namespace
}  // namespace weir::test
