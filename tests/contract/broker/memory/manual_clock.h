// Time that a test moves by hand.
#pragma once

#include <atomic>

#include "runtime/base/clock.h"

namespace weir::test {

class ManualClock : public Clock {
 public:
  Instant Now() const override { return Instant{Duration{nanos_.load()}}; }
  int64_t WallMillis() const override { return 1'700'000'000'000 + nanos_.load() / 1'000'000; }
  void Pass(Duration duration) { nanos_.fetch_add(duration.count()); }

 private:
  std::atomic<int64_t> nanos_{1};
};

}  // namespace weir::test
