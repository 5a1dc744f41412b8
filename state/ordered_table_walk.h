// Looking at rows of an OrderedTable, their expiry, and restoring them. Included by ordered_table.h only.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "runtime/base/mutant.h"
#include "state/ordered_table.h"

namespace weir {

template <class K, class V>
template <class Visit>
std::optional<OrderedPlace> OrderedTable<K, V>::Scan(const K& key, uint64_t hash, OrderedPlace from, EventTime to,
                                                     Visit visit) {
  Group& group = GroupOf(hash);
  auto found = group.keys.find(Hashed{key, hash});
  if (found == group.keys.end()) return std::nullopt;
  Node& node = **found;
  std::optional<OrderedPlace> paused;
  node.rows.Range(from, to, [&](typename Rows::Chunk& chunk, Slot& slot) {
    if (slot.dead) return Rows::Next::kGoOn;
    if constexpr (std::is_void_v<decltype(visit(slot.time, std::as_const(slot.value), true))>) {
      visit(slot.time, std::as_const(slot.value), static_cast<bool>(slot.marked));
      return Rows::Next::kGoOn;
    } else {
      const RowAct act = visit(slot.time, std::as_const(slot.value), static_cast<bool>(slot.marked));
      if (act == RowAct::kKeep) return Rows::Next::kGoOn;
      if (act == RowAct::kPause) paused = OrderedPlace{slot.time, slot.sequence};
      if (act == RowAct::kStop || act == RowAct::kPause) return Rows::Next::kStop;
      return Change(group, node, chunk, slot, act);
    }
  });
  return paused;
}

template <class K, class V>
template <class Visit>
bool OrderedTable<K, V>::ExpireGroup(Group& group, EventTime cutoff, ExpiryEnds ends, int64_t& left, Visit& visit) {
  while (!group.buckets.empty()) {
    const auto first = group.buckets.begin();
    const int64_t bucket = first->first;
    if (BeginOf(bucket) >= cutoff) break;
    const EventTime limit = std::min(EndOf(bucket), cutoff);
    Nodes& nodes = first->second;
    for (; expiring_node_ < nodes.size(); ++expiring_node_) {
      if (left <= 0) return false;
      --left;
      Node& node = *nodes[expiring_node_];
      FetchAhead(nodes, expiring_node_);
      if (!ExpireRows(group, node, limit, cutoff, ends, left, visit)) return false;
      if (!node.rows.empty() && node.rows.first_time() < EndOf(bucket)) {
        nodes[expiring_kept_++] = &node;
        continue;
      }
      for (int64_t& listed : node.listed_in) {
        if (listed == bucket) listed = kNoBucket;
      }
      --node.lists;
      DropIfDone(group, node);
    }
    nodes.resize(expiring_kept_);
    expiring_node_ = expiring_kept_ = 0;
    if (!nodes.empty()) break;
    if (group.recent.first == bucket) group.recent = {kNoBucket, nullptr};
    group.buckets.erase(first);
  }
  return true;
}

template <class K, class V>
template <class Visit>
bool OrderedTable<K, V>::ExpireRows(Group& group, Node& node, EventTime limit, EventTime cutoff, ExpiryEnds ends,
                                    int64_t& left, Visit& visit) {
  size_t chunks = 0;
  size_t rows = 0;
  bool all = true;
  EventTime last = kMinEventTime;
  for (bool more = true; more && chunks < node.rows.chunks();) {
    std::vector<Slot>& slots = node.rows.chunk(chunks).slots;
    for (rows = 0; rows < slots.size(); ++rows) {
      Slot& slot = slots[rows];
      more = slot.time < limit;
      if (!more) break;
      if (left <= 0 && last != kMinEventTime && (slot.time != last || ends == ExpiryEnds::kAnywhere)) {
        more = all = false;
        break;
      }
      --left;
      last = slot.time;
      SaveBeforeChange(group, node, slot);
      if (slot.saved) group.expired[epochs_.open - 1].Add(slot.time, cutoff);
      heap_bytes_ -= internal::HeapBytes(slot.value);
      if (slot.dead) {
        --buried_;
        continue;
      }
      --keys_;
      visit(std::as_const(node.key), node.hash, slot.time, std::move(slot.value), static_cast<bool>(slot.marked));
    }
    if (more) {
      ++chunks;
      rows = 0;
    }
  }
  if (chunks > 0 || rows > 0) node.rows.DropFront(chunks, rows);
  return all;
}

template <class K, class V>
Status OrderedTable<K, V>::RestoreEntry(KeyGroup name, std::string_view bytes, std::string_view value, CheckpointId) {
  EventTime time;
  std::string_view key_bytes;
  uint32_t sequence = 0;
  K key{};
  if (!ParseRowKey(bytes, time, key_bytes, sequence) || !DecodeKey(key_bytes, key)) return NotAKey(bytes.size());
  V decoded{};
  if (value.empty() || static_cast<unsigned char>(value.front()) > 1) return NotAValue();
  const bool marked = value.front() == '\1';
  value.remove_prefix(1);
  if (!DecodeBinary(value, decoded) || !value.empty()) return NotAValue();
  const uint64_t hash = HashKey(key);
  if (GroupOfHash(hash, key_groups_) != name || name.value() < first_group_ ||
      name.value() >= first_group_ + groups_.size()) {
    return NotItsGroup(name, hash);
  }
  Group& group = GroupOf(hash);
  auto found = group.keys.find(Hashed{key, hash});
  Node& node = found == group.keys.end() ? *NewNode(group, key, hash) : **found;
  heap_bytes_ += internal::HeapBytes(decoded);
  Slot& slot = node.rows.Insert(time, std::move(decoded), StateEpochs::kClean);   // Entries come in their order.
  slot.sequence = sequence;
  slot.saved = 1;
  slot.marked = marked ? 1 : 0;
  ListInBucket(group, node, time);
  ++keys_;
  return {};
}

}  // namespace weir
