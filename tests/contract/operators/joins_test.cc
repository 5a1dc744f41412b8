// Joins bounded in time, against nested loops over their definitions.
#include "operators/join/interval_join.h"
#include "operators/join/window_join.h"
#include "tests/contract/operators/operator_case.h"
#include "tests/unit/window/window_reference.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

enum class Kind { kInner, kLeft, kInnerAndUnmatched, kSemi, kAnti };
constexpr int64_t kNone = -1;        // in place of the right row's id
constexpr int64_t kUnmatched = -2;   // the left row came out by itself

std::vector<Out> TakeWithUnmatched(OperatorHarness& harness) {
  std::vector<Out> rows = TakeOuts(harness);
  for (const TimedRow<Event>& row : harness.TakeUnmatched<Event>()) {
    rows.push_back({row.row.key, 0, NamedId(row.row), kUnmatched, row.time.millis});
  }
  return rows;
}

Out OfPair(const Event& left, const Event& right) { return {left.key, 0, NamedId(left), NamedId(right)}; }

Variant IntervalJoin(Kind kind, int64_t lower, int64_t upper) {
  Variant variant;
  variant.build = [=](Pipeline& p) {
    const auto joined = ByKey(p, "left").IntervalJoin(ByKey(p, "right"), Between{milliseconds(lower), milliseconds(upper)});
    if (kind == Kind::kInner) generator::Discard(joined.Inner("op", OfPair));
    if (kind == Kind::kLeft) {
      generator::Discard(joined.Left("op", [](const Event& left, const Event* right) {
        return Out{left.key, 0, NamedId(left), right == nullptr ? kNone : NamedId(*right)};
      }));
    }
    if (kind == Kind::kInnerAndUnmatched) {
      const auto [matched, unmatched] = joined.InnerAndUnmatched("op", OfPair);
      generator::Discard(matched);
      generator::Discard(unmatched);
    }
  };
  variant.expected = [=](const Data& data) {
    Expected expected;
    for (const Input& input : data) {
      for (const ReadEvent& read : AllOf(input)) {
        if (read.late()) expected.late.push_back(read.event.id);
      }
    }
    for (const ReadEvent& left : AllOf(data[0])) {
      if (left.late()) continue;
      bool matched = false;
      for (const ReadEvent& right : AllOf(data[1])) {
        const int64_t apart = right.event.time - left.event.time;
        if (right.late() || right.event.key != left.event.key || apart < lower || apart > upper) continue;
        matched = true;
        expected.rows.push_back({left.event.key, 0, left.event.id, right.event.id, std::max(left.event.time, right.event.time)});
      }
      if (matched || kind == Kind::kInner) continue;
      expected.rows.push_back({left.event.key, 0, left.event.id, kind == Kind::kInnerAndUnmatched ? kUnmatched : kNone,
                               left.event.time + std::max<int64_t>(0, upper)});
    }
    return expected;
  };
  return variant;
}

template <class W>
void BuildWindowJoin(Pipeline& p, Kind kind, const W& window) {
  const auto joined = ByKey(p, "left").WindowJoin(ByKey(p, "right"), window);
  const auto pair = [](const Event& l, const Event& r, Window w) { return Out{l.key, w.end, NamedId(l), NamedId(r)}; };
  const auto alone = [](const Event& l, Window w) { return Out{l.key, w.end, NamedId(l), kNone}; };
  if (kind == Kind::kInner) generator::Discard(joined.Inner("op", pair));
  if (kind == Kind::kSemi) generator::Discard(joined.Semi("op", alone));
  if (kind == Kind::kAnti) generator::Discard(joined.Anti("op", alone));
  if (kind == Kind::kLeft) {
    generator::Discard(joined.Left("op", [](const Event& l, const Event* r, Window w) {
      return Out{l.key, w.end, NamedId(l), r == nullptr ? kNone : NamedId(*r)};
    }));
  }
  if (kind == Kind::kInnerAndUnmatched) {
    const auto [matched, unmatched] = joined.InnerAndUnmatched("op", pair);
    generator::Discard(matched);
    generator::Discard(unmatched);
  }
}

