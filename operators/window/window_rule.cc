#include "operators/window/window_rule.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::internal {
namespace {

using Kind = WindowRule::Kind;

/// A century: longer is a mistake in the unit.
constexpr int64_t kMillisMax = int64_t{100} * 366 * 24 * 3600 * 1000;
/// A window of more slices costs more to fire than anybody has meant.
constexpr int64_t kSlicesMax = 100'000;

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kTumbling: return "Tumbling";
    case Kind::kSliding: return "Sliding";
    case Kind::kCumulating: return "Cumulating";
    case Kind::kSession: return "Session";
    case Kind::kCount: return "CountWindow";
    case Kind::kGlobal: return "Global";
  }
  return "";
}

const char* SliceNameOf(Kind kind) { return kind == Kind::kCumulating ? "step" : "slide"; }

/// The divisor of `size` that is nearest to `wanted`; of two the greater one.
int64_t NearestDivisor(int64_t size, int64_t wanted) {
  int64_t best = 1;
  const auto consider = [&](int64_t divisor) {
    const int64_t here = std::abs(divisor - wanted);
    const int64_t there = std::abs(best - wanted);
    if (here < there || (here == there && divisor > best)) best = divisor;
  };
  for (int64_t divisor = 1; divisor <= size / divisor; ++divisor) {
    if (size % divisor != 0) continue;
    consider(divisor);
    consider(size / divisor);
  }
  return best;
}

std::string LengthProblem(const char* window, const char* field, int64_t value, const char* unit) {
  if (value > 0 && value <= kMillisMax) return {};
  if (value > 0) {
    return fmt::format("{}{{.{} = {} {}}} is more than a hundred years: give it in the right unit", window, field, value,
                       unit);
  }
  return fmt::format("{}{{.{} = {} {}}} must be positive: say how long, for example .{} = 10s", window, field, value, unit,
                     field);
}

std::string DivisionProblem(const WindowRule& rule, const char* unit) {
  const char* window = NameOf(rule.kind);
  const char* slice = SliceNameOf(rule.kind);
  const bool count = rule.kind == Kind::kCount;
  const char* size = count ? "rows" : "size";
  if (rule.slice <= 0) {
    return fmt::format("{}{{.{} = {} {}}} must be positive: say how far the next window is", window, slice, rule.slice, unit);
  }
  if (rule.slice > rule.size) {
    return fmt::format("{0}{{.{1} = {2} {4}, .{3} = {5} {4}}}: the {3} is greater than the {1}, so rows between two windows "
                       "would count nowhere: make it {2} {4}, or at most that", window, size, rule.size, slice, unit,
                       rule.slice);
  }
  if (rule.size % rule.slice != 0) {
    return fmt::format("{0}{{.{1} = {2} {4}, .{3} = {5} {4}}}: the {3} does not divide the {1}; the nearest that does is "
                       "{6} {4}", window, size, rule.size, slice, unit, rule.slice, NearestDivisor(rule.size, rule.slice));
  }
  if (rule.size / rule.slice > kSlicesMax) {
    return fmt::format("{}{{.{} = {} {}, .{} = {} {}}}: a window of {} slices; make the {} at least {} {}", window, size,
                       rule.size, unit, slice, rule.slice, unit, rule.size / rule.slice, slice,
                       NearestDivisor(rule.size, rule.size / kSlicesMax + 1), unit);
  }
  return {};
}

}  // namespace

WindowRule WindowRule::Of(const Tumbling& window) {
  return {Kind::kTumbling, window.size.count(), window.size.count(), window.offset.count(), window.processing_time};
}
WindowRule WindowRule::Of(const Sliding& window) {
  return {Kind::kSliding, window.size.count(), window.slide.count(), window.offset.count(), false};
}
WindowRule WindowRule::Of(const Cumulating& window) {
  return {Kind::kCumulating, window.size.count(), window.step.count(), window.offset.count(), false};
}
WindowRule WindowRule::Of(const Session& window) { return {Kind::kSession, window.gap.count(), window.gap.count(), 0, false}; }
WindowRule WindowRule::Of(const CountWindow& window) {
  return {Kind::kCount, window.rows, window.slide == 0 ? window.rows : window.slide, 0, false};
}
WindowRule WindowRule::Of(const Global&) { return {Kind::kGlobal, 0, 1, 0, false}; }

std::string WindowRule::Problem() const {
  if (kind == Kind::kGlobal) return {};
  const bool count = kind == Kind::kCount;
  const char* unit = count ? "rows" : "ms";
  if (count && size <= 0) return fmt::format("CountWindow{{.rows = {}}} must be positive: say how many rows", size);
  if (!count) {
    const char* field = kind == Kind::kSession ? "gap" : "size";
    if (std::string problem = LengthProblem(NameOf(kind), field, size, "ms"); !problem.empty()) return problem;
  }
  if (kind == Kind::kSession || kind == Kind::kTumbling) {
    if (std::abs(offset) >= size && offset != 0) {
      return fmt::format("Tumbling{{.size = {} ms, .offset = {} ms}}: the offset must be less than the size; {} ms means "
                         "the same", size, offset, offset % size);
    }
    return {};
  }
  if (std::string problem = DivisionProblem(*this, unit); !problem.empty()) return problem;
  if (offset != 0 && std::abs(offset) >= size) {
    return fmt::format("{}{{.size = {} ms, .offset = {} ms}}: the offset must be less than the size; {} ms means the same",
                       NameOf(kind), size, offset, offset % size);
  }
  return {};
}

std::string WindowRule::Text() const {
  if (kind == Kind::kGlobal) return NameOf(kind);
  if (kind == Kind::kSession) return fmt::format("Session{{.gap = {} ms}}", size);
  if (kind == Kind::kCount) return fmt::format("CountWindow{{.rows = {}, .slide = {}}}", size, slice);
  std::string text = fmt::format("{}{{.size = {} ms", NameOf(kind), size);
  if (kind != Kind::kTumbling) text += fmt::format(", .{} = {} ms", SliceNameOf(kind), slice);
  if (offset != 0) text += fmt::format(", .offset = {} ms", offset);
  return text + (processing_time ? "}.OnProcessingTime()" : "}");
}

std::string WindowSettings::Text() const {
  return late_updates_ms == 0 ? rule.Text() : fmt::format("{}.LateUpdates({} ms)", rule.Text(), late_updates_ms);
}

std::string WindowSettings::Problem() const {
  if (std::string problem = rule.Problem(); !problem.empty()) return problem;
  if (early_rows < 0) return fmt::format("EarlyEvery({}): give a positive number of rows", early_rows);
  if (early_ms < 0 || early_ms > kMillisMax) {
    return fmt::format("EarlyEvery({} ms): give a positive time, at most a hundred years", early_ms);
  }
  if (late_updates_ms < 0 || late_updates_ms > kMillisMax) {
    return fmt::format("LateUpdates({} ms): give how long after its end a window still takes late rows, at most a hundred "
                       "years", late_updates_ms);
  }
  if (late_updates_ms > 0 && (!rule.has_slices() || !rule.needs_event_time())) {
    return fmt::format("LateUpdates is for windows of event time with a fixed size: a {} has no window that a late row could "
                       "update; take late rows with .LateOutput()", NameOf(rule.kind));
  }
  if (early_rows + early_ms > 0 && (rule.kind == Kind::kCount || rule.kind == Kind::kSession)) {
    return fmt::format("EarlyEvery is for windows of a fixed size and for Global: a {} has none; leave it out",
                       NameOf(rule.kind));
  }
  return {};
}

}  // namespace weir::internal
