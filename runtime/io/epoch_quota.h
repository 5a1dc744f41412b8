// How replay ends an epoch after exactly N rows although several tasks read at once: tasks draw their rows from one
// quota an epoch and wait for the barrier when it is used up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/base/executor.h"
#include "runtime/base/ids.h"

namespace weir {

/// Safe from any thread; called once a poll, never once a row.
class EpochQuota {
 public:
  /// Woken when an epoch's rows are used up.
  explicit EpochQuota(Waker& exhausted) : exhausted_(exhausted) {}

  /// Allows `rows` rows in epoch n and forgets the epochs before n - 1.
  void StartEpoch(CheckpointId n, uint64_t rows) {
    const std::lock_guard lock(mutex_);
    left_[n] = rows;
    outstanding_[n] = 0;
    left_.erase(left_.begin(), left_.lower_bound(CheckpointId{n.value() - 1}));
    outstanding_.erase(outstanding_.begin(), outstanding_.lower_bound(CheckpointId{n.value() - 1}));
  }
  /// Up to `rows_max` rows of epoch n, zero when it is used up or not yet started. What was not read is given back;
  /// whoever got nothing is woken then.
  uint64_t Claim(CheckpointId n, uint64_t rows_max, Waker& claimant) {
    const std::lock_guard lock(mutex_);
    const auto left = left_.find(n);
    const uint64_t claimed = left == left_.end() ? 0 : std::min(rows_max, left->second);
    if (claimed == 0) {
      if (std::find(refused_.begin(), refused_.end(), &claimant) == refused_.end()) refused_.push_back(&claimant);
      return 0;
    }
    left->second -= claimed;
    outstanding_[n] += claimed;
    return claimed;
  }
  void Return(CheckpointId n, uint64_t claimed, uint64_t unread) {
    const std::lock_guard lock(mutex_);
    outstanding_[n] -= claimed;
    left_[n] += unread;
    if (left_[n] == 0 && outstanding_[n] == 0) exhausted_.Wake();
    if (unread == 0) return;
    for (Waker* waker : std::exchange(refused_, {})) waker->Wake();
  }
  /// True when all rows of epoch n were read.
  bool Exhausted(CheckpointId n) const {
    const std::lock_guard lock(mutex_);
    const auto left = left_.find(n);
    return left != left_.end() && left->second == 0 && outstanding_.at(n) == 0;
  }

 private:
  Waker& exhausted_;
  mutable std::mutex mutex_;
  std::map<CheckpointId, uint64_t> left_;
  std::map<CheckpointId, uint64_t> outstanding_;
  std::vector<Waker*> refused_;   ///< Their splits may have rows, and nothing else would wake them.
};

}  // namespace weir
