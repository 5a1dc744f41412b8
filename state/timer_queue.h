// Timers of one key group in order of their times. A radix heap: what is far away lies unordered in buckets, each for
// times that have the same leading bits, and is looked at again only when its bucket comes first. Setting a timer is an
// append, and one that fires has been moved a few times, in long runs; a binary heap touches a place far away for each
// of its levels. (R. K. Ahuja et al., Faster algorithms for the shortest path problem, 1990.)
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/base/ids.h"

namespace weir::internal {

/// One thread.
template <class K>
class TimerQueue {
 public:
  struct Timer {
    K key{};
    EventTime time;
  };

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  /// No timer is earlier. REQUIRES: not empty.
  EventTime first() const {
    EventTime first = kMaxEventTime;
    if (!near_.empty()) first = near_.back().time;
    else if (filled_ != 0) first = buckets_[FirstBucket()].first;
    return early_.empty() ? first : std::min(first, early_.front().time);
  }

  void Push(Timer timer) {
    if (size_++ == 0) horizon_ = timer.time;
    if (timer.time <= horizon_) {
      early_.push_back(std::move(timer));
      std::push_heap(early_.begin(), early_.end(), IsLater);
    } else {
      PushFar(std::move(timer));
    }
  }

  /// The earliest; which one of equal times is not said. REQUIRES: not empty.
  Timer Pop() {
    if (near_.empty() && early_.empty()) Refill();
    --size_;
    const bool from_early = near_.empty() || (!early_.empty() && early_.front().time < near_.back().time);
    if (from_early) std::pop_heap(early_.begin(), early_.end(), IsLater);
    std::vector<Timer>& from = from_early ? early_ : near_;
    Timer timer = std::move(from.back());
    from.pop_back();
    return timer;
  }

  /// How many timers were moved within the queue so far, which is what a Pop costs besides.
  uint64_t moved() const { return moved_; }

  /// Drops those for which is_dead(timer).
  template <class IsDead>
  void EraseIf(IsDead is_dead) {
    size_ -= std::erase_if(near_, is_dead);
    size_ -= std::erase_if(early_, is_dead);
    std::make_heap(early_.begin(), early_.end(), IsLater);
    for (size_t i = 0; i < buckets_.size(); ++i) {
      Bucket& bucket = buckets_[i];
      size_ -= std::erase_if(bucket.timers, is_dead);
      if (bucket.timers.empty()) filled_ &= ~(uint64_t{1} << i);
      else bucket.first = Earliest(bucket.timers);
    }
  }

  uint64_t bytes() const {
    uint64_t timers = near_.capacity() + early_.capacity();
    for (const Bucket& bucket : buckets_) timers += bucket.timers.capacity();
    return timers * sizeof(Timer) + buckets_.capacity() * sizeof(Bucket);
  }

 private:
  struct Bucket {
    std::vector<Timer> timers;   // in no order
    EventTime first = kMaxEventTime;
  };
  /// A bucket of so many is sorted rather than spread over others.
  static constexpr size_t kSortedMax = 64;

  static bool IsLater(const Timer& a, const Timer& b) { return a.time > b.time; }
  static EventTime Earliest(const std::vector<Timer>& timers) {
    return std::max_element(timers.begin(), timers.end(), IsLater)->time;
  }
  static uint64_t Ordered(EventTime time) { return static_cast<uint64_t>(time.millis) ^ (uint64_t{1} << 63); }
  size_t FirstBucket() const { return static_cast<size_t>(std::countr_zero(filled_)); }

  /// Bucket i has the times whose highest bit that differs from the horizon's is bit i: all later than those below it.
  /// They stay where they are when the horizon moves within a lower bucket.
  void PushFar(Timer timer) {
    const auto i = static_cast<size_t>(63 - std::countl_zero(Ordered(timer.time) ^ Ordered(horizon_)));
    if (i >= buckets_.size()) buckets_.resize(i + 1);
    Bucket& bucket = buckets_[i];
    bucket.first = filled_ >> i & 1 ? std::min(bucket.first, timer.time) : timer.time;
    filled_ |= uint64_t{1} << i;
    bucket.timers.push_back(std::move(timer));
  }

  /// Moves the earliest from the first bucket to near_.
  void Refill() {
    const size_t from = FirstBucket();
    std::vector<Timer> timers = std::move(buckets_[from].timers);
    buckets_[from].timers = {};
    filled_ &= ~(uint64_t{1} << from);
    moved_ += timers.size();
    if (timers.size() <= kSortedMax) {
      std::sort(timers.begin(), timers.end(), IsLater);
      horizon_ = timers.front().time;
      near_ = std::move(timers);
      return;
    }
    horizon_ = Earliest(timers);
    for (Timer& timer : timers) {
      if (timer.time == horizon_) near_.push_back(std::move(timer));
      else PushFar(std::move(timer));
    }
  }

  std::vector<Timer> near_;       // the latest first; all at the horizon or before
  std::vector<Timer> early_;      // set when the horizon had already passed them: a heap
  std::vector<Bucket> buckets_;   // all later than the horizon
  uint64_t filled_ = 0;           // a bit a bucket
  uint64_t size_ = 0;
  uint64_t moved_ = 0;
  EventTime horizon_;
};

}  // namespace weir::internal
