// The event time of a task that has several inputs: that of the slowest input that is not idle, and if all are, that of the
// fastest: nobody is left to wait for. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/ids.h"

namespace weir {

/// How far event time has come on a path, or that the path is idle and says nothing.
struct PathTime {
  EventTime watermark = kMinEventTime;
  bool idle = false;
  friend bool operator==(const PathTime&, const PathTime&) = default;
};

/// One thread. The merged watermark never falls: an input that wakes behind it does not take it back.
class WatermarkMerge {
 public:
  explicit WatermarkMerge(uint32_t inputs) : inputs_(inputs) {}

  /// The merged time where it changed, by a watermark that rose or by idleness that began or ended.
  std::optional<PathTime> OnWatermark(uint32_t input, EventTime watermark);
  std::optional<PathTime> OnIdle(uint32_t input);

  const PathTime& merged() const { return merged_; }
  const PathTime& of(uint32_t input) const { return inputs_[input]; }

 private:
  std::optional<PathTime> Merge();

  std::vector<PathTime> inputs_;
  PathTime merged_;
};

}  // namespace weir
