// The cold half of SliceTable: first touches, saving in parts, drops, restore. Included by slice_table.h only.
#pragma once

#include <string>
#include <utility>

#include "state/slice_table.h"

namespace weir {

template <class K, class V>
auto SliceTable<K, V>::FindOrAdd(Group& group, int64_t end) -> Slice& {
  const auto at = LowerBound(group, end);
  if (at != group.slices.end() && at->end == end) return *at->slice;
  auto slice = std::make_unique<Slice>();
  slice->born_after = epochs_.frozen_id.value();
  // Windows of one stream have about as many keys as the one before: spares the map its growth.
  if (at != group.slices.begin()) slice->map.reserve(std::prev(at)->slice->map.size());
  return *group.slices.insert(at, Entry{end, std::move(slice)})->slice;
}

template <class K, class V>
V& SliceTable<K, V>::Insert(Slice& slice, const K& key) {
  // A map at its limit moves every slot: a scan half done begins again (what is saved is skipped).
  if (slice.cursor_set && slice.map.size() >= slice.map.max_load()) slice.cursor_set = false;
  Slot& slot = slice.map.try_emplace(key).first->second;
  slot.stamp = epochs_.open;
  MarkDirty(slice, key);
  ++keys_;
  return slot.value;
}

template <class K, class V>
void SliceTable<K, V>::Touch(Slice& slice, KeyGroup group, int64_t end, const K& key, Slot& slot) {
  if (slot.stamp != StateEpochs::kClean && epochs_.save_on_first_touch) Save(group, end, key, slot);
  slot.stamp = epochs_.open;
  MarkDirty(slice, key);
}

template <class K, class V>
size_t SliceTable<K, V>::Save(KeyGroup group, int64_t end, const K& key, Slot& slot) {
  key_scratch_.clear();
  EncodeKey(EventTime{end}, key_scratch_);
  EncodeKey(key, key_scratch_);
  value_scratch_.clear();
  EncodeBinary(slot.value, value_scratch_);
  epochs_.delta->Add(ChangeKind::kPut, number_, group, key_scratch_, value_scratch_);
  CountHeapOf(slot, internal::HeapBytes(key) + internal::HeapBytes(slot.value));
  return key_scratch_.size() + value_scratch_.size();
}

template <class K, class V>
bool SliceTable<K, V>::SaveFrozen(SliceBudget& budget) {
  for (; cursor_group_ < groups_.size(); ++cursor_group_) {
    Group& group = groups_[cursor_group_];
    int64_t& through = group.dropped_through[epochs_.frozen - 1];
    if (through != kNone) {
      SaveRange(NameOf(group), std::exchange(through, kNone));
      budget.SpendSave(0);
    }
    const size_t first = static_cast<size_t>(LowerBound(group, cursor_end_) - group.slices.begin());
    for (size_t i = first; i < group.slices.size(); ++i) {
      cursor_end_ = group.slices[i].end;
      if (!SaveSlice(*group.slices[i].slice, NameOf(group), cursor_end_, budget)) return false;
      budget.SpendVisit();
    }
    cursor_end_ = kNone;
  }
  for (Dropped& dropped : dropped_) {
    if (!SaveSlice(*dropped.slice, dropped.group, dropped.end, budget)) return false;
  }
  cursor_group_ = 0;
  return true;
}

template <class K, class V>
bool SliceTable<K, V>::SaveSlice(Slice& slice, KeyGroup group, int64_t end, SliceBudget& budget) {
  Dirty& dirty = slice.dirty[epochs_.frozen - 1];
  if (dirty.empty()) return true;
  const bool done = dirty.all ? SaveAll(slice, group, end, budget) : SaveListed(slice, group, end, budget);
  if (!done) return false;
  dirty.Clear();
  slice.cursor_key = 0;
  slice.cursor_set = false;
  return true;
}

template <class K, class V>
bool SliceTable<K, V>::SaveListed(Slice& slice, KeyGroup group, int64_t end, SliceBudget& budget) {
  const std::vector<K>& keys = slice.dirty[epochs_.frozen - 1].keys;
  for (; slice.cursor_key < keys.size(); ++slice.cursor_key) {
    if (budget.spent()) return false;
    budget.SpendVisit();
    auto found = slice.map.find(keys[slice.cursor_key]);
    if (found == slice.map.end() || found->second.stamp != epochs_.frozen) continue;
    budget.SpendSave(Save(group, end, found->first, found->second));
    found->second.stamp = StateEpochs::kClean;
  }
  return true;
}

template <class K, class V>
bool SliceTable<K, V>::SaveAll(Slice& slice, KeyGroup group, int64_t end, SliceBudget& budget) {
  if (!slice.cursor_set) {
    slice.cursor_slot = slice.map.begin();
    slice.cursor_set = true;
  }
  for (; slice.cursor_slot != slice.map.end(); ++slice.cursor_slot) {
    if (budget.spent()) return false;
    budget.SpendVisit();
    Slot& slot = slice.cursor_slot->second;
    if (slot.stamp != epochs_.frozen) continue;
    budget.SpendSave(Save(group, end, slice.cursor_slot->first, slot));
    slot.stamp = StateEpochs::kClean;
  }
  return true;
}

template <class K, class V>
void SliceTable<K, V>::DropThrough(KeyGroup name, int64_t end) {
  RequireEnd(end);
  Group& group = groups_[name.value() - first_group_];
  size_t count = 0;
  for (; count < group.slices.size() && group.slices[count].end <= end; ++count) {
    Slice& slice = *group.slices[count].slice;
    if (slice.born_after != epochs_.frozen_id.value()) {
      int64_t& through = group.dropped_through[epochs_.open - 1];
      through = std::max(through, group.slices[count].end);
    }
    keys_ -= slice.map.size();
    // What the open epoch did to it no checkpoint will hear of; what the frozen one did is saved before it is freed.
    slice.dirty[epochs_.open - 1].Clear();
    dropped_.push_back({name, group.slices[count].end, std::move(group.slices[count].slice)});
  }
  group.slices.erase(group.slices.begin(), group.slices.begin() + static_cast<std::ptrdiff_t>(count));
}

template <class K, class V>
bool SliceTable<K, V>::FreeDropped(SliceBudget& budget) {
  for (size_t i = 0; i < dropped_.size();) {
    if (budget.spent()) return false;
    budget.SpendVisit();
    if (IsNeededByFrozen(*dropped_[i].slice)) {
      ++i;
    } else if (Free(*dropped_[i].slice, budget)) {
      std::swap(dropped_[i], dropped_.back());
      dropped_.pop_back();
    }
  }
  if (dropped_.empty()) dropped_.shrink_to_fit();
  return true;
}

template <class K, class V>
bool SliceTable<K, V>::Free(Slice& slice, SliceBudget& budget) {
  if constexpr (std::is_trivially_destructible_v<K> && std::is_trivially_destructible_v<V>) {
    // One piece of memory, however many keys.
    for (uint64_t pages = BytesOf(slice) / kBytesFreedAVisit; pages > 0; --pages) budget.SpendVisit();
    slice.map = Map();
    return true;
  }
  if (!slice.cursor_set) {
    slice.cursor_slot = slice.map.begin();
    slice.cursor_set = true;
  }
  while (slice.cursor_slot != slice.map.end()) {
    if (budget.spent()) return false;
    budget.SpendVisit();
    const auto current = slice.cursor_slot++;
    CountHeapOf(current->second, 0);
    slice.map.erase(current);
  }
  return true;
}

template <class K, class V>
Status SliceTable<K, V>::RestoreEntry(KeyGroup name, std::string_view key, std::string_view value, CheckpointId) {
  K decoded{};
  Slot slot;
  EventTime end;
  if (key.size() < sizeof(int64_t) || !DecodeKey(key.substr(0, sizeof(int64_t)), end) ||
      !DecodeKey(key.substr(sizeof(int64_t)), decoded)) {
    return NotAKey(key.size());
  }
  if (!DecodeBinary(value, slot.value) || !value.empty()) return NotAValue();
  const uint64_t hash = HashKey(decoded);
  if (GroupOfHash(hash, key_groups_) != name || name.value() < first_group_ ||
      name.value() >= first_group_ + groups_.size()) {
    return NotItsGroup(name, hash);
  }
  if (heard_ != nullptr) heard_(end.millis, decoded);
  Slice& slice = FindOrAdd(GroupOf(hash), end.millis);
  slice.born_after = kRestored;
  CountHeapOf(slot, internal::HeapBytes(decoded) + internal::HeapBytes(slot.value));
  slice.map.insert_or_assign(std::move(decoded), std::move(slot));
  ++keys_;
  return {};
}

}  // namespace weir
