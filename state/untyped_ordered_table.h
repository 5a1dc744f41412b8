// Internal: all of OrderedTable that knows neither key nor value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "state/untyped_value_table.h"

namespace weir {

class UntypedOrderedTable : public UntypedValueTable {
 public:
  /// The width of the buckets by which rows are found when they expire: the step in which time usually rises, rounded up
  /// to a power of two. Only of what is in memory, not of what is on disk. REQUIRES: before the first row; positive.
  void SetStep(int64_t step_ms);

 protected:
  UntypedOrderedTable(std::string name, std::string key, std::string value, KeyGroupRange groups, uint16_t key_groups,
                      const StateEpochs& epochs)
      : UntypedValueTable(std::move(name), "ordered", std::move(key), std::move(value), groups, key_groups, epochs) {}

  /// What expiry took from disk in one epoch and group.
  struct Expired {
    EventTime from = kMaxEventTime;
    EventTime to = kMinEventTime;   ///< Exclusive.
    bool any() const { return from < to; }
    void Add(EventTime time, EventTime cutoff) {
      from = std::min(from, time);
      to = std::max(to, cutoff);
    }
  };
  /// Hides the rows of all older epochs in a range.
  void SaveExpired(KeyGroup group, const Expired& expired);

  // A row's key on disk: time, key, sequence.
  static constexpr size_t kTimeBytes = 8;
  static constexpr size_t kSequenceBytes = 4;
  void BeginRowKey(EventTime time);
  void EndRowKey(uint32_t sequence);
  /// False where the bytes cannot be one.
  static bool ParseRowKey(std::string_view bytes, EventTime& time, std::string_view& key, uint32_t& sequence);

  /// Throws away nothing: a barrier between the pieces of one expiry would save a state that never was.
  void CheckSameEpoch(CheckpointId began) const;

  int64_t BucketOf(EventTime time) const { return time.millis >> bucket_shift_; }
  EventTime BeginOf(int64_t bucket) const;
  /// The first time behind the bucket, as far as there are times.
  EventTime EndOf(int64_t bucket) const;

 private:
  int bucket_shift_ = 10;
};

}  // namespace weir
