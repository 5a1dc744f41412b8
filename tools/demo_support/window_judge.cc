#include "tools/demo_support/window_judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace demo {
namespace {

constexpr size_t kWindowExamplesMax = 10;
constexpr size_t kWindowTextShownMax = 120;

/// Rounds towards minus infinity.
int64_t FloorTo(int64_t time, int64_t step) {
  const int64_t over = time % step;
  return time - (over < 0 ? over + step : over);
}

}  // namespace

size_t WindowJudge::HashOfName::operator()(const Name& name) const {
  auto mixed = static_cast<uint64_t>(name.key) * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >> 29)) + static_cast<uint64_t>(name.start);
  mixed *= 0xbf58476d1ce4e5b9;
  return mixed ^ (mixed >> 32);
}

std::string WindowJudge::Describe(const Name& name, int64_t rows) {
  return fmt::format("key {} window [{}, {}) {} rows", name.key, name.start, name.end, rows);
}

bool WindowJudge::IsLate(int64_t time, int64_t watermark) const {
  if (rule_.sessions()) return time < watermark;
  // The earliest of its windows is over, and a row counts in all or in none.
  const int64_t earliest_start = FloorTo(time - rule_.size_ms, rule_.slide_ms) + rule_.slide_ms;
  return earliest_start + rule_.size_ms <= watermark;
}

void WindowJudge::AddRow(int64_t partition, const TimedRow& row) {
  ++verdict_.in;
  const auto [greatest, first] = greatest_.try_emplace(partition, row.time);
  const int64_t watermark = greatest->second - rule_.disorder_ms;
  if (!first && IsLate(row.time, watermark)) {
    ++late_[{row.time, watermark}];
    ++verdict_.late_expected;
    return;
  }
  greatest->second = std::max(greatest->second, row.time);
  if (rule_.sessions()) {
    times_[row.key].push_back(row.time);
  } else {
    AddToSlidingWindows(row);
  }
}

void WindowJudge::AddToSlidingWindows(const TimedRow& row) {
  for (int64_t start = FloorTo(row.time, rule_.slide_ms); start + rule_.size_ms > row.time; start -= rule_.slide_ms) {
    ++windows_[{row.key, start, start + rule_.size_ms}].rows;
  }
}

void WindowJudge::MakeSessions() {
  for (auto& [key, times] : std::exchange(times_, {})) {
    std::sort(times.begin(), times.end());
    for (size_t first = 0; first < times.size();) {
      size_t last = first;
      while (last + 1 < times.size() && times[last + 1] - times[last] < rule_.size_ms) ++last;
      windows_[{key, times[first], times[last] + rule_.size_ms}].rows = static_cast<int64_t>(last - first + 1);
      first = last + 1;
    }
  }
}

void WindowJudge::JudgeWindow(const FoundWindow& found, OutputPlace place) {
  if (!times_.empty()) MakeSessions();
  ++verdict_.out;
  const Name name{found.key, found.start, found.end};
  const auto where = [&] {
    return fmt::format("output {}:{}: {}", place.partition, place.offset, Describe(name, found.rows));
  };
  const auto window = windows_.find(name);
  if (window == windows_.end()) return Fault(verdict_.unexpected, where() + "; there is no such window");
  if (std::exchange(window->second.seen, true)) return Fault(verdict_.doubled, where() + "; it was there before");
  if (window->second.rows != found.rows) {
    Fault(verdict_.wrong, where() + fmt::format("; it has {}", window->second.rows));
  }
}

void WindowJudge::JudgeUnreadable(std::string_view text, OutputPlace place) {
  ++verdict_.out;
  Fault(verdict_.wrong, fmt::format("output {}:{} is no window: {}", place.partition, place.offset,
                                    text.substr(0, kWindowTextShownMax)));
}

void WindowJudge::JudgeLate(const LateRow& late) {
  ++verdict_.late;
  const auto missing = late_.find(late);
  if (missing == late_.end() || missing->second == 0) {
    return Fault(verdict_.late_wrong, fmt::format("the ledger has a row of {} behind watermark {}: none, or none more, came "
                                                  "so late", late.time, late.watermark));
  }
  --missing->second;
}

void WindowJudge::JudgeUnreadableLate(std::string_view text) {
  ++verdict_.late;
  Fault(verdict_.late_wrong, fmt::format("the ledger has no late row here: {}", text.substr(0, kWindowTextShownMax)));
}

WindowVerdict WindowJudge::Finish() {
  if (!times_.empty()) MakeSessions();
  verdict_.expected = windows_.size();
  for (const auto& [name, window] : windows_) {
    if (!window.seen) Fault(verdict_.lost, Describe(name, window.rows) + " is missing");
  }
  for (const auto& [late, missing] : late_) {
    for (int64_t i = 0; i < missing; ++i) {
      Fault(verdict_.late_wrong, fmt::format("the late row of {} behind watermark {} is not in the ledger", late.time,
                                             late.watermark));
    }
  }
  return std::exchange(verdict_, {});
}

void WindowJudge::Fault(uint64_t& counter, std::string example) {
  ++counter;
  if (verdict_.examples.size() < kWindowExamplesMax) verdict_.examples.push_back(std::move(example));
}

}  // namespace demo
