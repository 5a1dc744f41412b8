// The cold half of ValueTable: first touches, saving in slices, restore. Included by value_table.h only.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/mutant.h"
#include "state/value_table.h"

namespace weir {

template <class K, class V>
V& ValueTable<K, V>::Insert(Group& group, const K& key) {
  // A map at its limit moves every slot: the scan of a group half saved begins again (what is saved is skipped).
  if (cursor_in_group_ && &group == &groups_[cursor_group_] && group.map.size() >= group.map.max_load()) {
    cursor_in_group_ = false;
  }
  Slot& slot = group.map.try_emplace(key).first->second;
  slot.stamp = epochs_.open;
  MarkDirty(group, key);
  ++keys_;
  return slot.value;
}

template <class K, class V>
void ValueTable<K, V>::Touch(Group& group, const K& key, Slot& slot) {
  if (slot.stamp == epochs_.open) return;
  if (slot.stamp != StateEpochs::kClean && epochs_.save_on_first_touch) Save(group, key, slot);
  slot.stamp = epochs_.open;
  MarkDirty(group, key);
}

template <class K, class V>
size_t ValueTable<K, V>::Save(const Group& group, const K& key, Slot& slot) {
  if (slot.dead && (slot.saved_in == 0 || Planted(Mutant::kDeletesNotSaved))) return 0;
  key_scratch_.clear();
  EncodeKey(key, key_scratch_);
  value_scratch_.clear();
  if (!slot.dead) EncodeBinary(slot.value, value_scratch_);
  epochs_.delta->Add(slot.dead ? ChangeKind::kDelete : ChangeKind::kPut, number_, NameOf(group), key_scratch_,
                     value_scratch_);
  slot.saved_in = slot.dead ? 0 : epochs_.frozen_id.value();
  if (!slot.dead) CountHeapOf(slot, internal::HeapBytes(key) + internal::HeapBytes(slot.value));
  return key_scratch_.size() + value_scratch_.size();
}

template <class K, class V>
void ValueTable<K, V>::EraseSlot(Group& group, typename Map::iterator slot) {
  if (cursor_in_group_ && &group == &groups_[cursor_group_] && slot == cursor_slot_) ++cursor_slot_;
  CountHeapOf(slot->second, 0);
  group.map.erase(slot);
}

template <class K, class V>
bool ValueTable<K, V>::SaveFrozen(SliceBudget& budget) {
  for (; cursor_group_ < groups_.size(); ++cursor_group_) {
    Group& group = groups_[cursor_group_];
    Dirty& dirty = group.dirty[epochs_.frozen - 1];
    const bool done = dirty.all ? SaveAll(group, budget) : SaveListed(group, budget);
    if (!done) return false;
    dirty.Clear();
    cursor_key_ = 0;
    cursor_in_group_ = false;
  }
  cursor_group_ = 0;
  return true;
}

template <class K, class V>
bool ValueTable<K, V>::SaveListed(Group& group, SliceBudget& budget) {
  const std::vector<K>& keys = group.dirty[epochs_.frozen - 1].keys;
  for (; cursor_key_ < keys.size(); ++cursor_key_) {
    if (budget.spent()) return false;
    budget.SpendVisit();
    auto found = group.map.find(keys[cursor_key_]);
    if (found == group.map.end() || found->second.stamp != epochs_.frozen) continue;
    budget.SpendSave(Save(group, found->first, found->second));
    found->second.stamp = StateEpochs::kClean;
    if (found->second.dead) group.map.erase(found);
  }
  return true;
}

template <class K, class V>
bool ValueTable<K, V>::SaveAll(Group& group, SliceBudget& budget) {
  if (!cursor_in_group_) {
    cursor_slot_ = group.map.begin();
    cursor_in_group_ = true;
  }
  while (cursor_slot_ != group.map.end()) {
    if (budget.spent()) return false;
    budget.SpendVisit();
    auto current = cursor_slot_++;
    Slot& slot = current->second;
    if (slot.stamp != epochs_.frozen) continue;
    budget.SpendSave(Save(group, current->first, slot));
    slot.stamp = StateEpochs::kClean;
    if (slot.dead) group.map.erase(current);
  }
  return true;
}

template <class K, class V>
Status ValueTable<K, V>::RestoreEntry(KeyGroup name, std::string_view key, std::string_view value,
                                      CheckpointId saved_in) {
  K decoded{};
  Slot slot;
  if (!DecodeKey(key, decoded)) return NotAKey(key.size());
  if (!DecodeBinary(value, slot.value) || !value.empty()) return NotAValue();
  const uint64_t hash = HashStateKey(decoded);
  const uint16_t group = GroupOfHash(hash, key_groups_).value();
  if (group + name_offset_ != name.value() || group < first_group_ || group >= first_group_ + groups_.size()) {
    return NotItsGroup(name, hash);
  }
  if (heard_ != nullptr) heard_(decoded, slot.value);
  slot.saved_in = Planted(Mutant::kRestoredCountsAsNew) ? 0 : saved_in.value();
  CountHeapOf(slot, internal::HeapBytes(decoded) + internal::HeapBytes(slot.value));
  GroupOf(hash).map.insert_or_assign(std::move(decoded), std::move(slot));
  ++keys_;
  return {};
}

}  // namespace weir
