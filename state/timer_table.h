// Timers: (key, time) once each, found by both and taken in order of time. A ValueTable of both, which is what
// checkpoints see, and beside it a queue of times for each key group. Those that fired leave no tombstones: as the
// earliest fire first, one range delete a group and epoch hides them all.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/mutant.h"
#include "state/timer_queue.h"
#include "state/value_table.h"

namespace weir {

/// One thread, the task's. Made by StateStore::AddTimers, owned by the store. `hash` is always HashKey(key).
/// REQUIRES: the key's group is one of the store's.
template <class K>
class TimerTable final : public StateTable {
 public:
  using Due = typename internal::TimerQueue<K>::Timer;

  TimerTable(std::string name, KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
      : entries_(std::move(name), groups, key_groups, epochs, "timer"), epochs_(epochs), key_groups_(key_groups),
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
    // What was deleted stays in the queue until its time, or until such are the greater part of it.
    if (++group.deleted > group.queue.size() / 2 + kDeletedMin) Tidy(group);
    return true;
  }

  bool Has(const K& key, uint64_t hash, EventTime time) { return entries_.Find(At(key, time), Below(hash, time)) != nullptr; }

  /// Takes one that is due at `until` or before: group by group, and in a group the earliest first. One that is set
  /// meanwhile for a key of the group just taken from has its turn too. False when none is left.
  bool TakeDue(EventTime until, Due* due) {
    // A firing that was left goes on where it was. What has become due before that place since has its turn afterwards.
    for (bool all = cursor_ == 0; next_ <= until; all = true) {
      for (; cursor_ < groups_.size(); ++cursor_) {
        if (TakeOf(groups_[cursor_], until, due)) return true;
      }
      cursor_ = 0;
      next_ = kMaxEventTime;
      for (const Group& group : groups_) {
        if (!group.queue.empty()) next_ = std::min(next_, group.queue.first());
      }
      if (all) return false;
    }
    return false;
  }

  /// What TakeDue has done so far, in timers: it grows by more than the timers it gave where it put many in order first, or
  /// came upon deleted ones.
  uint64_t work() const { return work_; }

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
    for (const Group& group : groups_) sum += sizeof(Group) + group.queue.bytes() + group.fired.capacity() * sizeof(K);
    return sum;
  }
  void SetNumber(uint8_t number) override { entries_.SetNumber(number); }
  bool SaveFrozen(SliceBudget& budget) override {
    for (; saved_groups_ < groups_.size(); ++saved_groups_) {
      EventTime& fired = groups_[saved_groups_].fired_through[epochs_.frozen - 1];
      if (fired == kMinEventTime) continue;
      if (budget.spent()) return false;
      entries_.HideThrough(saved_groups_, std::exchange(fired, kMinEventTime));
      budget.SpendSave(0);
    }
    if (!entries_.SaveFrozen(budget)) return false;
    saved_groups_ = 0;
    return true;
  }
  Status RestoreEntry(KeyGroup name, std::string_view key, std::string_view value, CheckpointId saved_in) override {
    WEIR_RETURN_IF_ERROR(entries_.RestoreEntry(name, key, value, saved_in));
    TimerKey<K> at;
    WEIR_CHECK(DecodeKey(key, at), "what was restored decodes");
    Push(groups_[name.value() - first_group_], {std::move(at.key), at.time});
    return {};
  }

 private:
  struct Group {
    internal::TimerQueue<K> queue;
    uint64_t deleted = 0;                                          // that are still in the queue, about
    std::vector<K> fired;                                          // at one time, while others of that time are left
    EventTime fired_at;
    EventTime fired_through[2] = {kMinEventTime, kMinEventTime};   // by stamp - 1: the range delete of that epoch
  };
  using Entries = ValueTable<TimerKey<K>, bool>;
  static constexpr uint64_t kDeletedMin = 64;
  static constexpr uint64_t kMovesOfATimer = 32;

  static uint64_t Below(uint64_t hash, EventTime time) { return HashBelow(hash, HashKey(time)); }
  Group& GroupOf(uint64_t hash) { return groups_[GroupOfHash(hash, key_groups_).value() - first_group_]; }
  const TimerKey<K>& At(const K& key, EventTime time) {
    at_.time = time;
    at_.key = key;
    return at_;
  }
  void Push(Group& group, Due due) {
    next_ = std::min(next_, due.time);
    group.queue.Push(std::move(due));
  }
  bool TakeOf(Group& group, EventTime until, Due* due) {
    while (!group.queue.empty() && group.queue.first() <= until) {
      const uint64_t moved = group.queue.moved();
      *due = group.queue.Pop();
      work_ += 1 + (group.queue.moved() - moved) / kMovesOfATimer;
      if (Take(group, *due)) return true;
      if (group.deleted > 0) --group.deleted;
    }
    return false;
  }
  /// False where it was deleted. A range may only hide times at which nothing is left, since a checkpoint can come after any
  /// call; until then tombstones do.
  bool Take(Group& group, const Due& due) {
    if (due.time != group.fired_at) group.fired.clear();
    group.fired_at = due.time;
    const uint64_t hash = Below(HashKey(due.key), due.time);
    if (Planted(Mutant::kTimerNotDeleted)) return entries_.Find(At(due.key, due.time), hash) != nullptr;
    const bool last = group.queue.empty() || group.queue.first() > due.time;
    // At these two a range has no end, or means none.
    if (!last || due.time == kMinEventTime || due.time == kMaxEventTime) {
      if (!entries_.Erase(At(due.key, due.time), hash)) return false;
      if (!last) group.fired.push_back(due.key);
      return true;
    }
    const auto taken = entries_.Take(At(due.key, due.time), hash);
    bool hides = taken == Entries::Taken::kSaved;
    for (const K& key : group.fired) {
      hides |= entries_.DropTombstone(At(key, due.time), Below(HashKey(key), due.time));
    }
    group.fired.clear();
    if (hides) Last(group) = std::max(Last(group), due.time);
    return taken != Entries::Taken::kNothing;
  }
  EventTime& Last(Group& group) { return group.fired_through[epochs_.open - 1]; }
  void Tidy(Group& group) {
    group.queue.EraseIf([&](const Due& due) {
      return entries_.Find(At(due.key, due.time), Below(HashKey(due.key), due.time)) == nullptr;
    });
    group.deleted = 0;
  }

  Entries entries_;
  const StateEpochs& epochs_;
  const uint16_t key_groups_;
  const uint16_t first_group_;
  std::vector<Group> groups_;
  size_t cursor_ = 0;                 // the group that TakeDue is at
  uint64_t work_ = 0;
  size_t saved_groups_ = 0;           // whose ranges SaveFrozen has saved
  EventTime next_ = kMaxEventTime;    // no later than the earliest
  TimerKey<K> at_;
};

}  // namespace weir
