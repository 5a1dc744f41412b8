// Timers: (key, time) once each, found by both and taken in order of time. A ValueTable of both, which is what
// checkpoints see, and beside it a heap of times for each key group.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/mutant.h"
#include "state/value_table.h"

namespace weir {

/// One thread, the task's. Made by StateStore::AddTimers, owned by the store. `hash` is always HashKey(key).
/// REQUIRES: the key's group is one of the store's.
template <class K>
class TimerTable final : public StateTable {
 public:
  struct Due {
    K key{};
    EventTime time;
  };

  TimerTable(std::string name, KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
      : entries_(std::move(name), groups, key_groups, epochs, "timer"), key_groups_(key_groups),
        first_group_(groups.first), groups_(groups.size()) {}

  /// False where it is set already.
  bool Set(const K& key, uint64_t hash, EventTime time) {
    const uint64_t timers = entries_.keys();
    entries_.Mutable(At(key, time), Below(hash, time)) = true;
    if (entries_.keys() == timers) return false;
    Push(GroupOf(hash), {key, time});
    return true;
  }

  /// False where it is not set.
  bool Delete(const K& key, uint64_t hash, EventTime time) {
    if (!entries_.Erase(At(key, time), Below(hash, time))) return false;
    Group& group = GroupOf(hash);
    // What was deleted stays in the heap until its time, or until such are the greater part of it.
    if (++group.deleted > group.heap.size() / 2 + kDeletedMin) Tidy(group);
    return true;
  }

  /// Takes one that is due at `until` or before: group by group, and in a group the earliest first. One that is set
  /// meanwhile for a key of the group just taken from has its turn too. False when none is left.
  bool TakeDue(EventTime until, Due* due) {
    if (next_ > until) return false;
    for (; cursor_ < groups_.size(); ++cursor_) {
      Group& group = groups_[cursor_];
      while (!group.heap.empty() && group.heap.front().time <= until) {
        std::pop_heap(group.heap.begin(), group.heap.end(), IsLater);
        *due = std::move(group.heap.back());
        group.heap.pop_back();
        if (Planted(Mutant::kTimerNotDeleted) ||
            entries_.Erase(At(due->key, due->time), Below(HashKey(due->key), due->time))) {
          return true;
        }
        if (group.deleted > 0) --group.deleted;
      }
    }
    cursor_ = 0;
    next_ = kMaxEventTime;
    for (const Group& group : groups_) {
      if (!group.heap.empty()) next_ = std::min(next_, group.heap.front().time);
    }
    return false;
  }

  /// No timer is earlier; kMaxEventTime for none at all.
  EventTime next() const { return next_; }

  /// Calls visit(key, time) for every timer, in no order that means anything.
  template <class Visit>
  void ForEach(Visit visit) const {
    entries_.ForEach([&](const TimerKey<K>& at, bool) { visit(at.key, at.time); });
  }

  const StateSchema& schema() const override { return entries_.schema(); }
  uint64_t keys() const override { return entries_.keys(); }
  uint64_t bytes() const override {
    uint64_t sum = entries_.bytes();
    for (const Group& group : groups_) sum += group.heap.capacity() * sizeof(Due);
    return sum;
  }
  void SetNumber(uint8_t number) override { entries_.SetNumber(number); }
  bool SaveFrozen(SliceBudget& budget) override { return entries_.SaveFrozen(budget); }
  Status RestoreEntry(KeyGroup name, std::string_view key, std::string_view value, CheckpointId saved_in) override {
    WEIR_RETURN_IF_ERROR(entries_.RestoreEntry(name, key, value, saved_in));
    TimerKey<K> at;
    WEIR_CHECK(DecodeKey(key, at), "what was restored decodes");
    Push(groups_[name.value() - first_group_], {std::move(at.key), at.time});
    return {};
  }

 private:
  struct Group {
    std::vector<Due> heap;   // the earliest first
    uint64_t deleted = 0;    // that are still in the heap, about
  };
  static constexpr uint64_t kDeletedMin = 64;

  static bool IsLater(const Due& a, const Due& b) { return a.time > b.time; }
  static uint64_t Below(uint64_t hash, EventTime time) { return HashBelow(hash, HashKey(time)); }
  Group& GroupOf(uint64_t hash) { return groups_[GroupOfHash(hash, key_groups_).value() - first_group_]; }
  const TimerKey<K>& At(const K& key, EventTime time) {
    at_.time = time;
    at_.key = key;
    return at_;
  }
  void Push(Group& group, Due due) {
    next_ = std::min(next_, due.time);
    group.heap.push_back(std::move(due));
    std::push_heap(group.heap.begin(), group.heap.end(), IsLater);
  }
  void Tidy(Group& group) {
    std::erase_if(group.heap, [&](const Due& due) {
      return entries_.Find(At(due.key, due.time), Below(HashKey(due.key), due.time)) == nullptr;
    });
    std::make_heap(group.heap.begin(), group.heap.end(), IsLater);
    group.deleted = 0;
  }

  ValueTable<TimerKey<K>, bool> entries_;
  const uint16_t key_groups_;
  const uint16_t first_group_;
  std::vector<Group> groups_;
  size_t cursor_ = 0;                 // the group that TakeDue is at
  EventTime next_ = kMaxEventTime;    // no later than the earliest
  TimerKey<K> at_;
};

}  // namespace weir
