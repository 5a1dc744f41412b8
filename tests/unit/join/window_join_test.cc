// The window join against nested loops over its definition.
#include "operators/join/window_join.h"

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
  int64_t right = 0;   ///< -1: none; -2: the unmatched row itself.
  int64_t start = 0;
  int64_t end = 0;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};
using Joined = std::pair<Pair, int64_t>;   ///< With its event time.

enum class Kind { kInner, kLeft, kInnerAndUnmatched, kSemi, kAnti };

/// The definition of a sliding window; size = slide is tumbling.
struct Shape {
  int64_t size;
  int64_t slide;
  int64_t offset;
};

template <class W>
Pipeline JoinPipeline(Kind kind, W window) {
  Pipeline pipeline{"joins"};
  const auto source = [&](const char* id) {
    return pipeline.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
        .Timestamps(&Event::time, BoundedDisorder{20ms});
  };
  const auto joined = source("l").KeyBy(&Event::key).WindowJoin(source("r").KeyBy(&Event::key), window);
  const auto pair = [](const Event& l, const Event& r, Window w) { return Pair{l.id, r.id, w.start, w.end}; };
  const auto alone = [](const Event& l, Window w) { return Pair{l.id, -1, w.start, w.end}; };
  if (kind == Kind::kInner) generator::Discard(joined.Inner("join", pair));
  if (kind == Kind::kSemi) generator::Discard(joined.Semi("join", alone));
  if (kind == Kind::kAnti) generator::Discard(joined.Anti("join", alone));
  if (kind == Kind::kLeft) {
    generator::Discard(joined.Left("join", [](const Event& l, const Event* r, Window w) {
      return Pair{l.id, r == nullptr ? -1 : r->id, w.start, w.end};
    }));
  }
  if (kind == Kind::kInnerAndUnmatched) {
    const auto [matched, unmatched] = joined.InnerAndUnmatched("join", pair);
    generator::Discard(matched);
    generator::Discard(unmatched);
  }
  return pipeline;
}

/// All windows [start, start + size) that hold `time`, from the definition: start = n * slide + offset.
std::vector<Window> WindowsOf(const Shape& shape, int64_t time) {
  std::vector<Window> windows;
  for (int64_t start = time - shape.size + 1; start <= time; ++start) {
    if (((start - shape.offset) % shape.slide + shape.slide) % shape.slide == 0) windows.push_back({start, start + shape.size});
  }
  return windows;
}

/// Late is what finds the first of its windows over.
bool IsTaken(const Shape& shape, const ReadEvent& read) { return WindowsOf(shape, read.event.time).front().end > read.late.millis; }

std::vector<Joined> Naive(Kind kind, const Shape& shape, const std::vector<ReadEvent>& left, const std::vector<ReadEvent>& right) {
  std::vector<Joined> joined;
  for (const ReadEvent& l : left) {
    if (!IsTaken(shape, l)) continue;
    for (const Window& window : WindowsOf(shape, l.event.time)) {
      std::vector<int64_t> partners;
      for (const ReadEvent& r : right) {
        const bool in = r.event.time >= window.start && r.event.time < window.end;
        if (in && IsTaken(shape, r) && r.event.key == l.event.key) partners.push_back(r.event.id);
      }
      const bool pairs = kind == Kind::kInner || kind == Kind::kLeft || kind == Kind::kInnerAndUnmatched;
      if (pairs) {
        for (const int64_t r : partners) joined.push_back({{l.event.id, r, window.start, window.end}, window.end - 1});
      }
      const bool alone = partners.empty() ? kind == Kind::kLeft || kind == Kind::kAnti : kind == Kind::kSemi;
      if (alone) joined.push_back({{l.event.id, -1, window.start, window.end}, window.end - 1});
      if (partners.empty() && kind == Kind::kInnerAndUnmatched) joined.push_back({{l.event.id, -2, 0, 0}, window.end - 1});
    }
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
      else joined.push_back({{static_cast<const Batch<Event>&>(*batch).rows[i].id, -2, 0, 0}, time});
    }
  }
  std::sort(joined.begin(), joined.end());
  return joined;
}

void CheckSeed(uint64_t seed, Kind kind, const Shape& shape, DriveOptions drive) {
  SeededRandom random(seed);
  int64_t id = 0;
  DataShape data;
  data.keys = 1 + static_cast<int64_t>(random.Below(8));
  std::vector<std::vector<ReadSplit>> inputs(2);
  for (uint32_t split = 0; split < 5; ++split) {
    data.events = 10 + static_cast<int64_t>(random.Below(80));
    inputs[split % 2].push_back(RandomSplit(random, data, split, id));
  }
  const auto ms = [](int64_t millis) { return std::chrono::milliseconds(millis); };
  const Pipeline pipeline =
      shape.size == shape.slide
          ? JoinPipeline(kind, Tumbling{.size = ms(shape.size), .offset = ms(shape.offset)})
          : JoinPipeline(kind, Sliding{.size = ms(shape.size), .slide = ms(shape.slide), .offset = ms(shape.offset)});
  NodeUnderTest node(pipeline, "join");
  Drive(random, node, inputs, [&](const ReadEvent& read) { return IsTaken(shape, read); }, drive).RunToTheEnd();
  ASSERT_EQ(Sorted(node.out), Naive(kind, shape, AllOf(inputs[0]), AllOf(inputs[1]))) << "seed " << seed;
  ASSERT_EQ(node.state().keys(), 0u) << "seed " << seed;
}

class WindowJoinProperties : public testing::TestWithParam<Kind> {};

TEST_P(WindowJoinProperties, GivesWhatNestedLoopsGive) {
  const Shape shapes[] = {{10, 10, 0}, {50, 50, 7}, {40, 10, 0}, {30, 15, 4}};
  const uint64_t first = SystemRandom().Next() >> 1;
  std::cout << "seed " << first << "\n";
  for (uint64_t seed = first; seed < first + ModelSeeds(24); ++seed) {
    const Shape& shape = shapes[seed % std::size(shapes)];
    for (const size_t batch : {1, 7, 1024}) CheckSeed(seed, GetParam(), shape, {batch, false});
    CheckSeed(seed, GetParam(), shape, {7, true});
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, WindowJoinProperties,
                         testing::Values(Kind::kInner, Kind::kLeft, Kind::kInnerAndUnmatched, Kind::kSemi, Kind::kAnti));

TEST(WindowJoin, RefusesWindowsThatCannotBe) {
  EXPECT_THAT(JoinPipeline(Kind::kInner, Tumbling{0ms}).graph().Problems(),
              testing::Contains(HasSubstr("window_join 'join': ")));
  EXPECT_THAT(JoinPipeline(Kind::kInner, Sliding{.size = 10ms, .slide = 3ms}).graph().Problems(),
              testing::Contains(HasSubstr("window_join 'join': ")));
}

TEST(WindowJoin, DoesNotTakeWindowsOfProcessingTime) {
  EXPECT_THAT(JoinPipeline(Kind::kInner, Tumbling{10ms}.OnProcessingTime()).graph().Problems(),
              testing::Contains(HasSubstr("by event time")));
}

}  // namespace
}  // namespace weir::test
