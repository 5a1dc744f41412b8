// What goes into an operator under test, and what comes out of it.
#pragma once

#include "runtime/base/ids.h"

namespace weir::test {

/// A row with its event time.
template <class T>
struct TimedRow {
  T row{};
  EventTime time = kMinEventTime;
  /// For a late row the watermark that had passed it when it was read, else kMinEventTime. What is added earlier than the
  /// watermark of its split is marked by itself: say it only where the split was ahead of what it told.
  EventTime late = kMinEventTime;
  friend bool operator==(const TimedRow&, const TimedRow&) = default;
};

}  // namespace weir::test
