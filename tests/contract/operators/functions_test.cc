// Functions with state: every layout, timers, side outputs; two streams; a broadcast one.
#include <map>
#include <optional>

#include "operators/process/keyed_function.h"
#include "tests/contract/operators/operator_case.h"

namespace weir::test {
namespace {

const SideOutput<Out> kLateSide{"late-rows"};

constexpr int64_t kBucket = 50;
int64_t EndOf(int64_t time) { return (time >= 0 ? time / kBucket : -((-time + kBucket - 1) / kBucket)) * kBucket + kBucket; }

/// Tumbling windows by hand, of every kind of state; a value of zero cancels a window, but not the rows in the list.
struct Buckets : KeyedFunction<int64_t> {
  MapState<int64_t, int64_t> sums{"sums"};
  ListState<int64_t> ends{"ends"};
  ValueState<int64_t> fired{"fired"};

  void OnRow(const int64_t& key, const Event& event, Context& ctx, Collector<Out>&) {
    if (ctx.late()) return ctx.Emit(kLateSide, Out{-1 - key, event.time, event.id, 0});
    const int64_t end = EndOf(event.time);
    if (event.value == 0) {
      sums.Erase(end);
      return ctx.DeleteTimer(EventTime{end});
    }
    sums.Update(end, [&](int64_t& sum) { sum += event.value; });
    ends.Append(end);
    ctx.SetTimer(EventTime{end});
  }
  void OnTimer(const int64_t& key, Timer timer, Context&, Collector<Out>& out) {
    const int64_t end = timer.time.millis;
    int64_t rows = 0;
    std::vector<int64_t> others;
    ends.ForEach([&](int64_t other) {
      if (other == end) ++rows;
      else others.push_back(other);
    });
    out.Emit({key, end, rows * 100 + ++fired.Mutable(), *sums.Get(end)});
    ends.Assign(std::move(others));
    sums.Erase(end);
  }
};

Expected BucketsByDefinition(const Data& data) {
  Expected expected;
  std::map<std::pair<int64_t, int64_t>, std::pair<int64_t, std::optional<int64_t>>> windows;   // rows, and the sum
  for (const ReadEvent& read : AllOf(data[0])) {
    const Event& event = read.event;
    if (read.late()) {
      expected.rows.push_back({-1 - event.key, event.time, event.id, 0, event.time});
      continue;
    }
    auto& [rows, sum] = windows[{event.key, EndOf(event.time)}];
    if (event.value == 0) {
      sum.reset();
      continue;
    }
    ++rows;
    sum = sum.value_or(0) + event.value;
  }
  std::map<int64_t, int64_t> fired;
  for (const auto& [at, window] : windows) {
    if (!window.second.has_value()) continue;
    expected.rows.push_back({at.first, at.second, window.first * 100 + ++fired[at.first], *window.second, at.second});
  }
  return expected;
}

std::vector<Out> TakeBuckets(OperatorHarness& harness) {
  std::vector<Out> rows = TakeOuts(harness);
  for (const Out& late : WithTimes(harness.TakeWithTimes(kLateSide))) rows.push_back(late);
  return rows;
}

/// Sums of both streams, per window.
struct BothSums : KeyedFunction<int64_t> {
  MapState<int64_t, int64_t> left{"left"};
  MapState<int64_t, int64_t> right{"right"};

