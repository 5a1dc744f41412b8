// What an interval join refuses, and its gate for late rows. What it gives is in tests/contract/operators.
#include "operators/join/interval_join.h"

#include <gmock/gmock.h>

#include "connectors/generator/generator.h"
#include "operators/pipeline.h"

namespace weir::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

struct Event {
  int64_t key = 0;
  int64_t time = 0;
  int64_t id = 0;
};
struct Pair {
  int64_t left = 0;
  int64_t right = 0;
};

/// Takes what a gate emits, by port.
class CollectingEmitter final : public Emitter {
 public:
  Status Emit(uint32_t port, BatchPtr batch) override {
    batches.emplace_back(port, std::move(batch));
    return {};
  }
  std::vector<std::pair<uint32_t, BatchPtr>> batches;
};
Pipeline JoinPipeline(Between between) {
  Pipeline pipeline{"joins"};
  const auto source = [&](const char* id) {
    return pipeline.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
        .Timestamps(&Event::time, BoundedDisorder{20ms}).KeyBy(&Event::key);
  };
  generator::Discard(source("l").IntervalJoin(source("r"), between)
                         .Inner("join", [](const Event& l, const Event& r) { return Pair{l.id, r.id}; }));
  return pipeline;
}

std::string ProblemWith(Between between) {
  const auto problems = JoinPipeline(between).graph().Problems();
  return problems.empty() ? "" : problems.front();
}

TEST(IntervalJoin, SaysWhichWayRoundBoundsGo) {
  EXPECT_EQ(ProblemWith({-5ms, 10ms}), "");
  EXPECT_EQ(ProblemWith({10ms, -5ms}),
            "interval_join 'join': Between{10ms, -5ms} holds no time: the lower bound comes first, say Between{-5ms, 10ms} "
            "(of a right row's time, counted from the left row's)");
}

TEST(IntervalJoin, RefusesBoundsThatCanOnlyBeAMistake) {
  EXPECT_THAT(ProblemWith({-5ms, std::chrono::milliseconds::max()}), HasSubstr("further than ten years"));
  EXPECT_THAT(ProblemWith({std::chrono::milliseconds::min(), 0ms}), HasSubstr("are these milliseconds?"));
}

TEST(IntervalJoin, WantsBothStreamsOfOnePipeline) {
  Pipeline one{"one"};
  Pipeline other{"other"};
  const auto source = [](Pipeline& pipeline) {
    return pipeline.Source("s", generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
        .Timestamps(&Event::time, Ascending{}).KeyBy(&Event::key);
  };
  generator::Discard(source(one).IntervalJoin(source(other), Between{0ms, 1ms})
                         .Inner("join", [](const Event& l, const Event& r) { return Pair{l.id, r.id}; }));
  EXPECT_THAT(one.graph().Problems(), testing::Contains(HasSubstr("of different pipelines")));
}

TEST(IntervalJoin, NeedsEventTime) {
  Pipeline pipeline{"p"};
  const auto source = [&](const char* id) {
    return pipeline.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }}).KeyBy(&Event::key);
  };
  generator::Discard(source("l").IntervalJoin(source("r"), Between{0ms, 1ms})
                         .Inner("join", [](const Event& l, const Event& r) { return Pair{l.id, r.id}; }));
  EXPECT_THAT(pipeline.graph().Problems(), testing::Contains(HasSubstr("say .Timestamps(")));
}

TEST(LateGate, SendsLateRowsOutWholeAndCountsTheRest) {
  internal::LateGate gate;
  auto batch = std::make_unique<Batch<Event>>();
  for (int64_t i = 0; i < 4; ++i) {
    batch->rows.push_back({i, i * 10, i});
    batch->times.push_back(EventTime{i * 10});
    batch->late.push_back(i % 2 == 0 ? EventTime{i * 10 + 1} : kMinEventTime);
  }
  CollectingEmitter out;
  ASSERT_TRUE(gate.Process(0, std::move(batch), out).ok());
  ASSERT_EQ(out.batches.size(), 2u);
  EXPECT_EQ(out.batches[0].first, kLatePort);
  EXPECT_EQ(static_cast<Batch<Event>&>(*out.batches[0].second).rows[1].id, 2);
  EXPECT_EQ(out.batches[0].second->late[1], EventTime{21});
  EXPECT_EQ(static_cast<Batch<Event>&>(*out.batches[1].second).rows[1].id, 3);
  EXPECT_TRUE(out.batches[1].second->late.empty());
  EXPECT_EQ(gate.rows_processed(), 2u);
}

}  // namespace
}  // namespace weir::test
