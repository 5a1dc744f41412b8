// What a user says of a source's event time: how far behind the greatest timestamp rows may still come.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/base/ids.h"

namespace weir {

/// Rows come at most `disorder` behind the greatest timestamp of their split; those further behind are late.
struct BoundedDisorder {
  std::chrono::milliseconds disorder{};
};

/// Timestamps of a split never fall; a row behind the greatest one is late.
struct Ascending {};

namespace internal {

/// A user-written policy of one split: called with each row and its time, in offset order, it returns the split's
/// watermark after that row. It must not fall. A copy is made for each split, at each start; the last watermark it
/// gave is kept by checkpoints, what else it holds is not.
using RowPolicy = std::function<EventTime(const void* row, EventTime time)>;

/// Either kind. Immutable.
struct TimePolicy {
  int64_t disorder_ms = 0;               ///< Unless there is a `new_row_policy`.
  std::function<RowPolicy()> new_row_policy;
  std::string Describe() const;
  /// What is wrong with it, empty if nothing.
  std::string Problem() const;
};

}  // namespace internal

/// Timestamps beyond this on either side of 1970 are none: about 30 million years.
inline constexpr int64_t kEventTimeMillisMax = int64_t{1} << 60;

}  // namespace weir
