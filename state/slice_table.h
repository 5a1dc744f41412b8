// The Slice layout: for each key group slices of event time, each with a flat map of key -> V. What windows keep: a row
// costs one probe, a slice that is over goes as a whole, without a look at its keys.
//
// On disk: [state][group][slice end, big endian, sign flipped][key]; what is over is hidden by one range delete a group
// and epoch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "runtime/base/hash.h"
#include "runtime/reflect/binary_codec.h"
#include "runtime/reflect/heap_bytes.h"
#include "state/dirty_keys.h"
#include "state/hashed_key.h"
#include "state/untyped_value_table.h"

namespace weir {

/// One thread, the task's. Made by StateStore::AddSlices, owned by the store.
///
/// A slice is named by its end, any number but the greatest. References die at the next call that may add a key to the
/// same slice. The hash is always HashKey(key). REQUIRES: the key's group is one of the store's.
template <class K, class V>
class SliceTable final : public UntypedValueTable {
  struct Slot {
    V value{};
    uint32_t stamp : 2 = StateEpochs::kClean;   // the epoch that changed it and is not saved yet
    uint32_t heap : 30 = 0;                     // what it and its key own: see CountHeap
  };
  static constexpr uint64_t kHeapUnitsMax = (uint64_t{1} << 30) - 1;
  using Hashed = internal::HashedKey<K>;
  using Map = boost::unordered_flat_map<K, Slot, internal::StateKeyHasher<K>, internal::StateKeyEqual<K>>;

 public:
  SliceTable(std::string name, KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
      : UntypedValueTable(std::move(name), "slice", SchemaOf<K>(), SchemaOf<V>(), groups, key_groups, epochs),
        groups_(groups.size()) {}

  /// The value to read and to write, a value-initialised one where there was none.
  V& Mutable(int64_t end, const K& key, uint64_t hash) {
    Group& group = GroupOf(hash);
    Slice& slice = SliceOf(group, end);
    auto found = slice.map.find(Hashed{key, hash});
    if (found == slice.map.end()) [[unlikely]] return Insert(slice, key);
    Slot& slot = found->second;
    if (slot.stamp != epochs_.open) [[unlikely]] Touch(slice, NameOf(group), end, key, slot);
    return slot.value;
  }

  /// Null where there is none. Never write through it: the checkpoint would not see it.
  const V* Find(int64_t end, const K& key, uint64_t hash) const {
    const Group& group = GroupOf(hash);
    const auto at = LowerBound(group, end);
    if (at == group.slices.end() || at->end != end) return nullptr;
    auto found = at->slice->map.find(Hashed{key, hash});
    return found == at->slice->map.end() ? nullptr : &found->second.value;
  }

  // The slices of a group, by index, in ascending order of their ends. None is empty.

  size_t slices(KeyGroup group) const { return At(group).slices.size(); }
  int64_t end_of(KeyGroup group, size_t index) const { return At(group).slices[index].end; }
  size_t keys_of(KeyGroup group, size_t index) const { return At(group).slices[index].slice->map.size(); }
  /// The first slice that ends at `end` or later.
  size_t IndexOf(KeyGroup group, int64_t end) const {
    return static_cast<size_t>(LowerBound(At(group), end) - At(group).slices.begin());
  }

  /// Goes through the keys of one slice. Outlives saving, but not a new key in the slice, nor its drop.
  class Reader {
   public:
    Reader() = default;
    bool done() const { return at_ == end_; }
    const K& key() const { return at_->first; }
    const V& value() const { return at_->second.value; }
    void Next() { ++at_; }

   private:
    friend class SliceTable;
    explicit Reader(const Map& map) : at_(map.begin()), end_(map.end()) {}
    typename Map::const_iterator at_{};
    typename Map::const_iterator end_{};
  };
  Reader Read(KeyGroup group, size_t index) const { return Reader(At(group).slices[index].slice->map); }

  /// Forgets the slices of a group that end at `end` or earlier. Costs nothing a key: memory is freed by FreeDropped.
  void DropThrough(KeyGroup group, int64_t end);

  /// Frees dropped slices, as far as the checkpoint that is being saved does not need them. True when it needs no
  /// further call now.
  bool FreeDropped(SliceBudget& budget);
  bool has_dropped() const { return !dropped_.empty(); }

  /// Calls visit(end, key, value) for every entry. `visit` must not call this table.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const Group& group : groups_) {
      for (const Entry& entry : group.slices) {
        for (const auto& [key, slot] : entry.slice->map) visit(entry.end, key, slot.value);
      }
    }
  }

  uint64_t bytes() const override {
    uint64_t sum = groups_.capacity() * sizeof(Group) + heap_bytes();
    for (const Group& group : groups_) {
      for (const Entry& entry : group.slices) sum += BytesOf(*entry.slice);
    }
    for (const Dropped& dropped : dropped_) sum += BytesOf(*dropped.slice);
    return sum;
  }

