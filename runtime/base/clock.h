// The clock seam. The core never asks the system for time: a simulator gives it a virtual clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir {

/// A point on the monotonic clock; only differences mean something.
using Instant = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

/// Safe from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Never goes back.
  virtual Instant Now() const = 0;
  /// Wall time, milliseconds since 1970; may jump. For names people read and for Kafka timestamps only.
  virtual int64_t WallMillis() const = 0;
};

class SystemClock : public Clock {
 public:
  Instant Now() const override { return std::chrono::steady_clock::now(); }
  int64_t WallMillis() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch()).count();
  }
};

}  // namespace weir
