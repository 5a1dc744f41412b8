// One partition of the memory broker: an append-only log with transactions, as a Kafka partition keeps it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir {

/// Immutable once appended, so that readers share it without the broker's lock.
struct MemoryRecord {
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

/// Every record, control records included, takes one offset. One thread at a time.
class MemoryPartition {
 public:
  static constexpr int64_t kNoProducer = -1;

  int64_t begin() const { return begin_; }
  int64_t end() const { return begin_ + static_cast<int64_t>(entries_.size()); }
  /// Everything below is decided: the first offset of the oldest open transaction, or the end.
  int64_t stable_end() const;

  /// `producer`: whose open transaction it belongs to, kNoProducer for a record that is committed at once.
  /// Fills in the offset.
  void Append(MemoryRecord record, int64_t producer);
  /// Decides what `producer` has open here and appends the control record; nothing open: does nothing.
  void EndTransaction(int64_t producer, bool commit);
  /// REQUIRES: offset <= end().
  void TrimBefore(int64_t offset);

  /// The first committed record in [*position, stable_end()), moving *position behind it; null, with *position at
  /// the stable end, where there is none.
  std::shared_ptr<const MemoryRecord> NextCommitted(int64_t* position) const;
  /// First data record not older than `millis`, or the end.
  int64_t FindTime(int64_t millis) const;
  std::vector<std::shared_ptr<const MemoryRecord>> AllData() const;

 private:
  enum class State : uint8_t { kOpen, kCommitted, kAborted, kControl };
  struct Entry {
    std::shared_ptr<const MemoryRecord> record;   // Null for a control record.
    State state;
  };
  Entry& At(int64_t offset) { return entries_[static_cast<size_t>(offset - begin_)]; }
  const Entry& At(int64_t offset) const { return entries_[static_cast<size_t>(offset - begin_)]; }

  int64_t begin_ = 0;
  std::deque<Entry> entries_;
  std::map<int64_t, std::vector<int64_t>> open_;   // Producer to the offsets it has open, in order.
};

}  // namespace weir
