// Every operator of the tables beside this file: at parallelism 1, 2, 4, in batches of 1, 7, 1024 rows, never killed or
// restored at each pause, at the same parallelism or another, with outputs that take all or refuse every second batch, on rows
// out of order from five splits of very different speed. What comes out is what the definition says.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <sstream>
#include <tuple>

#include "runtime/base/random.h"
#include "tests/support/run_scale.h"
#include "tests/contract/operators/drawn_splits.h"
#include "tests/contract/operators/operator_case.h"

namespace weir::test {
namespace {

enum class Kills { kNone, kRestored, kRescaled };

struct Shape {
  uint32_t parallelism = 1;
  size_t batch = 1;
  Kills kills = Kills::kNone;
  OperatorHarnessOptions::Output output = OperatorHarnessOptions::Output::kTaken;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  constexpr const char* kKills[] = {"no kill", "restored at each pause", "restored at each pause at another parallelism"};
  return out << "parallelism " << shape.parallelism << ", batches of " << shape.batch << ", "
             << kKills[static_cast<int>(shape.kills)]
             << (shape.output == OperatorHarnessOptions::Output::kOneSlot ? ", output refuses every second push" : "");
}

std::vector<Shape> AllShapes() {
  std::vector<Shape> shapes;
  for (const uint32_t parallelism : {1u, 2u, 4u}) {
    for (const size_t batch : {1, 7, 1024}) {
      for (const Kills kills : {Kills::kNone, Kills::kRestored, Kills::kRescaled}) {
        for (const auto output : {OperatorHarnessOptions::Output::kTaken, OperatorHarnessOptions::Output::kOneSlot}) {
          shapes.push_back({parallelism, batch, kills, output});
        }
      }
    }
  }
  return shapes;
}

std::string IdOf(const OperatorCase& one, const Pipeline& pipeline) {
  std::string id = "op";
  for (const GraphNode& node : pipeline.graph().nodes) {
    if (!one.kind.empty() && node.kind == one.kind) id = node.id;
  }
  return id;
}

/// Feeds splits at their speeds, with pauses in between.
class Driver {
 public:
  Driver(OperatorHarness& harness, const Data& data, const Shape& shape, Random& random)
      : harness_(harness), data_(data), shape_(shape), random_(random) {
    for (const Input& input : data) at_.emplace_back(input.size(), 0);
  }

  void RunToTheEnd() {
    while (Feed()) {
      if (random_.OneIn(3)) harness_.Run();
      else harness_.RunSteps(random_.Below(100));
      if (shape_.kills != Kills::kNone) Restore();
    }
    harness_.Drain();
  }

 private:
  struct Saved {
    OperatorSnapshot snapshot;
    std::vector<std::vector<size_t>> at;
  };

  bool Feed() {
    constexpr uint64_t kSpeeds[kSplits] = {40, 5, 100, 10, 20};
    bool any = false;
    for (uint32_t input = 0; input < data_.size(); ++input) {
      for (uint32_t split = 0; split < kSplits; ++split) {
        const size_t left = data_[input][split].size() - at_[input][split];
        any = any || left > 0;
        FeedSplit(input, split, std::min<size_t>(left, 1 + random_.Below(kSpeeds[split])));
      }
    }
    return any;
  }

  void FeedSplit(uint32_t input, uint32_t split, size_t rows) {
    const Split& from = data_[input][split];
    size_t& at = at_[input][split];
    OperatorInput to = harness_.Input(input, split);
    for (const size_t end = at + rows; at < end;) {
      std::vector<TimedRow<Event>> batch;
      for (; batch.size() < shape_.batch && at < end; ++at) {
        const ReadEvent& read = from[at];
        batch.push_back({read.event, EventTime{read.event.time}, read.late() ? EventTime{read.passed} : kMinEventTime});
      }
      to.AddBatch(batch);
      // Not every watermark is passed on.
      if (random_.OneIn(2)) to.Watermark(EventTime{from[at - 1].watermark});
    }
  }

  /// A new instance goes on from here or, as if the last checkpoint had not been completed, from the one before.
  void Restore() {
    if (!saved_.has_value() || !random_.OneIn(4)) saved_ = Saved{harness_.Barrier(), at_};
    const uint32_t parallelism = shape_.kills == Kills::kRescaled ? 1 + static_cast<uint32_t>(random_.Below(5)) : 0;
    harness_.Restore(saved_->snapshot, parallelism);
    at_ = saved_->at;
  }

