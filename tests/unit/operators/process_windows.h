// A function that makes tumbling windows by hand out of every kind of state, timers and a side output; and what it makes by
// definition.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "operators/collector.h"
#include "operators/process/keyed_function.h"

namespace weir::test {

struct Event {
  int64_t key = 0;
  int64_t time = 0;
  int64_t value = 0;
};
struct WindowSum {
  int64_t key = 0;
  int64_t end = 0;
  int64_t rows = 0;
  int64_t sum = 0;
  friend auto operator<=>(const WindowSum&, const WindowSum&) = default;
};
struct Lateness {
  int64_t key = 0;
  int64_t time = 0;
  friend auto operator<=>(const Lateness&, const Lateness&) = default;
};

inline constexpr int64_t kWindow = 100;
inline constexpr int64_t kDisorder = 50;
inline const SideOutput<Lateness> kLate{"late"};

/// Tumbling windows by hand: a map of sums, a list of values, a timer for each end; a value of zero cancels the window.
struct Windows : KeyedFunction<int64_t> {
  MapState<int64_t, int64_t> sums{"sums"};
  ListState<WindowSum> rows{"rows"};
  ValueState<int64_t> open{"open"};

  void OnRow(const int64_t& key, const Event& event, Context& ctx, Collector<WindowSum>&) {
    if (ctx.late()) return ctx.Emit(kLate, Lateness{key, event.time});
    const int64_t end = (event.time / kWindow + 1) * kWindow;
    if (event.value == 0) {
      if (sums.Erase(end)) --open.Mutable();
      return ctx.DeleteTimer(EventTime{end});
    }
    if (sums.Get(end) == nullptr) ++open.Mutable();
    sums.Update(end, [&](int64_t& sum) { sum += event.value; });
    rows.Append({key, end, 1, event.value});
    ctx.SetTimer(EventTime{end});
  }
  void OnTimer(const int64_t& key, Timer timer, Context&, Collector<WindowSum>& out) {
    const int64_t end = timer.time.millis;
    WindowSum sum{key, end, 0, *sums.Get(end)};
    std::vector<WindowSum> others;
    rows.ForEach([&](const WindowSum& row) {
      if (row.end == end) ++sum.rows;
      else others.push_back(row);
    });
    rows.Assign(std::move(others));
    sums.Erase(end);
    if (--open.Mutable() == 0) open.Clear();
    out.Emit(sum);
  }
};

/// What comes out by definition. A key's rows are in one partition, so they come in order.
struct Reference {
  std::map<std::pair<int64_t, int64_t>, WindowSum> open;
  std::map<int64_t, int64_t> greatest;   // by partition
  std::map<std::pair<int64_t, int64_t>, int64_t> cancelled_rows;
  std::multiset<Lateness> late;

  void Take(const Event& event, int64_t partition) {
    const auto [found, first] = greatest.try_emplace(partition, event.time);
    const bool is_late = !first && event.time < found->second - kDisorder;
    found->second = std::max(found->second, event.time);
    if (is_late) {
      late.insert({event.key, event.time});
      return;
    }
    const std::pair at{event.key, (event.time / kWindow + 1) * kWindow};
    if (event.value == 0) {
      // The list keeps the rows of a cancelled window: they count if it opens again.
      if (const auto sum = open.find(at); sum != open.end()) {
        cancelled_rows[at] = sum->second.rows;
        open.erase(sum);
      }
      return;
    }
    WindowSum& sum = open.try_emplace(at, WindowSum{at.first, at.second, cancelled_rows[at], 0}).first->second;
    ++sum.rows;
    sum.sum += event.value;
  }
  std::multiset<WindowSum> Sums() const {
    std::multiset<WindowSum> sums;
    for (const auto& [at, sum] : open) sums.insert(sum);
    return sums;
  }
};

}  // namespace weir::test
