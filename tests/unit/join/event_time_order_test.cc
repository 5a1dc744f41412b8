// What stands in the graph. In which order rows leave is in tests/contract/operators.
#include "operators/join/event_time_order.h"

#include <gmock/gmock.h>

#include "connectors/generator/generator.h"
#include "operators/pipeline.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

struct Event {
  int64_t key = 0;
  int64_t time = 0;
};

Pipeline OrderPipeline() {
  Pipeline pipeline{"order"};
  generator::Discard(pipeline.Source("s", generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
                         .Timestamps(&Event::time, BoundedDisorder{20ms})
                         .KeyBy(&Event::key)
                         .InEventTimeOrder("order")
                         .Reduce("last", [](Event& kept, const Event& next) { kept = next; }));
  return pipeline;
}

TEST(EventTimeOrder, MakesWhatFollowsExact) {
  const Pipeline pipeline = OrderPipeline();
  for (const GraphNode& node : pipeline.graph().nodes) EXPECT_EQ(node.repeatability, Repeatability::kExact) << node.id;
  EXPECT_TRUE(pipeline.graph().TimeNeededFrom(0).origins);
}

}  // namespace
}  // namespace weir::test
