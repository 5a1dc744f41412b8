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
  PathsTogether paths;
  bool drained = true;
  for (const PathTime& path : inputs_) {
    paths.Add(path);
    drained = drained && path.watermark == kMaxEventTime;
  }
  PathTime now = paths.time();
  // The end of time comes on every path, and an idle one may have windows that only then are complete.
  if (now.watermark == kMaxEventTime && !drained) now.watermark = merged_.watermark;
  now.watermark = std::max(now.watermark, merged_.watermark);
  if (now == merged_) return std::nullopt;
  merged_ = now;
  return merged_;
}

}  // namespace weir
