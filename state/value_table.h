// The Value layout: one object of type V a key. Hot state lives here as plain objects; what a key costs when it
// is touched is one probe of a flat map, what a barrier costs is nothing, what a checkpoint costs is one
// encoding of each key that changed since the last.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "runtime/base/hash.h"
#include "runtime/reflect/binary_codec.h"
#include "runtime/reflect/heap_bytes.h"
#include "runtime/reflect/key_codec.h"
#include "state/dirty_keys.h"
#include "state/hashed_key.h"
#include "state/sub_key.h"
#include "state/untyped_value_table.h"

namespace weir {

/// One thread, the task's. Made by StateStore::AddValue, owned by the store.
///
/// References and pointers die at the next call of this table: the maps move their entries.
/// The hash is always HashStateKey(key), HashKey for all keys but those of sub_key.h; callers pass the one that travels
/// with the batch.
/// REQUIRES: the key's group is one of the store's.
template <class K, class V>
class ValueTable final : public UntypedValueTable {
 public:
  /// `layout`: of the table that is built on this one.
  ValueTable(std::string name, KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs,
             std::string layout = "value")
      : UntypedValueTable(std::move(name), std::move(layout), SchemaOf<K>(), SchemaOf<V>(), groups, key_groups, epochs),
        groups_(groups.size()) {}

  /// The value to read and to write, a value-initialised one where there was none.
  V& Mutable(const K& key, uint64_t hash) {
    Group& group = GroupOf(hash);
    auto found = group.map.find(Hashed{key, hash});
    if (found == group.map.end()) [[unlikely]] return Insert(group, key);
    Slot& slot = found->second;
    if (slot.stamp_and_dead() != epochs_.open) [[unlikely]] {
      Touch(group, key, slot);
      if (slot.dead) Revive(slot);
    }
    return slot.value;
  }
  V& Mutable(const K& key) { return Mutable(key, HashStateKey(key)); }

  /// As Mutable, but null where there is none.
  V* FindMutable(const K& key, uint64_t hash) {
    Group& group = GroupOf(hash);
    auto found = group.map.find(Hashed{key, hash});
    if (found == group.map.end() || found->second.dead) return nullptr;
    Touch(group, key, found->second);
    return &found->second.value;
  }

  /// Null where there is none. Never write through it: the checkpoint would not see it.
  const V* Find(const K& key, uint64_t hash) const {
    const Group& group = GroupOf(hash);
    auto found = group.map.find(Hashed{key, hash});
    return found == group.map.end() || found->second.dead ? nullptr : &found->second.value;
  }
  const V* Find(const K& key) const { return Find(key, HashStateKey(key)); }

  /// False where there was none.
  bool Erase(const K& key, uint64_t hash) {
    Group& group = GroupOf(hash);
    auto found = group.map.find(Hashed{key, hash});
    if (found == group.map.end() || found->second.dead) return false;
    Slot& slot = found->second;
    Touch(group, key, slot);
    --keys_;
    if (slot.saved_in == 0) {
      EraseSlot(group, found);   // born and died in one epoch: no checkpoint ever hears of it
    } else {
      CountHeapOf(slot, 0);
      slot.value = V{};
      slot.dead = 1;
    }
    return true;
  }
  bool Erase(const K& key) { return Erase(key, HashStateKey(key)); }

  /// As Erase, for keys that begin with a time and are hidden by HideThrough: no tombstone is left.
  enum class Taken { kNothing, kUnsaved, kSaved };
  Taken Take(const K& key, uint64_t hash) {
    Group& group = GroupOf(hash);
    auto found = group.map.find(Hashed{key, hash});
    if (found == group.map.end() || found->second.dead) return Taken::kNothing;
    Slot& slot = found->second;
    if (slot.stamp == epochs_.frozen && slot.stamp != StateEpochs::kClean && epochs_.save_on_first_touch) {
      Save(group, key, slot);
    }
    const Taken taken = slot.saved_in == 0 ? Taken::kUnsaved : Taken::kSaved;
    --keys_;
    EraseSlot(group, found);
    return taken;
  }
  /// What Erase left in the open epoch, if HideThrough will hide the key as well. False where there is no such tombstone.
  bool DropTombstone(const K& key, uint64_t hash) {
    Group& group = GroupOf(hash);
    auto found = group.map.find(Hashed{key, hash});
    if (found == group.map.end() || !found->second.dead || found->second.stamp != epochs_.open) return false;
    EraseSlot(group, found);
    return true;
  }
  /// While the frozen epoch is saved: hides what older ones have of a group (counted from the first of this table) up to a
  /// time. What the frozen epoch itself saves stays.
  void HideThrough(size_t group, EventTime time) { SaveRange(NameOf(groups_[group]), time.millis); }

