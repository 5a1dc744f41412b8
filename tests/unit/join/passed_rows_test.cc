// Rows that are on time for their own split, but behind the operator's watermark: only a split of another source that had
// been idle brings such rows. Whether their partners are still there depends on the other splits, so they are late.
#include <gtest/gtest.h>

#include "connectors/generator/generator.h"
#include "operators/join/event_time_order.h"
#include "operators/join/interval_join.h"
#include "operators/join/window_join.h"
#include "tests/unit/join/join_harness.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;

struct Pair {
  int64_t left = 0;
  int64_t right = 0;
};

auto Events(Pipeline& pipeline, const char* id) {
  return pipeline.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
      .Timestamps(&Event::time, Ascending{}).KeyBy(&Event::key);
}

Pipeline IntervalPipeline() {
  Pipeline pipeline{"passed"};
  const auto joined = Events(pipeline, "l").IntervalJoin(Events(pipeline, "r"), Between{-5ms, 10ms});
  generator::Discard(joined.Left("node", [](const Event& left, const Event* right) {
    return Pair{left.id, right == nullptr ? -1 : right->id};
  }));
  return pipeline;
}

Pipeline WindowPipeline() {
  Pipeline pipeline{"passed"};
  const auto joined = Events(pipeline, "l").WindowJoin(Events(pipeline, "r"), Sliding{.size = 40ms, .slide = 20ms});
  generator::Discard(joined.Inner("node", [](const Event& left, const Event& right) { return Pair{left.id, right.id}; }));
  return pipeline;
}

Pipeline OrderPipeline() {
  Pipeline pipeline{"passed"};
  generator::Discard(Events(pipeline, "l").InEventTimeOrder("node").Reduce("last", [](Event& kept, const Event& next) {
    kept = next;
  }));
  return pipeline;
}

class PassedRows : public testing::Test {
 protected:
  /// The ids of what came out late, and the watermarks that they came behind.
  using Late = std::vector<std::pair<int64_t, int64_t>>;

  void Row(NodeUnderTest& node, uint32_t input, int64_t time, int64_t id) {
    auto batch = std::make_unique<Batch<Event>>();
    batch->rows.push_back({1, time, id, ""});
    batch->times.push_back(EventTime{time});
    batch->hashes.push_back(HashKey(int64_t{1}));
    ASSERT_TRUE(node.op().Process(input, std::move(batch), node.out).ok());
    ++fed_;
  }
  static void Pass(NodeUnderTest& node, int64_t watermark) {
    while (!node.op().OnWatermark(EventTime{watermark}, node.out).value()) {
    }
  }
  void Restart(NodeUnderTest& node) {
    CountsAddUp(node);
    SeededRandom random(1);
    node.SaveAndRestore(random);
    fed_ = 0;
    node.out.batches.clear();
  }
  static Late LateOf(const NodeUnderTest& node) {
    Late late;
    for (const auto& [port, batch] : node.out.batches) {
      if (!IsLatePort(port)) continue;
      for (size_t i = 0; i < batch->size(); ++i) {
        const Event& event = static_cast<const Batch<Event>&>(*batch).rows[i];
        EXPECT_EQ(batch->times[i].millis, event.time);
        late.emplace_back(event.id, batch->is_late(i) ? batch->late[i].millis : -1);
      }
    }
    return late;
  }
  void CountsAddUp(NodeUnderTest& node) { EXPECT_EQ(node.op().rows_processed().value_or(0) + LateOf(node).size(), fed_); }

 private:
  uint64_t fed_ = 0;   // to this instance
};

TEST_F(PassedRows, OfAnIntervalJoinAreLateOnEachSide) {
  const Pipeline pipeline = IntervalPipeline();
  NodeUnderTest node(pipeline, "node");
  Row(node, 0, 100, 1);
  Pass(node, 200);
  Row(node, 0, 199, 2);
  Row(node, 1, 150, 3);
  Row(node, 0, 200, 4);
  EXPECT_EQ(LateOf(node), (Late{{2, 200}, {3, 200}}));
  CountsAddUp(node);
}

TEST_F(PassedRows, AreStillLateBeforeTheFirstWatermarkOfARestart) {
  const Pipeline pipeline = IntervalPipeline();
  NodeUnderTest node(pipeline, "node");
  Row(node, 1, 100, 1);
  Pass(node, 200);
  Restart(node);
  Row(node, 0, 100, 2);
  Row(node, 0, 201, 3);
  EXPECT_EQ(LateOf(node), (Late{{2, 200}}));
  // Other splits may begin where they were, behind what had passed with this one idle.
  Pass(node, 150);
  Row(node, 0, 160, 4);
  EXPECT_EQ(LateOf(node), (Late{{2, 200}, {4, 200}}));
  CountsAddUp(node);
}

TEST_F(PassedRows, OfAWindowJoinAreThoseWhoseFirstWindowIsOver) {
  const Pipeline pipeline = WindowPipeline();
  NodeUnderTest node(pipeline, "node");
  Pass(node, 100);
  Row(node, 0, 85, 1);    // [60, 100) is over, [80, 120) is not: in all of its windows or in none
  Row(node, 1, 79, 2);
  Row(node, 1, 100, 3);
  EXPECT_EQ(LateOf(node), (Late{{1, 100}, {2, 100}}));
  CountsAddUp(node);
  Restart(node);
  Row(node, 0, 85, 4);
  EXPECT_EQ(LateOf(node), (Late{{4, 100}}));
}

TEST_F(PassedRows, OfEventTimeOrderAreLateInsteadOfOutOfOrder) {
  const Pipeline pipeline = OrderPipeline();
  NodeUnderTest node(pipeline, "node");
  Row(node, 0, 100, 1);
  Pass(node, 200);
  Row(node, 0, 150, 2);
  Row(node, 0, 250, 3);
  EXPECT_EQ(LateOf(node), (Late{{2, 200}}));
  CountsAddUp(node);
  Restart(node);
  Row(node, 0, 150, 4);
  EXPECT_EQ(LateOf(node), (Late{{4, 200}}));
  CountsAddUp(node);
}

}  // namespace
}  // namespace weir::test
