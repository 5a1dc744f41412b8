// The interval join against nested loops over its definition.
#include "operators/join/interval_join.h"

#include <gmock/gmock.h>

#include <iostream>

#include "connectors/generator/generator.h"
#include "tests/support/run_scale.h"
#include "tests/unit/join/join_harness.h"

namespace weir::test {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

struct Pair {
  int64_t left = 0;
  int64_t right = 0;   ///< -1: none.
  friend auto operator<=>(const Pair&, const Pair&) = default;
};
/// A pair with its event time; of an unmatched row that left by its own port `right` is -2.
using Joined = std::pair<Pair, int64_t>;

enum class Kind { kInner, kLeft, kInnerAndUnmatched };

Pipeline JoinPipeline(Kind kind, Between between) {
  Pipeline pipeline{"joins"};
  const auto source = [&](const char* id) {
    return pipeline.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
        .Timestamps(&Event::time, BoundedDisorder{20ms});
  };
  const auto joined = source("l").KeyBy(&Event::key).IntervalJoin(source("r").KeyBy(&Event::key), between);
  const auto pair = [](const Event& left, const Event& right) { return Pair{left.id, right.id}; };
  if (kind == Kind::kInner) generator::Discard(joined.Inner("join", pair));
  if (kind == Kind::kLeft) {
    generator::Discard(joined.Left("join", [](const Event& left, const Event* right) {
      return Pair{left.id, right == nullptr ? -1 : right->id};
    }));
  }
  if (kind == Kind::kInnerAndUnmatched) {
    const auto [matched, unmatched] = joined.InnerAndUnmatched("join", pair);
    generator::Discard(matched);
    generator::Discard(unmatched);
  }
  return pipeline;
}

bool OnTime(const ReadEvent& read) { return read.late == kMinEventTime; }

std::vector<Joined> Naive(Kind kind, Between between, const std::vector<ReadEvent>& left, const std::vector<ReadEvent>& right) {
  std::vector<Joined> joined;
  for (const ReadEvent& l : left) {
    if (!OnTime(l)) continue;
    bool matched = false;
    for (const ReadEvent& r : right) {
      const int64_t apart = r.event.time - l.event.time;
      if (!OnTime(r) || r.event.key != l.event.key || apart < between.lower.count() || apart > between.upper.count()) continue;
      matched = true;
      joined.push_back({{l.event.id, r.event.id}, std::max(l.event.time, r.event.time)});
    }
    if (matched || kind == Kind::kInner) continue;
    joined.push_back({{l.event.id, kind == Kind::kLeft ? -1 : -2}, l.event.time + std::max<int64_t>(0, between.upper.count())});
  }
  std::sort(joined.begin(), joined.end());
  return joined;
}

std::vector<Joined> Sorted(const CollectingEmitter& out) {
  std::vector<Joined> joined;
  for (const auto& [port, batch] : out.batches) {
    for (size_t i = 0; i < batch->size(); ++i) {
      const int64_t time = batch->times[i].millis;
      if (port == kMainPort) joined.push_back({static_cast<const Batch<Pair>&>(*batch).rows[i], time});
      else joined.push_back({{static_cast<const Batch<Event>&>(*batch).rows[i].id, -2}, time});
    }
  }
  std::sort(joined.begin(), joined.end());
  return joined;
}

struct Case {
  Kind kind;
  Between between;
  DriveOptions drive;
};

void CheckSeed(uint64_t seed, const Case& c) {
  SeededRandom random(seed);
  int64_t id = 0;
  DataShape shape;
  shape.keys = 1 + static_cast<int64_t>(random.Below(8));
  std::vector<std::vector<ReadSplit>> inputs(2);
  for (uint32_t split = 0; split < 5; ++split) {
    shape.events = 10 + static_cast<int64_t>(random.Below(120));
    inputs[split % 2].push_back(RandomSplit(random, shape, split, id));
  }
  const Pipeline pipeline = JoinPipeline(c.kind, c.between);
  NodeUnderTest node(pipeline, "join");
  Drive(random, node, inputs, OnTime, c.drive).RunToTheEnd();
  ASSERT_EQ(Sorted(node.out), Naive(c.kind, c.between, AllOf(inputs[0]), AllOf(inputs[1]))) << "seed " << seed;
  ASSERT_EQ(node.state().keys(), 0u) << "seed " << seed;
}

class IntervalJoinProperties : public testing::TestWithParam<Kind> {};

TEST_P(IntervalJoinProperties, GivesWhatNestedLoopsGive) {
  const Between bounds[] = {{-5ms, 10ms}, {0ms, 0ms}, {-60ms, -20ms}, {15ms, 40ms}, {-3ms, 0ms}, {-400ms, 400ms}};
  const uint64_t first = SystemRandom().Next() >> 1;
  std::cout << "seed " << first << "\n";
  for (uint64_t seed = first; seed < first + ModelSeeds(40); ++seed) {
    const Between between = bounds[seed % std::size(bounds)];
    for (const size_t batch : {1, 7, 1024}) CheckSeed(seed, {GetParam(), between, {batch, false}});
    CheckSeed(seed, {GetParam(), between, {7, true}});
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, IntervalJoinProperties,
                         testing::Values(Kind::kInner, Kind::kLeft, Kind::kInnerAndUnmatched));

std::string ProblemWith(Between between) {
  const auto problems = JoinPipeline(Kind::kInner, between).graph().Problems();
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
    batch->rows.push_back({i, i * 10, i, ""});
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
