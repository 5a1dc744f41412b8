// The cold half of OrderedTable: lists, changes, saving in slices. Included by ordered_table.h only.
#pragma once

#include <string>
#include <utility>

#include "runtime/base/mutant.h"
#include "state/ordered_table.h"

namespace weir {

template <class K, class V>
typename OrderedTable<K, V>::Node* OrderedTable<K, V>::NewNode(Group& group, const K& key, uint64_t hash) {
  std::unique_ptr<Node> node;
  if (spare_.empty()) {
    node = std::make_unique<Node>();
  } else {
    node = std::move(spare_.back());
    spare_.pop_back();
  }
  node->key = key;
  heap_bytes_ += internal::HeapBytes(key);
  node->hash = hash;
  group.keys.insert(node.get());
  return node.release();
}

template <class K, class V>
void OrderedTable<K, V>::DropIfDone(Group& group, Node& node) {
  if (node.lists > 0 || !node.rows.empty()) return;
  group.keys.erase(&node);
  heap_bytes_ -= internal::HeapBytes(node.key);
  std::unique_ptr<Node> gone(&node);
  if (spare_.size() >= kSpareNodes) return;
  gone->listed_in[0] = gone->listed_in[1] = kNoBucket;
  gone->rows.LeaveSmall();
  spare_.push_back(std::move(gone));
}

template <class K, class V>
void OrderedTable<K, V>::AddToBucket(Group& group, Node& node, int64_t bucket) {
  if (group.recent.first != bucket) group.recent = {bucket, &group.buckets[bucket]};
  group.recent.second->push_back(&node);
  ++node.lists;
  node.listed_in[1] = std::exchange(node.listed_in[0], bucket);
}

template <class K, class V>
void OrderedTable<K, V>::AddToDirty(Group& group, Node& node) {
  group.dirty[epochs_.open - 1].push_back(&node);
  ++node.lists;
  node.dirty |= epochs_.open;
}

template <class K, class V>
typename OrderedTable<K, V>::Rows::Next OrderedTable<K, V>::Change(Group& group, Node& node,
                                                                   typename Rows::Chunk& chunk, Slot& slot,
                                                                   RowAct act) {
  if (act == RowAct::kMark && slot.marked) return Rows::Next::kGoOn;
  SaveBeforeChange(group, node, slot);
  if (act == RowAct::kMark) {
    slot.marked = 1;
  } else {
    slot.dead = 1;
    --keys_;
    ++buried_;
  }
  slot.stamp = epochs_.open;
  chunk.stamps |= epochs_.open;
  MarkDirty(group, node);
  return Rows::Next::kGoOn;
}

template <class K, class V>
size_t OrderedTable<K, V>::Save(const Group& group, const Node& node, Slot& slot) {
  if (slot.dead && !slot.saved) return 0;   // born and died in one epoch: no checkpoint ever hears of it
  BeginRowKey(slot.time);
  EncodeKey(node.key, key_scratch_);
  EndRowKey(slot.sequence);
  value_scratch_.clear();
  if (!slot.dead) {
    value_scratch_.push_back(slot.marked ? '\1' : '\0');
    EncodeBinary(slot.value, value_scratch_);
  }
  epochs_.delta->Add(slot.dead ? ChangeKind::kDelete : ChangeKind::kPut, number_, NameOf(group), key_scratch_,
                     value_scratch_);
  slot.saved = slot.dead ? 0 : 1;
  return key_scratch_.size() + value_scratch_.size();
}

template <class K, class V>
bool OrderedTable<K, V>::SaveFrozen(SliceBudget& budget) {
  const uint8_t frozen = epochs_.frozen;
  for (; saving_group_ < groups_.size(); ++saving_group_) {
    Group& group = groups_[saving_group_];
    if (budget.spent()) return false;
    budget.SpendVisit();
    if (Expired& expired = group.expired[frozen - 1]; expired.any()) {
      SaveExpired(NameOf(group), std::exchange(expired, {}));
    }
    Nodes& dirty = group.dirty[frozen - 1];
    for (; saving_node_ < dirty.size(); ++saving_node_) {
      if (budget.spent()) return false;
      Node& node = *dirty[saving_node_];
      FetchAhead(dirty, saving_node_);
      if (!SaveNode(group, node, budget)) return false;
      budget.SpendSave(0);   // The look alone costs as much, where all of its rows have gone since.
      node.dirty &= static_cast<uint8_t>(~frozen);
      --node.lists;
      DropIfDone(group, node);
    }
    dirty.clear();
    saving_node_ = 0;
  }
  saving_group_ = 0;
  return true;
}

template <class K, class V>
bool OrderedTable<K, V>::SaveNode(const Group& group, Node& node, SliceBudget& budget) {
  const uint8_t frozen = epochs_.frozen;
  for (size_t i = 0; i < node.rows.chunks(); ++i) {
    typename Rows::Chunk& chunk = node.rows.chunk(i);
    if ((chunk.stamps & frozen) == 0) continue;
    bool buried = false;
    for (Slot& slot : chunk.slots) {
      if (slot.stamp == frozen) {
        if (budget.spent()) return false;
        budget.SpendSave(Save(group, node, slot));
        slot.stamp = StateEpochs::kClean;
      }
      // Also one whose death was saved before the budget was spent.
      buried = buried || (slot.dead && slot.stamp == StateEpochs::kClean);
    }
    if (!buried) chunk.stamps &= static_cast<uint8_t>(~frozen);
  }
  // Chunks that still have the bit have slots whose death is saved.
  node.rows.Remove([frozen](const auto& chunk) { return (chunk.stamps & frozen) != 0; },
                   [this](const Slot& slot) {
    const bool gone = slot.dead && slot.stamp == StateEpochs::kClean;
    if (gone) heap_bytes_ -= internal::HeapBytes(slot.value);
    buried_ -= gone ? 1 : 0;
    return gone;
  });
  return true;
}

template <class K, class V>
template <class Visit>
bool OrderedTable<K, V>::Expire(EventTime cutoff, size_t rows_max, ExpiryEnds ends, Visit visit) {
  if (!std::exchange(expiring_, true)) {
    expiring_since_ = epochs_.frozen_id;
    expiring_group_ = expiring_node_ = expiring_kept_ = 0;
  }
  CheckSameEpoch(expiring_since_);
  auto left = static_cast<int64_t>(rows_max);
  for (; expiring_group_ < groups_.size(); ++expiring_group_) {
    if (!ExpireGroup(groups_[expiring_group_], cutoff, ends, left, visit)) return false;
  }
  expiring_ = false;
  return true;
}

}  // namespace weir
