#include "runtime/time/source_clock.h"

#include <algorithm>
#include <utility>

#include "runtime/base/landmark.h"
#include "runtime/base/mutant.h"

namespace weir::internal {
namespace {

Landmark woke{"time.split_woke"};

}  // namespace

void SourceClock::Add(const Position& start, Found found) {
  Split split{SplitClock(options_.policy, start.max_timestamp, start.watermark)};
  split.idle = found == Found::kWhileRunning;
  split.was_idle = start.idle;
  splits_.push_back(std::move(split));
}

Status SourceClock::OnRows(size_t index, std::span<const EventTime> times,
                           const std::function<const void*(size_t)>& row_at, std::vector<EventTime>& late,
                           EventTime elsewhere) {
  Split& split = splits_[index];
  split.has_more = true;
  split.quiet_since = Instant::max();
  if (times.empty()) return {};
  split.was_idle = false;
  if (split.idle) {
    woke.Hit();
    // Windows have been completed without it: what is earlier than that is late.
    if (!Planted(Mutant::kWakesBelowTheWatermark)) split.clock.StartAt(std::max(elsewhere, Time().watermark));
    split.idle = false;
  }
  return split.clock.Observe(times, row_at, late);
}

void SourceClock::OnWaiting(size_t index, bool caught_up, Instant now) {
  Split& split = splits_[index];
  split.has_more = !caught_up;
  // What is there and cannot be read yet is no silence.
  if (!caught_up) split.quiet_since = Instant::max();
  if (!caught_up || split.idle || split.ended) return;
  if (split.was_idle || split.clock.greatest() == kMinEventTime) {
    split.idle = true;
    return;
  }
  if (split.quiet_since == Instant::max()) split.quiet_since = now;
  if (options_.idle_after == Duration::zero() || now - split.quiet_since < options_.idle_after) return;
  split.idle = true;
  newly_idle_.push_back(index);
}

void SourceClock::OnEnded(size_t index) {
  splits_[index].ended = true;
  splits_[index].has_more = false;
}

const PathTime& SourceClock::Time() {
  PathsTogether splits;
  for (const Split& split : splits_) {
    const bool empty = split.clock.greatest() == kMinEventTime;
    const bool over = split.ended && (empty || !options_.ended_splits_hold);
    splits.Add({split.clock.watermark(), split.idle || over});
  }
  PathTime now = splits.time();
  now.watermark = std::max(now.watermark, time_.watermark);
  time_ = now;
  return time_;
}

void SourceClock::Describe(size_t index, Position& position) const {
  const Split& split = splits_[index];
  position.max_timestamp = split.clock.greatest();
  position.watermark = Planted(Mutant::kOldWatermarkInPosition) ? time_.watermark : split.clock.watermark();
  position.idle = split.idle;
}

EventTime SourceClock::SlowestWithMore() const {
  EventTime slowest = kMaxEventTime;
  for (const Split& split : splits_) {
    // One that has not given a row yet is at no time that others could be ahead of.
    if (!split.has_more || split.idle || split.ended || split.clock.watermark() == kMinEventTime) continue;
    slowest = std::min(slowest, split.clock.watermark());
  }
  return slowest;
}

Instant SourceClock::next_idle() const {
  if (options_.idle_after == Duration::zero()) return Instant::max();
  Instant next = Instant::max();
  for (const Split& split : splits_) {
    if (split.idle || split.ended || split.quiet_since == Instant::max()) continue;
    next = std::min(next, split.quiet_since + options_.idle_after);
  }
  return next;
}

std::vector<size_t> SourceClock::TakeNewlyIdle() { return std::exchange(newly_idle_, {}); }

}  // namespace weir::internal