  OperatorHarness& harness_;
  const Data& data_;
  const Shape shape_;
  Random& random_;
  std::vector<std::vector<size_t>> at_;   // by input and split
  std::optional<Saved> saved_;
};

std::map<int64_t, std::vector<Out>> ByLane(std::vector<Out> rows, Repeats repeats) {
  if (repeats == Repeats::kAnyOrder) std::sort(rows.begin(), rows.end());
  std::map<int64_t, std::vector<Out>> lanes;
  for (const Out& row : rows) {
    std::vector<Out>& lane = lanes[repeats == Repeats::kAnyOrder ? 0 : row.lane];
    if (repeats == Repeats::kLastValue) lane.clear();
    lane.push_back(row);
    if (repeats == Repeats::kLastValue) lane.back().time = 0;
  }
  return lanes;
}

std::string Text(const std::vector<Out>& rows, size_t at) {
  if (at >= rows.size()) return "no more";
  std::ostringstream text;
  text << "{lane " << rows[at].lane << ", at " << rows[at].at << ", " << rows[at].a << ", " << rows[at].b << ", time " << rows[at].time << "}";
  return text.str();
}

/// Empty, or the first thing that is different.
std::string Difference(const std::vector<Out>& expected, const std::vector<Out>& found, Repeats repeats) {
  auto wanted = ByLane(expected, repeats);
  auto got = ByLane(found, repeats);
  for (const auto& [lane, rows] : got) wanted[lane];
  for (const auto& [lane, rows] : wanted) {
    const std::vector<Out>& other = got[lane];
    for (size_t i = 0; i < std::max(rows.size(), other.size()); ++i) {
      if (i < rows.size() && i < other.size() && rows[i] == other[i]) continue;
      return "row " + std::to_string(i) + " of its lane: expected " + Text(rows, i) + ", found " + Text(other, i);
    }
  }
  return {};
}

/// Empty, or what is wrong.
std::string Check(const OperatorCase& one, const Variant& variant, const Shape& shape, const std::vector<DrawnSplit>& drawn,
                  uint64_t seed) {
  const Data data = ReadAll(drawn, one.data);
  Pipeline pipeline{"suite"};
  variant.build(pipeline);
  OperatorHarness harness(pipeline, IdOf(one, pipeline),
                          {.parallelism = shape.parallelism, .splits = kSplits, .order = OperatorHarnessOptions::Order::kDrawn,
                           .output = shape.output, .seed = seed});
  SeededRandom random(seed);
  Driver(harness, data, shape, random).RunToTheEnd();
  if (const Status status = harness.failure(); !status.ok()) return status.ToString();
  const Expected expected = variant.expected(data);
  std::vector<Out> found = one.take(harness);
  if (std::string wrong = Difference(expected.rows, found, one.repeats); !wrong.empty()) return wrong;
  const auto late_rows = [](std::vector<int64_t> ids) {
    std::vector<Out> rows;
    for (const int64_t id : ids) rows.push_back({0, 0, id, 0});
    return rows;
  };
  std::vector<int64_t> late;
  for (const TimedRow<Event>& row : harness.TakeLate<Event>()) late.push_back(row.row.id);
  if (std::string wrong = Difference(late_rows(expected.late), late_rows(late), Repeats::kAnyOrder); !wrong.empty()) {
    return "late rows: " + wrong;
  }
  if (!one.leaves_state && harness.state_keys() > 0) {
    return std::to_string(harness.state_keys()) + " entries are left in its state";
  }
  return {};
}

TEST_P(EveryOperator, GivesWhatItsDefinitionSays) {
  const OperatorCase& one = GetParam();
  const uint64_t first = TestSeed();
  const std::vector<Shape> shapes = AllShapes();
  const uint64_t runs = ModelSeeds(shapes.size());
  for (uint64_t i = 0; i < runs; ++i) {
    const uint64_t seed = first + i;
    // Where not all of them are run, others each time.
    const Shape& shape = shapes[runs == shapes.size() ? i : seed * 17 % shapes.size()];
    const Variant& variant = one.variants[seed % one.variants.size()];
    const std::string wrong = WithDrawnSplits(seed, one.data.inputs * kSplits, [&](const std::vector<DrawnSplit>& drawn) {
      return Check(one, variant, shape, drawn, seed);
    });
    ASSERT_EQ(wrong, "") << shape << ", variant " << seed % one.variants.size() << ", seed " << seed;
  }
}

}  // namespace
}  // namespace weir::test
