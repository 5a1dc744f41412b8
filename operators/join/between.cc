#include "operators/join/between.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir {
namespace {

/// Ten years: more than that is a mistake in the unit.
constexpr int64_t kBoundMaxMs = int64_t{3653} * 24 * 3600 * 1000;

}  // namespace

std::string Between::Problem() const {
  const int64_t from = lower.count();
  const int64_t to = upper.count();
  if (std::max(from, to) > kBoundMaxMs || std::min(from, to) < -kBoundMaxMs) {
    return fmt::format("Between{{{}ms, {}ms}} reaches further than ten years, and rows are kept for as long: are these "
                       "milliseconds?", from, to);
  }
  if (from <= to) return {};
  return fmt::format("Between{{{0}ms, {1}ms}} holds no time: the lower bound comes first, say Between{{{1}ms, {0}ms}} (of a "
                     "right row's time, counted from the left row's)", from, to);
}

std::string internal::JoinBounds::Text() const { return fmt::format("Between{{{}ms, {}ms}}", lower, upper); }

int64_t internal::JoinBounds::span() const {
  return std::max({upper - lower, upper, -upper, lower, -lower, int64_t{1}});
}

}  // namespace weir
