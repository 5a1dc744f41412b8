#include "runtime/time/time_policy.h"

namespace weir::internal {
namespace {

constexpr int64_t kDayMs = int64_t{24} * 60 * 60 * 1000;
/// Longer ones are taken for a mistake in the unit.
constexpr int64_t kDisorderMsMax = 3660 * kDayMs;

}  // namespace

std::string TimePolicy::Describe() const {
  if (new_row_policy) return "a policy of its own";
  if (disorder_ms == 0) return "ascending";
  return "out of order by at most " + std::to_string(disorder_ms) + " ms";
}

std::string TimePolicy::Problem() const {
  if (new_row_policy) return {};
  const std::string was = "its rows may be out of order by " + std::to_string(disorder_ms) + " ms";
  if (disorder_ms < 0) return was + ": say zero or more, for example BoundedDisorder{4s}";
  if (disorder_ms > kDisorderMsMax) return was + ", which is more than ten years: is the unit right?";
  return {};
}

}  // namespace weir::internal
