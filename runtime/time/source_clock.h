// Event time of one source task: the slowest of its splits, without those that are idle or at their end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/io/split.h"
#include "runtime/time/split_clock.h"
#include "runtime/time/watermark_merge.h"

namespace weir::internal {

struct SourceClockOptions {
  TimePolicy policy = {};
  /// A split that was read to its end this long ago, and has given nothing since, is idle. Zero: never.
  Duration idle_after = Duration::zero();
  /// A split at its planned end holds its watermark, because a later run goes on from there; else it holds nobody back.
  bool ended_splits_hold = false;
};

/// One thread. Splits are numbered from zero in the order of Add.
class SourceClock {
 public:
  explicit SourceClock(SourceClockOptions options) : options_(std::move(options)) {}

  /// A split that was idle when the checkpoint was taken may have rows by now: it is waited for like any other, until it is
  /// known to have none. One found by a running engine is idle at once, because time has gone on without it.
  enum class Found { kAtStart, kWhileRunning };
  void Add(const Position& start, Found found = Found::kAtStart);

  /// Rows of split `split` were read. As SplitClock::Observe. `elsewhere`: the watermark of the source's other tasks, where
  /// a split starts that wakes.
  Status OnRows(size_t split, std::span<const EventTime> times, const std::function<const void*(size_t)>& row_at,
                std::vector<EventTime>& late, EventTime elsewhere);
  /// Nothing could be read of it. `caught_up`: because there is nothing more at the moment. A split that is empty, or was idle
  /// in the checkpoint, is idle at once.
  void OnWaiting(size_t split, bool caught_up, Instant now);
  /// Nothing could be read of it because its source does not answer: that is no silence.
  void OnUnheard(size_t split) { splits_[split].quiet_since = Instant::max(); }
  void OnEnded(size_t split);

  /// It never falls.
  const PathTime& Time();
  /// Greatest timestamp, watermark and idleness, for a checkpoint.
  void Describe(size_t split, Position& position) const;
  PathTime TimeOf(size_t split) const { return {splits_[split].clock.watermark(), splits_[split].idle}; }
  /// How far the slowest split is of those that hold others back by pacing: that have more to read and are not idle, because
  /// time goes on without an idle one though it may have rows that cannot be read yet. kMaxEventTime: none.
  EventTime SlowestWithMore() const;
  /// When a split may have become idle; Instant::max() for never.
  Instant next_idle() const;
  /// Splits that became idle by their silence since the last call: the run cannot be repeated exactly any more.
  std::vector<size_t> TakeNewlyIdle();

 private:
  struct Split {
    SplitClock clock;
    bool idle = false;
    bool was_idle = false;                      // in the checkpoint; no row since
    bool ended = false;
    bool has_more = true;                       // as far as is known
    Instant quiet_since = Instant::max();       // caught up since; max: it is not
  };

  const SourceClockOptions options_;
  std::vector<Split> splits_;
  PathTime time_;
  std::vector<size_t> newly_idle_;
};

}  // namespace weir::internal
