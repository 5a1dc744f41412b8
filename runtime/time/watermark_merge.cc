#include "runtime/time/watermark_merge.h"

#include <algorithm>

#include "runtime/base/status.h"

namespace weir {

std::optional<PathTime> WatermarkMerge::OnWatermark(uint32_t input, EventTime watermark) {
  PathTime& path = inputs_[input];
  WEIR_CHECK(watermark >= path.watermark, "a path's watermark never falls");
  path = {watermark, false};
  return Merge();
}

std::optional<PathTime> WatermarkMerge::OnIdle(uint32_t input) {
  inputs_[input].idle = true;
  return Merge();
}

std::optional<PathTime> WatermarkMerge::Merge() {
  PathTime now{kMaxEventTime, true};
  for (const PathTime& path : inputs_) {
    if (path.idle) continue;
    now = {std::min(now.watermark, path.watermark), false};
  }
  // Idle paths promise nothing, so while all are idle time stands still.
  if (now.idle) now.watermark = merged_.watermark;
  now.watermark = std::max(now.watermark, merged_.watermark);
  if (now == merged_) return std::nullopt;
  merged_ = now;
  return merged_;
}

}  // namespace weir
