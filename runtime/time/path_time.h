// How far event time has come where several paths meet: tasks with several inputs, the splits of a source, its tasks. One rule
// for all of them, so that they agree.
#pragma once

#include <algorithm>

#include "runtime/base/ids.h"

namespace weir {

/// How far event time has come on a path, or that the path is idle and says nothing.
struct PathTime {
  EventTime watermark = kMinEventTime;
  bool idle = false;
  friend bool operator==(const PathTime&, const PathTime&) = default;
};

/// The slowest of the paths that are not idle. While all are idle there is nobody to wait for: the fastest. Of no path at all:
/// the beginning of time, idle.
class PathsTogether {
 public:
  void Add(const PathTime& path) {
    fastest_ = std::max(fastest_, path.watermark);
    if (!path.idle) slowest_ = {std::min(slowest_.watermark, path.watermark), false};
  }
  PathTime time() const { return slowest_.idle ? PathTime{fastest_, true} : slowest_; }

 private:
  PathTime slowest_{kMaxEventTime, true};
  EventTime fastest_ = kMinEventTime;
};

}  // namespace weir
