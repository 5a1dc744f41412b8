// How far apart in event time two rows may be that an interval join brings together.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/base/ids.h"

namespace weir {

/// left.time + lower <= right.time <= left.time + upper; both ends count. weir::Between{-5s, +10s}: right rows from five
/// seconds before a left row to ten after it.
struct Between {
  std::chrono::milliseconds lower{};
  std::chrono::milliseconds upper{};

  /// What is wrong with it and what would be right; empty if nothing.
  std::string Problem() const;
};

namespace internal {

/// The bounds in milliseconds, and what follows from them. REQUIRES of the bounds: no Problem().
struct JoinBounds {
  int64_t lower = 0;
  int64_t upper = 0;

  static JoinBounds Of(const Between& between) { return {between.lower.count(), between.upper.count()}; }

  // The partners of a row.
  EventTime first_right(EventTime left) const { return EventTime{left.millis + lower}; }
  EventTime last_right(EventTime left) const { return EventTime{left.millis + upper}; }
  EventTime first_left(EventTime right) const { return EventTime{right.millis - upper}; }
  EventTime last_left(EventTime right) const { return EventTime{right.millis - lower}; }

  /// Left rows before this find no partner that is yet to come, once all right rows before `watermark` are there.
  EventTime left_over(EventTime watermark) const { return Shifted(watermark, -upper); }
  EventTime right_over(EventTime watermark) const { return Shifted(watermark, lower); }
  /// When it is known that a left row finds no partner: the event time of a row that says so.
  EventTime known_unmatched(EventTime left) const { return EventTime{left.millis + (upper > 0 ? upper : 0)}; }

  /// As users write it.
  std::string Text() const;

  /// Of pacing: rows that are further ahead only wait.
  int64_t span() const;

 private:
  /// The ends of time stay where they are.
  static EventTime Shifted(EventTime time, int64_t by) {
    return time == kMinEventTime || time == kMaxEventTime ? time : EventTime{time.millis + by};
  }
};

}  // namespace internal
}  // namespace weir