  /// Calls visit(key, value) for every entry, in no order that means anything. `visit` must not call this table.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const Group& group : groups_) {
      for (const auto& [key, slot] : group.map) {
        if (!slot.dead) visit(key, slot.value);
      }
    }
  }

  uint64_t bytes() const override {
    uint64_t sum = groups_.capacity() * sizeof(Group) + heap_bytes();
    for (const Group& group : groups_) {
      sum += group.map.bucket_count() * (sizeof(typename Map::value_type) + 1);
      for (const Dirty& dirty : group.dirty) sum += dirty.keys.capacity() * sizeof(K);
    }
    return sum;
  }

  /// `heard(key, value)` of every entry that Restore will bring back, on the thread that does; it must not call this table.
  /// For what an operator keeps of its state besides.
  void HearOfRestored(std::function<void(const K&, const V&)> heard) { heard_ = std::move(heard); }

  bool SaveFrozen(SliceBudget& budget) override;
  Status RestoreEntry(KeyGroup group, std::string_view key, std::string_view value, CheckpointId saved_in) override;

 private:
  static constexpr uint64_t kHeapUnitsMax = (uint64_t{1} << 24) - 1;
  struct Slot {
    V value{};
    uint64_t stamp : 2 = StateEpochs::kClean;   // the epoch that changed it and is not saved yet
    uint64_t dead : 1 = 0;                      // erased, the tombstone not yet written
    uint64_t saved_in : 37 = 0;                 // the checkpoint whose delta has it; 0: none
    uint64_t heap : 24 = 0;                     // what it and its key own: see CountHeap
    uint64_t stamp_and_dead() const { return stamp | dead << 2; }
  };
  using Hashed = internal::HashedKey<K>;
  using Map = boost::unordered_flat_map<K, Slot, internal::StateKeyHasher<K>, internal::StateKeyEqual<K>>;
  using Dirty = internal::DirtyKeys<K>;
  struct Group {
    Map map;
    Dirty dirty[2];   // by stamp - 1
  };

  Group& GroupOf(uint64_t hash) { return groups_[GroupOfHash(hash, key_groups_).value() - first_group_]; }
  const Group& GroupOf(uint64_t hash) const { return groups_[GroupOfHash(hash, key_groups_).value() - first_group_]; }
  KeyGroup NameOf(const Group& group) const {
    return KeyGroup{static_cast<uint16_t>(name_offset_ + first_group_ + (&group - groups_.data()))};
  }

  V& Insert(Group& group, const K& key);
  /// Makes the slot one of the open epoch; what the frozen epoch had is saved first.
  void Touch(Group& group, const K& key, Slot& slot);
  void Revive(Slot& slot) {
    slot.dead = 0;
    ++keys_;
  }
  void MarkDirty(Group& group, const K& key) { group.dirty[epochs_.open - 1].Add(key, group.map.size()); }
  size_t Save(const Group& group, const K& key, Slot& slot);
  void CountHeapOf(Slot& slot, uint64_t bytes) {
    if constexpr (internal::kOwnsHeap<K> || internal::kOwnsHeap<V>) slot.heap = CountHeap(slot.heap, bytes, kHeapUnitsMax);
  }
  void EraseSlot(Group& group, typename Map::iterator slot);
  bool SaveListed(Group& group, SliceBudget& budget);
  bool SaveAll(Group& group, SliceBudget& budget);

  std::vector<Group> groups_;
  std::function<void(const K&, const V&)> heard_;   // or null

  // Where SaveFrozen stands: the group, and in it the next listed key or the next slot.
  size_t cursor_group_ = 0;
  size_t cursor_key_ = 0;
  typename Map::iterator cursor_slot_{};
  bool cursor_in_group_ = false;   // cursor_slot_ means something
};

}  // namespace weir

#include "state/value_table_save.h"
