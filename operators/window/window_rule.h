// Internal: which slices and windows a timestamp belongs to. Pure.
//
// All time windows are made of slices of one length, and at each end of a slice ends exactly one window. A slice is named by
// its end.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "operators/window/window.h"
#include "runtime/base/ids.h"

namespace weir::internal {

struct WindowRule {
  enum class Kind { kTumbling, kSliding, kCumulating, kGlobal, kSession, kCount };
  /// The one slice of Global.
  static constexpr int64_t kGlobalEnd = std::numeric_limits<int64_t>::max() - 1;

  Kind kind = Kind::kTumbling;
  int64_t size = 0;            ///< Milliseconds; the gap of a session; of kCount rows.
  int64_t slice = 0;           ///< As size: the slide, the step.
  int64_t offset = 0;
  bool processing_time = false;

  static WindowRule Of(const Tumbling& window);
  static WindowRule Of(const Sliding& window);
  static WindowRule Of(const Cumulating& window);
  static WindowRule Of(const Session& window);
  static WindowRule Of(const CountWindow& window);
  static WindowRule Of(const Global& window);

  /// What is wrong with it and what would be right; empty if nothing.
  std::string Problem() const;
  /// As users write it, but for the unit. On disk: state that one rule has made means nothing to another.
  std::string Text() const;

  bool has_slices() const { return kind <= Kind::kGlobal; }
  bool needs_event_time() const { return kind != Kind::kGlobal && kind != Kind::kCount && !processing_time; }

  // REQUIRES of the rest: has_slices(), no Problem(), times within kEventTimeMillisMax.

  /// Of the slice that `time` is in.
  int64_t EndOf(int64_t time) const { return FloorTo(time, slice) + slice; }
  /// The greatest end of a slice that is not after `time`; of kMaxEventTime itself that.
  int64_t LastEndAt(int64_t time) const {
    if (kind == Kind::kGlobal) return time == kMaxEventTime.millis ? time : kMinEventTime.millis;
    constexpr int64_t kFar = std::numeric_limits<int64_t>::max() / 2;
    return time > kFar || time < -kFar ? time : FloorTo(time, slice);
  }
  /// Of the window that ends with this slice.
  int64_t StartOf(int64_t end) const {
    if (kind == Kind::kGlobal) return kMinEventTime.millis;
    return kind == Kind::kCumulating ? FloorTo(end - 1, size) : end - size;
  }
  /// The end of the last window that this slice is a part of.
  int64_t LastWindowOf(int64_t end) const {
    if (kind == Kind::kGlobal) return end;
    return kind == Kind::kCumulating ? FloorTo(end - 1, size) + size : end + size - slice;
  }

 private:
  int64_t FloorTo(int64_t time, int64_t unit) const {
    const int64_t from = time - offset;
    int64_t quotient = from / unit;
    if (quotient * unit > from) --quotient;
    return quotient * unit + offset;
  }
};

/// The name of a window's Text() among the states of its operator.
inline constexpr char kWindowsRule[] = "windows";

/// EndOf with a memory of the last slice: most rows are in it.
class SliceFinder {
 public:
  explicit SliceFinder(const WindowRule& rule) : rule_(rule) {}
  int64_t EndOf(int64_t time) {
    if (time >= end_ || time < start_) {
      end_ = rule_.EndOf(time);
      start_ = end_ - rule_.slice;
    }
    return end_;
  }

 private:
  const WindowRule rule_;
  int64_t start_ = 0;
  int64_t end_ = 0;
};

/// All that was said of a windowed stream.
struct WindowSettings {
  WindowRule rule;
  int64_t early_rows = 0;        ///< 0: not asked for.
  int64_t early_ms = 0;
  int64_t late_updates_ms = 0;
  std::string Problem() const;
  /// Of all that decides what is in the state.
  std::string Text() const;
};

}  // namespace weir::internal
