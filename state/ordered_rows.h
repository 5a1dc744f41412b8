// Internal: the rows of one key, in the order of their times, in chunks. Rows come mostly in order: a chunk that is full
// is left alone from then on, and a row that comes out of order moves at most one chunk's rows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/base/ids.h"

namespace weir {

/// The place of a row among those of its key, or where it would be. It stays the same while rows come and go.
struct OrderedPlace {
  EventTime time;
  uint32_t sequence = 0;   ///< Among the rows of the time.
};

namespace internal {

template <class V>
class OrderedRows {
 public:
  struct Slot {
    EventTime time;
    uint32_t sequence = 0;   // among the rows of its key and time
    uint8_t stamp : 2 = 0;   // the epoch that changed it and is not saved yet
    uint8_t dead : 1 = 0;    // erased, the tombstone not yet written
    uint8_t saved : 1 = 0;   // a checkpoint has it
    uint8_t marked : 1 = 0;
    V value;
  };
  struct Chunk {
    std::vector<Slot> slots;
    uint8_t stamps = 0;      // of all its slots, or more
  };
  enum class Next : uint8_t { kGoOn, kStop };

  static constexpr size_t kChunkRows = 64;
  static constexpr size_t kSmallRows = 8;

  bool empty() const { return last_.slots.empty(); }
  void Prefetch() const { __builtin_prefetch(last_.slots.data()); }
  /// Forgets memory that a key of few rows does not need. REQUIRES: empty.
  void LeaveSmall() {
    if (last_.slots.capacity() > kSmallRows) last_ = {};
    last_.stamps = 0;
    full_ = {};
  }

  /// REQUIRES: not empty.
  EventTime first_time() const { return (full_.empty() ? last_ : full_.front()).slots.front().time; }

  /// Behind all rows that are not later. The reference dies at the next call.
  Slot& Insert(EventTime time, V value, uint8_t stamp) {
    std::vector<Slot>& slots = last_.slots;
    if (!slots.empty() && time < slots.back().time) return InsertBefore(time, std::move(value), stamp);
    const uint32_t sequence = !slots.empty() && slots.back().time == time ? slots.back().sequence + 1 : 0;
    if (slots.size() >= kChunkRows) {
      full_.push_back(std::exchange(last_, {}));
      slots.reserve(kChunkRows);
    }
    last_.stamps |= stamp;
    return slots.emplace_back(Slot{time, sequence, 0, 0, 0, 0, std::move(value)});
  }

  /// Shows slots with from <= place and time <= to in order, dead ones too: Next visit(Chunk&, Slot&).
  template <class Visit>
  void Range(OrderedPlace from, EventTime to, Visit visit) {
    auto chunk = full_.begin();
    if (!full_.empty() && IsBefore(full_.front().slots.back(), from)) {
      chunk = std::partition_point(full_.begin(), full_.end(),
                                   [from](const Chunk& c) { return IsBefore(c.slots.back(), from); });
    }
    for (; chunk != full_.end(); ++chunk) {
      if (!RangeOf(*chunk, from, to, visit)) return;
    }
    RangeOf(last_, from, to, visit);
  }

  template <class Visit>
  void ForEach(Visit visit) const {
    for (const Chunk& chunk : full_) {
      for (const Slot& slot : chunk.slots) visit(slot);
    }
    for (const Slot& slot : last_.slots) visit(slot);
  }

  /// Removes the first `chunks` whole chunks, and from the next one its first `rows`.
  void DropFront(size_t chunks, size_t rows) {
    const size_t whole = std::min(chunks, full_.size());
    if (chunks > full_.size()) last_.slots.clear();
    full_.erase(full_.begin(), full_.begin() + static_cast<std::ptrdiff_t>(whole));
    if (rows > 0) {
      std::vector<Slot>& slots = (full_.empty() ? last_ : full_.front()).slots;
      slots.erase(slots.begin(), slots.begin() + static_cast<std::ptrdiff_t>(rows));
    }
    Restore();
  }

  /// Removes the slots for which `gone` is true; in chunks that `may_have` admits.
  template <class MayHave, class Gone>
  void Remove(MayHave may_have, Gone gone) {
    bool emptied = false;
    const auto sweep = [&](Chunk& chunk) {
      if (!may_have(chunk)) return;
      std::erase_if(chunk.slots, gone);
      emptied = emptied || chunk.slots.empty();
    };
    for (Chunk& chunk : full_) sweep(chunk);
    sweep(last_);
    if (emptied) {
      std::erase_if(full_, [](const Chunk& chunk) { return chunk.slots.empty(); });
      Restore();
    }
  }

  /// The chunk by its number, in order; the number of chunks.
  Chunk& chunk(size_t i) { return i < full_.size() ? full_[i] : last_; }
  size_t chunks() const { return full_.size() + 1; }

 private:
  static bool IsBefore(const Slot& slot, OrderedPlace place) {
    return slot.time < place.time || (slot.time == place.time && slot.sequence < place.sequence);
  }
  template <class Visit>
  static bool RangeOf(Chunk& chunk, OrderedPlace from, EventTime to, Visit& visit) {
    auto slot = chunk.slots.begin();
    if (slot == chunk.slots.end() || slot->time > to) return false;
    if (IsBefore(*slot, from)) {
      slot = std::partition_point(slot, chunk.slots.end(), [from](const Slot& s) { return IsBefore(s, from); });
    }
    for (; slot != chunk.slots.end(); ++slot) {
      if (slot->time > to || visit(chunk, *slot) == Next::kStop) return false;
    }
    return true;
  }

  Slot& InsertBefore(EventTime time, V value, uint8_t stamp) {
    // The last chunk that begins no later has all rows of this time, if there are any.
    size_t at = full_.size();
    if (!full_.empty() && time < last_.slots.front().time) {
      const auto after = std::partition_point(full_.begin(), full_.end(),
                                              [time](const Chunk& c) { return c.slots.front().time <= time; });
      at = after == full_.begin() ? 0 : static_cast<size_t>(after - full_.begin()) - 1;
    }
    if (chunk(at).slots.size() >= 2 * kChunkRows) {
      Split(at);
      if (chunk(at + 1).slots.front().time <= time) ++at;
    }
    Chunk& into = chunk(at);
    auto place = std::partition_point(into.slots.begin(), into.slots.end(),
                                      [time](const Slot& s) { return s.time <= time; });
    const bool same = place != into.slots.begin() && std::prev(place)->time == time;
    const uint32_t sequence = same ? std::prev(place)->sequence + 1 : 0;
    into.stamps |= stamp;
    return *into.slots.insert(place, Slot{time, sequence, 0, 0, 0, 0, std::move(value)});
  }

  void Split(size_t at) {
    Chunk& whole = chunk(at);
    const auto middle = whole.slots.begin() + static_cast<std::ptrdiff_t>(whole.slots.size() / 2);
    Chunk first;
    first.stamps = whole.stamps;
    first.slots.assign(std::make_move_iterator(whole.slots.begin()), std::make_move_iterator(middle));
    whole.slots.erase(whole.slots.begin(), middle);
    full_.insert(full_.begin() + static_cast<std::ptrdiff_t>(at), std::move(first));
  }

  /// No chunk is empty but the last one of no rows at all.
  void Restore() {
    if (!last_.slots.empty() || full_.empty()) return;
    last_ = std::move(full_.back());
    full_.pop_back();
  }

  std::vector<Chunk> full_;   // before last_
  Chunk last_;
};

}  // namespace internal
}  // namespace weir
