// Rows leave in the order of event time, then split and offset, whatever the order they came in.
#include "operators/join/event_time_order.h"

#include <gmock/gmock.h>

#include <iostream>
#include <tuple>

#include "connectors/generator/generator.h"
#include "tests/support/run_scale.h"
#include "tests/unit/join/join_harness.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

Pipeline OrderPipeline() {
  Pipeline pipeline{"order"};
  generator::Discard(pipeline.Source("s", generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
                         .Timestamps(&Event::time, BoundedDisorder{20ms})
                         .KeyBy(&Event::key)
                         .InEventTimeOrder("order")
                         .Reduce("last", [](Event& kept, const Event& next) { kept = next; }));
  return pipeline;
}

/// Ids of each key's rows, in order.
using Order = std::map<int64_t, std::vector<int64_t>>;

Order Naive(std::vector<ReadEvent> all) {
  std::erase_if(all, [](const ReadEvent& read) { return read.late != kMinEventTime; });
  std::sort(all.begin(), all.end(), [](const ReadEvent& a, const ReadEvent& b) {
    return std::tie(a.event.time, a.origin.split, a.origin.offset) < std::tie(b.event.time, b.origin.split, b.origin.offset);
  });
  Order order;
  for (const ReadEvent& read : all) order[read.event.key].push_back(read.event.id);
  return order;
}

void CheckSeed(uint64_t seed, DriveOptions drive) {
  SeededRandom random(seed);
  int64_t id = 0;
  DataShape data;
  data.span = 100;   // Many rows of one time.
  data.keys = 1 + static_cast<int64_t>(random.Below(8));
  std::vector<std::vector<ReadSplit>> inputs(1);
  for (uint32_t split = 0; split < 5; ++split) {
    data.events = 10 + static_cast<int64_t>(random.Below(120));
    inputs[0].push_back(RandomSplit(random, data, split, id));
  }
  const Pipeline pipeline = OrderPipeline();
  NodeUnderTest node(pipeline, "order");
  Drive(random, node, inputs, [](const ReadEvent& read) { return read.late == kMinEventTime; }, drive).RunToTheEnd();
  Order order;
  for (const auto& [port, batch] : node.out.batches) {
    ASSERT_EQ(batch->hashes.size(), batch->size());
    for (size_t i = 0; i < batch->size(); ++i) {
      const Event& event = static_cast<const Batch<Event>&>(*batch).rows[i];
      ASSERT_EQ(batch->times[i].millis, event.time);
      ASSERT_EQ(batch->hashes[i], HashKey(event.key));
      order[event.key].push_back(event.id);
    }
  }
  ASSERT_EQ(order, Naive(AllOf(inputs[0]))) << "seed " << seed;
  ASSERT_EQ(node.state().keys(), 0u) << "seed " << seed;
}

TEST(EventTimeOrder, IsThatOfTimeSplitAndOffset) {
  const uint64_t first = SystemRandom().Next() >> 1;
  std::cout << "seed " << first << "\n";
  for (uint64_t seed = first; seed < first + ModelSeeds(40); ++seed) {
    for (const size_t batch : {1, 7, 1024}) CheckSeed(seed, {batch, false});
    CheckSeed(seed, {7, true});
  }
}

TEST(EventTimeOrder, MakesWhatFollowsExact) {
  const Pipeline pipeline = OrderPipeline();
  for (const GraphNode& node : pipeline.graph().nodes) EXPECT_EQ(node.repeatability, Repeatability::kExact) << node.id;
  EXPECT_TRUE(pipeline.graph().TimeNeededFrom(0).origins);
}

}  // namespace
}  // namespace weir::test
