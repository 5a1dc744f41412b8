// The event time of a task that has several inputs. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/time/path_time.h"

namespace weir {

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
