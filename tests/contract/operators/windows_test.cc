// Windows of every kind, with triggers and late updates.
#include "operators/window/windowed_stream.h"

#include <map>

#include "tests/contract/operators/operator_case.h"
#include "tests/unit/window/window_reference.h"

namespace weir::test {
namespace {

using std::chrono::milliseconds;

Out PerWindow(int64_t key, Window window, const CountAndSumOfRows& totals) { return {key, window.end, totals.count, totals.sum}; }
/// The values that one window has one after the other.
Out PerUpdate(int64_t key, Window window, const CountAndSumOfRows& totals) {
  return {key * 100'000 + window.end, window.end, totals.count, totals.sum};
}

template <class W>
auto Windowed(Pipeline& pipeline, const W& window) { return ByKey(pipeline).Window(window); }
template <class W>
auto BuildTotals(const W& window) {
  return [window](Pipeline& p) { generator::Discard(Windowed(p, window).Aggregate("op", CountAndSum(&Event::value), PerWindow)); };
}

/// As the reference reads them; the sum of a row is its value, its name its id.
Partitions Clicks(const Data& data) {
  Partitions partitions;
  for (const Split& split : data[0]) {
    partitions.emplace_back();
    for (const ReadEvent& read : split) partitions.back().push_back({read.event.key, read.event.time, read.event.value});
  }
  return partitions;
}

/// Ids instead of values: for the late rows.
Partitions Ids(const Data& data) {
  Partitions partitions;
  for (const Split& split : data[0]) {
    partitions.emplace_back();
    for (const ReadEvent& read : split) partitions.back().push_back({read.event.key, read.event.time, read.event.id});
  }
  return partitions;
}

enum class Lanes { kKeys, kWindows };

/// `naive(partitions)`: what the definition makes of them.
template <class Naive>
auto By(Naive naive, Lanes lanes = Lanes::kKeys) {
  return [naive, lanes](const Data& data) {
    Expected expected;
    std::vector<WindowResult> results = naive(Clicks(data)).results;
    std::stable_sort(results.begin(), results.end(), [](const auto& a, const auto& b) { return a.end < b.end; });
    for (const WindowResult& r : results) {
      expected.rows.push_back({lanes == Lanes::kKeys ? r.key : r.key * 100'000 + r.end, r.end, r.count, r.sum, r.end - 1});
    }
    expected.late = naive(Ids(data)).late;
    return expected;
  };
}
auto SlidingBy(int64_t size, int64_t slide, int64_t offset, int64_t allowed = 0) {
  return [=](const Partitions& partitions) {
    return TimeWindows(partitions, kDisorder, [=](int64_t t) { return SlidingWindowsOf(t, size, slide, offset); }, allowed);
  };
}
auto CumulatingBy(int64_t size, int64_t step) {
  return [=](const Partitions& partitions) {
    return TimeWindows(partitions, kDisorder, [=](int64_t t) { return CumulatingWindowsOf(t, size, step); });
  };
}
auto SessionsBy(int64_t gap) {
  return [=](const Partitions& partitions) { return Sessions(partitions, kDisorder, gap); };
}

/// The last `size` rows of a key each time that `slide` more have come, with the time of the last of them.
Expected CountWindows(const Data& data, size_t size, size_t slide) {
  Expected expected;
  std::map<int64_t, std::vector<int64_t>> values;
  for (const ReadEvent& read : AllOf(data[0])) {
    std::vector<int64_t>& of_key = values[read.event.key];
    of_key.push_back(read.event.value);
    if (of_key.size() % slide != 0) continue;
    Out out{read.event.key, static_cast<int64_t>(of_key.size()), 0, 0, read.event.time};
    for (size_t i = of_key.size() - std::min(size, of_key.size()); i < of_key.size(); ++i) {
      ++out.a;
      out.b += of_key[i];
    }
    expected.rows.push_back(out);
  }
  return expected;
}

/// All rows of a key, late or not.
Expected AllRows(const Data& data) {
  std::map<int64_t, Out> totals;
  for (const ReadEvent& read : AllOf(data[0])) {
    Out& total = totals[read.event.key];
    total = {read.event.key, 0, total.a + 1, total.b + read.event.value};
  }
  Expected expected;
  for (const auto& [key, total] : totals) expected.rows.push_back(total);
  return expected;
}

/// Each third row of a key in a window of `size` (0: in the one of all rows), and the end. Of keys that each come from one split.
Expected EveryThirdRow(const Data& data, int64_t size) {
  std::map<std::pair<int64_t, int64_t>, Out> windows;   // by end and key
  Expected expected;
  for (const ReadEvent& read : AllOf(data[0])) {
    const int64_t end = size == 0 ? 0 : (Floor(read.event.time, size) + 1) * size;
    if (size > 0 && end <= read.passed) {
      expected.late.push_back(read.event.id);
      continue;
    }
    Out& sum = windows[{end, read.event.key}];
    sum = {read.event.key * 100'000 + end, end, sum.a + 1, sum.b + read.event.value, size == 0 ? kMinEventTime.millis : end - 1};
    if (sum.a % 3 == 0) expected.rows.push_back(sum);
  }
  for (const auto& [at, sum] : windows) expected.rows.push_back(sum);
  return expected;
}

/// The windows of all keys together.
Expected OfWholeStream(const Data& data) {
  Data one = data;
  for (Split& split : one[0]) {
    for (ReadEvent& read : split) read.event.key = 0;
  }
  return By(SlidingBy(60, 20, 0))(one);
}

void Add(Event& kept, const Event& next) {
  kept.value += next.value;
  kept.lane += next.lane;
}

std::vector<OperatorCase> WindowCases() {
  const Sliding sliding{milliseconds(60), milliseconds(20)};
  return {
      {.name = "TumblingWindow",
       .variants = {{BuildTotals(Tumbling{milliseconds(50), milliseconds(7)}), By(SlidingBy(50, 50, 7))},
                    {BuildTotals(Tumbling{milliseconds(5)}), By(SlidingBy(5, 5, 0))}}},
      {.name = "SlidingWindow",
       .variants = {{BuildTotals(sliding), By(SlidingBy(60, 20, 0))},
                    {BuildTotals(Sliding{milliseconds(100), milliseconds(10), milliseconds(3)}), By(SlidingBy(100, 10, 3))}}},
      {.name = "CumulatingWindow",
       .variants = {{BuildTotals(Cumulating{milliseconds(100), milliseconds(25)}), By(CumulatingBy(100, 25))}}},
      {.name = "SessionWindow",
       .variants = {{BuildTotals(Session{milliseconds(25)}), By(SessionsBy(25))},
                    {BuildTotals(Session{milliseconds(4)}), By(SessionsBy(4))},
                    {BuildTotals(Session{milliseconds(120)}), By(SessionsBy(120))}}},
      {.name = "CountWindow",
       .data = {.keys_in_one_split = true},
       .variants = {{BuildTotals(CountWindow{.rows = 3}), [](const Data& data) { return CountWindows(data, 3, 3); }},
                    {BuildTotals(CountWindow{.rows = 4, .slide = 2}), [](const Data& data) { return CountWindows(data, 4, 2); }}},
       .leaves_state = true},
      {.name = "GlobalWindowWithEarlyTrigger",
       .repeats = Repeats::kLastValue,
       .variants = {{[](Pipeline& p) {
                       generator::Discard(Windowed(p, Global{}).EarlyEvery(3).Aggregate(
                           "op", CountAndSum(&Event::value),
                           [](int64_t key, Window, const CountAndSumOfRows& t) { return Out{key, 0, t.count, t.sum}; }));
                     }, AllRows}}},
      {.name = "WindowWithEarlyTrigger",
       .repeats = Repeats::kLastValue,
       .variants = {{[sliding](Pipeline& p) {
                       generator::Discard(Windowed(p, sliding).EarlyEvery(3).Aggregate("op", CountAndSum(&Event::value), PerUpdate));
                     }, By(SlidingBy(60, 20, 0), Lanes::kWindows)}}},
      {.name = "EveryThirdRowOfAWindow",
       .data = {.keys_in_one_split = true},
       .variants = {{[](Pipeline& p) {
                       generator::Discard(Windowed(p, Tumbling{milliseconds(50)}).EarlyEvery(3)
                                              .Aggregate("op", CountAndSum(&Event::value), PerUpdate));
                     }, [](const Data& data) { return EveryThirdRow(data, 50); }},
                    {[](Pipeline& p) {
                       generator::Discard(Windowed(p, Global{}).EarlyEvery(3).Aggregate(
                           "op", CountAndSum(&Event::value),
                           [](int64_t key, Window, const CountAndSumOfRows& t) { return Out{key * 100'000, 0, t.count, t.sum}; }));
                     }, [](const Data& data) { return EveryThirdRow(data, 0); }}}},
      {.name = "WindowWithLateUpdates",
       .repeats = Repeats::kLastValue,
       .variants = {{[sliding](Pipeline& p) {
                       generator::Discard(Windowed(p, sliding).LateUpdates(milliseconds(30))
                                              .Aggregate("op", CountAndSum(&Event::value), PerUpdate));
                     }, By(SlidingBy(60, 20, 0, 30), Lanes::kWindows)}}},
      {.name = "WindowReduce",
       .variants = {{[](Pipeline& p) {
                       generator::Discard(Windowed(p, Tumbling{milliseconds(50)}).Reduce("op", Add,
                           [](int64_t key, Window w, const Event& sum) { return Out{key, w.end, 0, sum.value}; }));
                     },
                     [](const Data& data) {
                       Expected expected = By(SlidingBy(50, 50, 0))(data);
                       for (Out& row : expected.rows) row.a = 0;
                       return expected;
                     }}}},
      {.name = "WindowProcess",
       .variants = {{[sliding](Pipeline& p) {
                       generator::Discard(Windowed(p, sliding).Process<Out>(
                           "op", [](int64_t key, Window w, std::span<const Event> rows, Collector<Out>& out) {
                             int64_t sum = 0;
                             for (const Event& row : rows) sum += row.value;
                             out.Emit({key, w.end, static_cast<int64_t>(rows.size()), sum});
                           }));
                     }, By(SlidingBy(60, 20, 0))}}},
      {.name = "WindowOfTheWholeStream",
       .variants = {{[sliding](Pipeline& p) {
                       generator::Discard(Events(p).Window(sliding).Aggregate(
                           "op", CountAndSum(&Event::value),
                           [](Window w, const CountAndSumOfRows& t) { return Out{0, w.end, t.count, t.sum}; }));
                     }, OfWholeStream}}},
  };
}

INSTANTIATE_TEST_SUITE_P(Windows, EveryOperator, testing::ValuesIn(WindowCases()), NameOf);

}  // namespace
}  // namespace weir::test