  /// As ValueTable has it, of every key in a slice.
  void HearOfRestored(std::function<void(int64_t end, const K&)> heard) { heard_ = std::move(heard); }

  bool SaveFrozen(SliceBudget& budget) override;
  Status RestoreEntry(KeyGroup group, std::string_view key, std::string_view value, CheckpointId saved_in) override;

 private:
  using Dirty = internal::DirtyKeys<K>;
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::min();
  static constexpr uint64_t kRestored = std::numeric_limits<uint64_t>::max();
  /// Slices that a linear search from the newest looks at.
  static constexpr size_t kNewestSearched = 4;

  struct Slice {
    Map map;
    Dirty dirty[2];              // by stamp - 1
    uint64_t born_after = 0;     // the checkpoint frozen last when it was made: unless it still is, files may know it
    size_t cursor_key = 0;       // where SaveFrozen, or FreeDropped, stands in it
    typename Map::iterator cursor_slot{};
    bool cursor_set = false;     // cursor_slot means something
  };
  struct Entry {
    int64_t end;
    std::unique_ptr<Slice> slice;
  };
  struct Group {
    std::vector<Entry> slices;                        // ascending
    int64_t dropped_through[2] = {kNone, kNone};      // by stamp - 1: the range delete of that epoch
  };
  struct Dropped {
    KeyGroup group;
    int64_t end;
    std::unique_ptr<Slice> slice;
  };

  Group& GroupOf(uint64_t hash) { return groups_[GroupOfHash(hash, key_groups_).value() - first_group_]; }
  const Group& GroupOf(uint64_t hash) const { return groups_[GroupOfHash(hash, key_groups_).value() - first_group_]; }
  const Group& At(KeyGroup group) const { return groups_[group.value() - first_group_]; }
  KeyGroup NameOf(const Group& group) const {
    return KeyGroup{static_cast<uint16_t>(first_group_ + (&group - groups_.data()))};
  }
  static auto LowerBound(const Group& group, int64_t end) {
    return std::lower_bound(group.slices.begin(), group.slices.end(), end,
                            [](const Entry& entry, int64_t wanted) { return entry.end < wanted; });
  }
  static uint64_t BytesOf(const Slice& slice) {
    return sizeof(Slice) + slice.map.bucket_count() * (sizeof(typename Map::value_type) + 1) +
           (slice.dirty[0].keys.capacity() + slice.dirty[1].keys.capacity()) * sizeof(K);
  }

  Slice& SliceOf(Group& group, int64_t end) {
    const size_t size = group.slices.size();
    for (size_t i = size; i > 0 && i + kNewestSearched > size; --i) {
      if (group.slices[i - 1].end == end) return *group.slices[i - 1].slice;
    }
    return FindOrAdd(group, end);
  }
  Slice& FindOrAdd(Group& group, int64_t end);
  V& Insert(Slice& slice, const K& key);
  /// Makes the slot one of the open epoch; what the frozen epoch had is saved first.
  void Touch(Slice& slice, KeyGroup group, int64_t end, const K& key, Slot& slot);
  void MarkDirty(Slice& slice, const K& key) { slice.dirty[epochs_.open - 1].Add(key, slice.map.size()); }
  size_t Save(KeyGroup group, int64_t end, const K& key, Slot& slot);
  void CountHeapOf(Slot& slot, uint64_t bytes) {
    if constexpr (internal::kOwnsHeap<K> || internal::kOwnsHeap<V>) {
      slot.heap = static_cast<uint32_t>(CountHeap(slot.heap, bytes, kHeapUnitsMax));
    }
  }
  /// Saves what the frozen epoch changed in it. True when nothing is left.
  bool SaveSlice(Slice& slice, KeyGroup group, int64_t end, SliceBudget& budget);
  bool SaveListed(Slice& slice, KeyGroup group, int64_t end, SliceBudget& budget);
  bool SaveAll(Slice& slice, KeyGroup group, int64_t end, SliceBudget& budget);
  bool Free(Slice& slice, SliceBudget& budget);
  bool IsNeededByFrozen(const Slice& slice) const {
    return epochs_.frozen != StateEpochs::kClean && !slice.dirty[epochs_.frozen - 1].empty();
  }

  std::vector<Group> groups_;
  std::function<void(int64_t, const K&)> heard_;   // or null
  std::vector<Dropped> dropped_;   // gone for the operator; still to be saved, or to be freed

  // Where SaveFrozen stands: the group, and the first slice of it that is not done.
  size_t cursor_group_ = 0;
  int64_t cursor_end_ = kNone;
};

}  // namespace weir

#include "state/slice_table_save.h"
