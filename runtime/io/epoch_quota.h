// How replay ends an epoch after exactly N rows although several tasks read at once: tasks draw their rows from one
// quota an epoch and wait for the barrier when it is used up. Until then they look whether more follows: if not, this
// epoch is the last, and its barrier is the one that ends the run.
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
  /// Woken when an epoch's rows are used up and more follow.
  explicit EpochQuota(Waker& exhausted) : exhausted_(exhausted) {}

  /// Allows `rows` rows in epoch n and forgets the epochs before n - 1.
  void StartEpoch(CheckpointId n, uint64_t rows) {
    const std::lock_guard lock(mutex_);
    epochs_[n] = {rows, 0, false};
    epochs_.erase(epochs_.begin(), epochs_.lower_bound(CheckpointId{n.value() - 1}));
  }
  /// Up to `rows_max` rows of epoch n, zero when it is used up or not yet started. What was not read is given back;
  /// whoever got nothing is woken then.
  uint64_t Claim(CheckpointId n, uint64_t rows_max, Waker& claimant) {
    const std::lock_guard lock(mutex_);
    const auto epoch = epochs_.find(n);
    const uint64_t claimed = epoch == epochs_.end() ? 0 : std::min(rows_max, epoch->second.left);
    if (claimed == 0) {
      if (std::find(refused_.begin(), refused_.end(), &claimant) == refused_.end()) refused_.push_back(&claimant);
      return 0;
    }
    epoch->second.left -= claimed;
    epoch->second.outstanding += claimed;
    return claimed;
  }
  void Return(CheckpointId n, uint64_t claimed, uint64_t unread) {
    const std::lock_guard lock(mutex_);
    Epoch& epoch = epochs_.at(n);
    epoch.outstanding -= claimed;
    epoch.left += unread;
    if (epoch.exhausted()) exhausted_.Wake();
    if (unread == 0) return;
    for (Waker* waker : std::exchange(refused_, {})) waker->Wake();
  }
  /// Whoever was refused has seen a row that must wait for the epoch after n.
  void SetMoreFollows(CheckpointId n) {
    const std::lock_guard lock(mutex_);
    const auto epoch = epochs_.find(n);
    if (epoch == epochs_.end() || std::exchange(epoch->second.more_follows, true)) return;
    if (epoch->second.exhausted()) exhausted_.Wake();
  }
  /// True when all rows of epoch n were read, and there are more.
  bool Exhausted(CheckpointId n) const {
    const std::lock_guard lock(mutex_);
    const auto epoch = epochs_.find(n);
    return epoch != epochs_.end() && epoch->second.exhausted();
  }

 private:
  struct Epoch {
    uint64_t left = 0;
    uint64_t outstanding = 0;   ///< Claimed, not returned yet.
    bool more_follows = false;
    bool exhausted() const { return left == 0 && outstanding == 0 && more_follows; }
  };

  Waker& exhausted_;
  mutable std::mutex mutex_;
  std::map<CheckpointId, Epoch> epochs_;
  std::vector<Waker*> refused_;   ///< Their splits may have rows, and nothing else would wake them.
};

}  // namespace weir
