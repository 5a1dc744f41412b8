// What windows are, written from their definition and with none of the engine's code: a list of rows in, a list of results out.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace weir::test {

/// A row of one of several partitions, in the order of its partition.
struct Click {
  int64_t key = 0;
  int64_t time = 0;
  int64_t value = 0;
};
using Partitions = std::vector<std::vector<Click>>;

struct WindowResult {
  int64_t key = 0;
  int64_t start = 0;
  int64_t end = 0;
  int64_t count = 0;
  int64_t sum = 0;
  friend auto operator<=>(const WindowResult&, const WindowResult&) = default;
};

struct Reference {
  std::vector<WindowResult> results;   ///< Sorted.
  std::vector<int64_t> late;     ///< Values of the late rows, sorted.
};

/// Floor of a / b for positive b.
inline int64_t Floor(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

/// All windows [start, end) that contain `time`, of windows of `size` every `slide` from `offset` on.
inline std::vector<std::pair<int64_t, int64_t>> SlidingWindowsOf(int64_t time, int64_t size, int64_t slide, int64_t offset) {
  std::vector<std::pair<int64_t, int64_t>> windows;
  for (int64_t start = Floor(time - offset, slide) * slide + offset; start + size > time; start -= slide) {
    windows.emplace_back(start, start + size);
  }
  return windows;
}

/// Of windows that begin every `size` and end each `step` later.
inline std::vector<std::pair<int64_t, int64_t>> CumulatingWindowsOf(int64_t time, int64_t size, int64_t step) {
  std::vector<std::pair<int64_t, int64_t>> windows;
  const int64_t start = Floor(time, size) * size;
  for (int64_t end = start + step; end <= start + size; end += step) {
    if (end > time) windows.emplace_back(start, end);
  }
  return windows;
}

/// `windows_of(time)`: the windows of a row. `disorder`: rows further behind the greatest time of their partition are behind
/// the watermark, and late if their first window ended `allowed` or more before it.
template <class WindowsOf>
Reference TimeWindows(const Partitions& partitions, int64_t disorder, WindowsOf windows_of, int64_t allowed = 0) {
  std::map<std::tuple<int64_t, int64_t, int64_t>, std::pair<int64_t, int64_t>> totals;
  Reference reference;
  for (const std::vector<Click>& partition : partitions) {
    int64_t greatest = INT64_MIN;
    for (const Click& click : partition) {
      const auto windows = windows_of(click.time);
      int64_t first_end = INT64_MAX;
      for (const auto& [start, end] : windows) first_end = std::min(first_end, end);
      const bool behind = greatest != INT64_MIN && click.time < greatest - disorder;
      greatest = std::max(greatest, click.time);
      if (behind && first_end + allowed <= greatest - disorder) {
        reference.late.push_back(click.value);
        continue;
      }
      for (const auto& [start, end] : windows) {
        auto& [count, sum] = totals[{click.key, start, end}];
        ++count;
        sum += click.value;
      }
    }
  }
  for (const auto& [window, total] : totals) {
    const auto& [key, start, end] = window;
    reference.results.push_back({key, start, end, total.first, total.second});
  }
  std::sort(reference.late.begin(), reference.late.end());
  return reference;
}

/// Rows of a key less than `gap` apart; every row behind its partition's watermark is late.
inline Reference Sessions(const Partitions& partitions, int64_t disorder, int64_t gap) {
  std::map<int64_t, std::vector<Click>> by_key;
  Reference reference;
  for (const std::vector<Click>& partition : partitions) {
    int64_t greatest = INT64_MIN;
    for (const Click& click : partition) {
      const bool behind = greatest != INT64_MIN && click.time < greatest - disorder;
      greatest = std::max(greatest, click.time);
      if (behind) reference.late.push_back(click.value);
      else by_key[click.key].push_back(click);
    }
  }
  for (auto& [key, clicks] : by_key) {
    std::sort(clicks.begin(), clicks.end(), [](const Click& a, const Click& b) { return a.time < b.time; });
    WindowResult session;
    for (const Click& click : clicks) {
      if (session.count > 0 && click.time < session.end) {
        session.end = click.time + gap;
        ++session.count;
        session.sum += click.value;
      } else {
        if (session.count > 0) reference.results.push_back(session);
        session = {key, click.time, click.time + gap, 1, click.value};
      }
    }
    if (session.count > 0) reference.results.push_back(session);
  }
  std::sort(reference.results.begin(), reference.results.end());
  std::sort(reference.late.begin(), reference.late.end());
  return reference;
}

}  // namespace weir::test