  void OnLeft(const int64_t&, const Event& event, Context& ctx, Collector<Out>&) { Take(left, event, ctx); }
  void OnRight(const int64_t&, const Event& event, Context& ctx, Collector<Out>&) { Take(right, event, ctx); }
  void Take(MapState<int64_t, int64_t>& sums, const Event& event, Context& ctx) {
    if (ctx.late()) return;
    sums.Update(EndOf(event.time), [&](int64_t& sum) { sum += event.value; });
    ctx.SetTimer(EventTime{EndOf(event.time)});
  }
  void OnTimer(const int64_t& key, Timer timer, Context&, Collector<Out>& out) {
    const auto sum_of = [&](MapState<int64_t, int64_t>& sums) {
      const int64_t* sum = sums.Get(timer.time.millis);
      const int64_t found = sum == nullptr ? 0 : *sum;
      sums.Erase(timer.time.millis);
      return found;
    };
    const int64_t of_left = sum_of(left);
    out.Emit({key, timer.time.millis, of_left, sum_of(right)});
  }
};

Expected BothSumsByDefinition(const Data& data) {
  std::map<std::pair<int64_t, int64_t>, std::pair<int64_t, int64_t>> sums;
  for (size_t input = 0; input < 2; ++input) {
    for (const ReadEvent& read : AllOf(data[input])) {
      if (read.late()) continue;
      auto& [left, right] = sums[{read.event.key, EndOf(read.event.time)}];
      (input == 0 ? left : right) += read.event.value;
    }
  }
  Expected expected;
  for (const auto& [at, sum] : sums) expected.rows.push_back({at.first, at.second, sum.first, sum.second, at.second});
  return expected;
}

struct Rate {
  int64_t time = 0;
  int64_t value = 0;
};
constexpr int64_t kWait = 30;

/// For the rows of each time, a while later, the sum of the rates from before that while was over.
struct Rated : KeyedFunction<int64_t> {
  MapState<int64_t, int64_t> waiting{"waiting"};
  BroadcastState<int64_t, Rate> rates{"rates"};

  void OnRow(const int64_t&, const Event& event, Context& ctx, Collector<Out>&) {
    if (ctx.late()) return;
    waiting.Update(event.time + kWait, [](int64_t& rows) { ++rows; });
    ctx.SetTimer(EventTime{event.time + kWait});
  }
  void OnBroadcast(const Event& rate) { rates.Put(rate.id, {rate.time, rate.value}); }
  void OnTimer(const int64_t& key, Timer timer, Context&, Collector<Out>& out) {
    int64_t sum = 0;
    rates.ForEach([&](int64_t, const Rate& rate) { sum += rate.time < timer.time.millis ? rate.value : 0; });
    out.Emit({key, timer.time.millis, *waiting.Get(timer.time.millis), sum});
    waiting.Erase(timer.time.millis);
  }
};

Expected RatedByDefinition(const Data& data) {
  std::map<std::pair<int64_t, int64_t>, int64_t> waiting;
  for (const ReadEvent& read : AllOf(data[0])) {
    if (!read.late()) ++waiting[{read.event.key, read.event.time + kWait}];
  }
  Expected expected;
  for (const auto& [at, rows] : waiting) {
    int64_t sum = 0;
    for (const ReadEvent& rate : AllOf(data[1])) sum += rate.event.time < at.second ? rate.event.value : 0;
    expected.rows.push_back({at.first, at.second, rows, sum, at.second});
  }
  return expected;
}

std::vector<OperatorCase> FunctionCases() {
  return {
      {.name = "KeyedFunction",
       .data = {.keys_in_one_split = true},
       .variants = {{[](Pipeline& p) {
                       const auto buckets = ByKey(p).Process<Out>("op", Buckets{});
                       generator::Discard(buckets);
                       generator::Discard(buckets.Side(kLateSide));
                     }, BucketsByDefinition}},
       .leaves_state = true,
       .take = TakeBuckets},
      {.name = "CoProcess",
       .data = {.inputs = 2},
       .variants = {{[](Pipeline& p) {
                       generator::Discard(ByKey(p, "left").Connect(ByKey(p, "right")).Process<Out>("op", BothSums{}));
                     }, BothSumsByDefinition}}},
      {.name = "Broadcast",
       .data = {.inputs = 2, .second_on_time = true},
       .variants = {{[](Pipeline& p) {
                       generator::Discard(ByKey(p, "rows").Connect(Events(p, "rates").Broadcast()).Process<Out>("op", Rated{}));
                     }, RatedByDefinition}},
       .leaves_state = true},
  };
}

INSTANTIATE_TEST_SUITE_P(Functions, EveryOperator, testing::ValuesIn(FunctionCases()), NameOf);

}  // namespace
}  // namespace weir::test