/// A left row in one of its windows.
void JoinInWindow(Kind kind, const Event& left, int64_t start, int64_t end, const std::vector<ReadEvent>& taken_right,
                  std::vector<Out>& rows) {
  std::vector<int64_t> partners;
  for (const ReadEvent& right : taken_right) {
    const int64_t time = right.event.time;
    if (right.event.key == left.key && start <= time && time < end) partners.push_back(right.event.id);
  }
  if (kind == Kind::kSemi || kind == Kind::kAnti) {
    if (partners.empty() == (kind == Kind::kAnti)) rows.push_back({left.key, end, left.id, kNone, end - 1});
    return;
  }
  for (const int64_t partner : partners) rows.push_back({left.key, end, left.id, partner, end - 1});
  if (!partners.empty() || kind == Kind::kInner) return;
  const bool by_itself = kind == Kind::kInnerAndUnmatched;
  rows.push_back({left.key, by_itself ? 0 : end, left.id, by_itself ? kUnmatched : kNone, end - 1});
}

template <class W, class WindowsOf>
Variant WindowJoin(Kind kind, const W& window, WindowsOf windows_of) {
  Variant variant;
  variant.build = [=](Pipeline& p) { BuildWindowJoin(p, kind, window); };
  variant.expected = [=](const Data& data) {
    Expected expected;
    std::vector<ReadEvent> taken[2];   // not too late: the first of their windows was open for their split
    for (size_t input = 0; input < 2; ++input) {
      for (const ReadEvent& read : AllOf(data[input])) {
        int64_t first_end = INT64_MAX;
        for (const auto& [start, end] : windows_of(read.event.time)) first_end = std::min(first_end, end);
        if (first_end > read.passed) taken[input].push_back(read);
        else expected.late.push_back(read.event.id);
      }
    }
    for (const ReadEvent& left : taken[0]) {
      for (const auto& [start, end] : windows_of(left.event.time)) {
        JoinInWindow(kind, left.event, start, end, taken[1], expected.rows);
      }
    }
    return expected;
  };
  return variant;
}

OperatorCase IntervalCase(const char* name, Kind kind) {
  return {.name = name,
          .repeats = Repeats::kAnyOrder,
          .data = {.inputs = 2},
          .variants = {IntervalJoin(kind, -5, 10), IntervalJoin(kind, 0, 0), IntervalJoin(kind, -60, -20),
                       IntervalJoin(kind, 15, 40), IntervalJoin(kind, -3, 0), IntervalJoin(kind, -400, 400)},
          .take = kind == Kind::kInnerAndUnmatched ? TakeWithUnmatched : TakeOuts};
}

OperatorCase WindowCase(const char* name, Kind kind) {
  return {.name = name,
          .repeats = Repeats::kAnyOrder,
          .data = {.inputs = 2},
          .variants = {WindowJoin(kind, Tumbling{milliseconds(10), milliseconds(3)},
                                  [](int64_t t) { return SlidingWindowsOf(t, 10, 10, 3); }),
                       WindowJoin(kind, Sliding{milliseconds(30), milliseconds(10)},
                                  [](int64_t t) { return SlidingWindowsOf(t, 30, 10, 0); }),
                       WindowJoin(kind, Sliding{milliseconds(30), milliseconds(15), milliseconds(4)},
                                  [](int64_t t) { return SlidingWindowsOf(t, 30, 15, 4); }),
                       WindowJoin(kind, Cumulating{milliseconds(40), milliseconds(10)},
                                  [](int64_t t) { return CumulatingWindowsOf(t, 40, 10); })},
          .take = kind == Kind::kInnerAndUnmatched ? TakeWithUnmatched : TakeOuts};
}

INSTANTIATE_TEST_SUITE_P(Joins, EveryOperator,
                         testing::Values(IntervalCase("IntervalJoin", Kind::kInner),
                                         IntervalCase("IntervalJoinLeft", Kind::kLeft),
                                         IntervalCase("IntervalJoinAndUnmatched", Kind::kInnerAndUnmatched),
                                         WindowCase("WindowJoin", Kind::kInner), WindowCase("WindowJoinLeft", Kind::kLeft),
                                         WindowCase("WindowJoinAndUnmatched", Kind::kInnerAndUnmatched),
                                         WindowCase("WindowJoinSemi", Kind::kSemi), WindowCase("WindowJoinAnti", Kind::kAnti)),
                         NameOf);

}  // namespace
}  // namespace weir::test
