// How long recoveries took, and how they are distributed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace weir::test {

/// One thread.
class RecoveryTimes {
 public:
  void Add(std::chrono::milliseconds time) { times_.push_back(time); }
  /// Of a process that did not live long enough to get there.
  void AddUnfinished() { ++unfinished_; }
  void Print(const char* what) {
    if (times_.empty()) return;
    std::sort(times_.begin(), times_.end());
    std::printf("%-44s p50 %4lld ms  p90 %4lld ms  p99 %4lld ms  max %4lld ms  (%zu, and %zu that died before)\n", what,
                At(0.5), At(0.9), At(0.99), At(1.0), times_.size(), unfinished_);
  }

 private:
  long long At(double share) const {
    return static_cast<long long>(times_[static_cast<size_t>(share * static_cast<double>(times_.size() - 1))].count());
  }

  std::vector<std::chrono::milliseconds> times_;
  size_t unfinished_ = 0;
};

}  // namespace weir::test
