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
  EventTime greatest = kMinEventTime;
  for (const PathTime& path : inputs_) {
    greatest = std::max(greatest, path.watermark);
    if (path.idle) continue;
    now = {std::min(now.watermark, path.watermark), false};
  }
  // While all are idle there is nobody to wait for.
  if (now.idle) now.watermark = greatest;
  now.watermark = std::max(now.watermark, merged_.watermark);
  if (now == merged_) return std::nullopt;
  merged_ = now;
  return merged_;
}

}  // namespace weir
