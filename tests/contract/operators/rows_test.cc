// The operators that look at one row at a time, and those that fold the rows of a key.
#include "operators/join/event_time_order.h"

#include <map>

#include "tests/contract/operators/operator_case.h"

namespace weir::test {
namespace {

/// What a row gives, for each row in the order of its split.
template <class Make>
Expected ForEachRow(const Data& data, Make make) {
  Expected expected;
  for (const Input& input : data) {
    for (const ReadEvent& read : AllOf(input)) {
      const size_t before = expected.rows.size();
      make(read.event, expected.rows);
      for (size_t i = before; i < expected.rows.size(); ++i) expected.rows[i].time = read.event.time;
    }
  }
  return expected;
}

/// Rows of one key and split keep their order.
Out AsRead(const Event& event) { return {event.key * 100 + event.lane, event.time, NamedId(event), event.value}; }
Expected AllAsRead(const Data& data) {
  return ForEachRow(data, [](const Event& event, std::vector<Out>& rows) { rows.push_back(AsRead(event)); });
}
std::vector<Out> TakeAsRead(OperatorHarness& harness) { return TakeEvents(harness, AsRead); }

Out Totals(int64_t key, const CountAndSumOfRows& totals) { return {key, 0, totals.count, totals.sum}; }

/// For each row what the rows of its key come to.
Expected RunningTotals(const Data& data) {
  std::map<int64_t, Out> totals;
  return ForEachRow(data, [&](const Event& event, std::vector<Out>& rows) {
    Out& total = totals[event.key];
    total = {event.key, 0, total.a + 1, total.b + event.value};
    rows.push_back(total);
  });
}

void Largest(Event& kept, const Event& next) {
  kept.value += next.value;
  kept.id = std::max(kept.id, next.id);
}
Out LargestOf(const Event& kept) { return {kept.key, 0, kept.id, kept.value}; }

/// A value that no other order of the same rows gives.
void Chain(Event& kept, const Event& next) {
  kept.value = (kept.value * 31 + next.value) % 1'000'003;
  kept.id = next.id;
}

/// For each row what `fold` makes of the rows of its key.
template <class Fold>
Expected Folded(const Data& data, Fold fold) {
  std::map<int64_t, Event> kept;
  return ForEachRow(data, [&](const Event& event, std::vector<Out>& rows) {
    const auto [at, first] = kept.try_emplace(event.key, event);
    if (!first) fold(at->second, event);
    rows.push_back(LargestOf(at->second));
  });
}

/// Every third row of a key, with the sum of the three.
void EveryThird(const int64_t& key, const Event& event, Value<Out>& kept, Collector<Out>& out) {
  Out& sum = kept.Mutable();
  sum = {key, 0, sum.a + 1, sum.b + event.value};
  if (sum.a < 3) return;
  out.Emit({key, event.time, event.id, sum.b});
  kept.Clear();
}
Expected EveryThirdRow(const Data& data) {
  std::map<int64_t, std::pair<int, int64_t>> open;
  return ForEachRow(data, [&](const Event& event, std::vector<Out>& rows) {
    auto& [count, sum] = open[event.key];
    sum += event.value;
    if (++count < 3) return;
    rows.push_back({event.key, event.time, event.id, sum});
    open.erase(event.key);
  });
}

/// The rows of each key on time, by time, split and offset.
Expected InOrderOfTime(const Data& data) {
  std::vector<Event> all;
  Expected expected;
  for (const ReadEvent& read : AllOf(data[0])) {
    if (read.late()) expected.late.push_back(read.event.id);
    else all.push_back(read.event);
  }
  // Ids rise with splits and offsets.
  std::sort(all.begin(), all.end(), [](const Event& a, const Event& b) { return std::pair(a.time, a.id) < std::pair(b.time, b.id); });
  for (const Event& event : all) expected.rows.push_back({event.key, event.time, event.id, event.value, event.time});
  return expected;
}

std::vector<OperatorCase> RowCases() {
  return {
      {.name = "Map",
       .variants = {{[](Pipeline& p) { generator::Discard(Events(p).Map(AsRead)); }, AllAsRead}},
       .kind = "map"},
      {.name = "Filter",
       .variants = {{[](Pipeline& p) { generator::Discard(Events(p).Filter([](const Event& e) { return e.value % 3 != 0; })); },
                     [](const Data& data) {
                       return ForEachRow(data, [](const Event& event, std::vector<Out>& rows) {
                         if (event.value % 3 != 0) rows.push_back(AsRead(event));
                       });
                     }}},
       .kind = "filter",
       .take = TakeAsRead},
      {.name = "FlatMap",
       .variants = {{[](Pipeline& p) {
                       generator::Discard(Events(p).FlatMap<Out>([](const Event& event, Collector<Out>& out) {
                         for (int64_t i = 0; i < event.value % 4; ++i) out.Emit({event.lane, event.time, event.id, i});
                       }));
                     },
                     [](const Data& data) {
                       return ForEachRow(data, [](const Event& event, std::vector<Out>& rows) {
                         for (int64_t i = 0; i < event.value % 4; ++i) rows.push_back({event.lane, event.time, event.id, i});
                       });
                     }}},
       .kind = "flat_map"},
      {.name = "Union",
       .data = {.inputs = 2},
       .variants = {{[](Pipeline& p) { generator::Discard(Events(p, "left").Union(Events(p, "right"))); }, AllAsRead}},
       .kind = "union",
       .take = TakeAsRead},
      {.name = "Aggregate",
       .repeats = Repeats::kLastValue,
       .variants = {{[](Pipeline& p) {
                       generator::Discard(ByKey(p).Aggregate("op", CountAndSum(&Event::value), Totals));
                     }, RunningTotals}},
       .leaves_state = true},
      {.name = "AggregateWhereKeysAreInOneSplit",
       .data = {.keys_in_one_split = true},
       .variants = {{[](Pipeline& p) {
                       generator::Discard(ByKey(p).Aggregate("op", CountAndSum(&Event::value), Totals));
                     }, RunningTotals}},
       .leaves_state = true},
      {.name = "AggregateOfFinalValues",
       .repeats = Repeats::kLastValue,
       .variants = {{[](Pipeline& p) {
                       generator::Discard(ByKey(p).Aggregate("op", CountAndSum(&Event::value), Totals, Emit::kFinalValues));
                     }, RunningTotals}},
       .leaves_state = true},
      {.name = "Reduce",
       .repeats = Repeats::kLastValue,
       .variants = {{[](Pipeline& p) { generator::Discard(ByKey(p).Reduce("op", Largest)); },
                     [](const Data& data) { return Folded(data, Largest); }}},
       .leaves_state = true,
       .take = [](OperatorHarness& harness) { return TakeEvents(harness, LargestOf); }},
      {.name = "ReduceWhereKeysAreInOneSplit",
       .data = {.keys_in_one_split = true},
       .variants = {{[](Pipeline& p) { generator::Discard(ByKey(p).Reduce("op", Chain)); },
                     [](const Data& data) { return Folded(data, Chain); }}},
       .leaves_state = true,
       .take = [](OperatorHarness& harness) { return TakeEvents(harness, LargestOf); }},
      {.name = "ProcessWithOneValue",
       .data = {.keys_in_one_split = true},
       .variants = {{[](Pipeline& p) { generator::Discard(ByKey(p).Process<Out>("op", ValueState<Out>{}, EveryThird)); },
                     EveryThirdRow}},
       .leaves_state = true},
      {.name = "InEventTimeOrder",
       .variants = {{[](Pipeline& p) {
                       generator::Discard(ByKey(p).InEventTimeOrder("op").Reduce("last", [](Event& kept, const Event& next) {
                         kept = next;
                       }));
                     }, InOrderOfTime}},
       .take = [](OperatorHarness& harness) {
         return TakeEvents(harness, [](const Event& e) { return Out{e.key, e.time, NamedId(e), e.value}; });
       }},
  };
}

INSTANTIATE_TEST_SUITE_P(Rows, EveryOperator, testing::ValuesIn(RowCases()), NameOf);

}  // namespace
}  // namespace weir::test
