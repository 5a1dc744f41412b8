// The Map layout: an entry of its own for each key and sub-key, so that a change costs one entry, however large the map
// of its key is. It is a ValueTable of both, and beside it a list of each key's sub-keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "state/value_table.h"

namespace weir {

/// One thread, the task's. Made by StateStore::AddMap, owned by the store.
///
/// References and pointers die at the next call of this table. `hash` is always HashKey(key).
/// REQUIRES: the key's group is one of the store's.
template <class K, class S, class V>
class MapTable final : public StateTable {
 public:
  MapTable(std::string name, KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
      : entries_(std::move(name), groups, key_groups, epochs, "map") {}

  /// Null where there is none. Never write through it: the checkpoint would not see it.
  const V* Find(const K& key, uint64_t hash, const S& sub) const { return entries_.Find(At(key, sub), Below(hash, sub)); }

  /// The value to read and to write, a value-initialised one where there was none.
  V& Mutable(const K& key, uint64_t hash, const S& sub) {
    const uint64_t keys = entries_.keys();
    V& value = entries_.Mutable(At(key, sub), Below(hash, sub));
    if (entries_.keys() != keys) [[unlikely]] {
      SubKeys& subs = subs_.try_emplace(key).first->second;
      subs.Add(sub);
      heap_bytes_ += internal::HeapBytes(sub);
      if (subs.stale()) Tidy(key, hash, subs);
    }
    return value;
  }

  /// False where there was none.
  bool Erase(const K& key, uint64_t hash, const S& sub) {
    if (!entries_.Erase(At(key, sub), Below(hash, sub))) return false;
    heap_bytes_ -= internal::HeapBytes(sub);
    const auto found = subs_.find(key);
    if (--found->second.live == 0) subs_.erase(found);
    return true;
  }

  /// Sub-keys of the key.
  uint64_t size(const K& key) const {
    const auto found = subs_.find(key);
    return found == subs_.end() ? 0 : found->second.live;
  }

  /// Calls visit(const S&, const V&) for every entry of the key, in ascending order of sub-keys, as their encoded bytes
  /// order them: the same order in every run. `visit` must not call this table.
  template <class Visit>
  void ForEach(const K& key, uint64_t hash, Visit visit) const {
    const auto found = subs_.find(key);
    if (found == subs_.end()) return;
    if (!found->second.sorted || found->second.stale()) Tidy(key, hash, found->second);
    for (const S& sub : found->second.all) {
      if (const V* value = Find(key, hash, sub)) visit(sub, *value);
    }
  }

  /// Erases the entries of the key for which gone(const S&, const V&) is true. `gone` must not call this table.
  template <class Gone>
  void EraseIf(const K& key, uint64_t hash, Gone gone) {
    std::vector<S> doomed;
    ForEach(key, hash, [&](const S& sub, const V& value) {
      if (gone(sub, value)) doomed.push_back(sub);
    });
    for (const S& sub : doomed) Erase(key, hash, sub);
  }

  /// Forgets all entries of the key.
  void Clear(const K& key, uint64_t hash) {
    EraseIf(key, hash, [](const S&, const V&) { return true; });
  }

  /// Calls visit(key, sub, value) for every entry of all keys, in no order that means anything.
  template <class Visit>
  void ForEachEntry(Visit visit) const {
    entries_.ForEach([&](const SubKey<K, S>& at, const V& value) { visit(at.key, at.sub, value); });
  }

  const StateSchema& schema() const override { return entries_.schema(); }
  uint64_t keys() const override { return entries_.keys(); }
  uint64_t bytes() const override {
    return entries_.bytes() + subs_.bucket_count() * (sizeof(typename Index::value_type) + 1) + entries_.keys() * sizeof(S) + heap_bytes_;
  }
  void SetNumber(uint8_t number) override { entries_.SetNumber(number); }
  bool SaveFrozen(SliceBudget& budget) override { return entries_.SaveFrozen(budget); }
  Status RestoreEntry(KeyGroup group, std::string_view key, std::string_view value, CheckpointId saved_in) override {
    WEIR_RETURN_IF_ERROR(entries_.RestoreEntry(group, key, value, saved_in));
    SubKey<K, S> at;
    WEIR_CHECK(DecodeKey(key, at), "what was restored decodes");
    heap_bytes_ += internal::HeapBytes(at.sub);
    subs_.try_emplace(std::move(at.key)).first->second.Add(at.sub);
    return {};
  }

 private:
  static constexpr size_t kStaleMin = 16;
  /// All sub-keys of a key, and perhaps some more than once or gone again: put right when somebody looks.
  struct SubKeys {
    std::vector<S> all;
    uint64_t live = 0;
    bool sorted = true;   // ascending, each once

    void Add(const S& sub) {
      ++live;
      if (sorted && !all.empty() && !Less(all.back(), sub)) {
        if (!Less(sub, all.back())) return;   // back again
        sorted = false;
      }
      all.push_back(sub);
    }
    /// Gone ones are kept until they are as many as the others, so that adding and erasing is cheap on average.
    bool stale() const { return all.size() > 2 * live + kStaleMin; }
  };
  struct Hasher {
    using is_avalanching = void;
    size_t operator()(const K& key) const { return HashKey(key); }
  };
  struct SameKey {
    bool operator()(const K& a, const K& b) const { return internal::SameStateKey(a, b); }
  };
  using Index = boost::unordered_flat_map<K, SubKeys, Hasher, SameKey>;

  static bool Less(const S& a, const S& b) { return internal::StateKeyLess(a, b); }
  void Tidy(const K& key, uint64_t hash, SubKeys& subs) const {
    std::sort(subs.all.begin(), subs.all.end(), Less);
    subs.all.erase(std::unique(subs.all.begin(), subs.all.end(), internal::SameStateKey<S>), subs.all.end());
    std::erase_if(subs.all, [&](const S& sub) { return Find(key, hash, sub) == nullptr; });
    subs.sorted = true;
  }

  static uint64_t Below(uint64_t hash, const S& sub) { return HashBelow(hash, HashKey(sub)); }
  /// One object, so that a key that is a string is not allocated at each access.
  const SubKey<K, S>& At(const K& key, const S& sub) const {
    at_.key = key;
    at_.sub = sub;
    return at_;
  }

  ValueTable<SubKey<K, S>, V> entries_;
  mutable Index subs_;
  uint64_t heap_bytes_ = 0;   // of what subs_ holds besides entries_, about
  mutable SubKey<K, S> at_;
};

}  // namespace weir
