// Event time of one split: its watermark, and which of its rows are late. Depends on the rows of this split and their
// order alone, so it is the same in every run.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "runtime/base/status.h"
#include "runtime/time/time_policy.h"

namespace weir::internal {

/// One thread.
class SplitClock {
 public:
  /// `greatest`, `watermark`: where a checkpoint left it; kMinEventTime at the beginning.
  SplitClock(const TimePolicy& policy, EventTime greatest, EventTime watermark);

  /// Takes the rows of one read. `row_at(i)` is row i, for policies of users. `late` gets, if any row is late, one entry a
  /// row: the watermark that had passed it, kMinEventTime where none had. UserError: the policy went back, or
  /// beyond all times.
  Status Observe(std::span<const EventTime> times, const std::function<const void*(size_t)>& row_at,
                 std::vector<EventTime>& late);

  /// The split wakes from idleness: time went on without it.
  void StartAt(EventTime watermark) { watermark_ = std::max(watermark_, watermark); }

  EventTime greatest() const { return greatest_; }
  EventTime watermark() const { return watermark_; }

 private:
  Status ObserveByPolicy(std::span<const EventTime> times, const std::function<const void*(size_t)>& row_at,
                         std::vector<EventTime>& late);

  const int64_t disorder_ms_;
  RowPolicy policy_;               // null: bounded disorder
  EventTime policy_said_ = kMinEventTime;
  EventTime greatest_;
  EventTime watermark_;
};

}  // namespace weir::internal
