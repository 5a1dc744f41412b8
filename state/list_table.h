// The List layout: rows behind rows, a chunk an entry, so that appending changes the last chunk only, however long the
// list of its key is.
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

/// One thread, the task's. Made by StateStore::AddList, owned by the store.
///
/// References die at the next call of this table. `hash` is always HashKey(key).
/// REQUIRES: the key's group is one of the store's.
template <class K, class E>
class ListTable final : public StateTable {
 public:
  /// A chunk is written again whenever something was appended to it, so it is small.
  static constexpr size_t kChunkElements = std::clamp<size_t>(2048 / sizeof(E), 4, 64);

  ListTable(std::string name, KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
      : chunks_(std::move(name), groups, key_groups, epochs, "list") {}

  void Append(const K& key, uint64_t hash, E element) {
    Length& length = lengths_.try_emplace(key).first->second;
    if (length.chunks == 0 || length.in_last >= kChunkElements) {
      ++length.chunks;
      length.in_last = 0;
    }
    std::vector<E>& last = Chunk(key, hash, length.chunks - 1);
    last.push_back(std::move(element));
    length.in_last = static_cast<uint32_t>(last.size());
    ++length.elements;
  }

  uint64_t size(const K& key) const {
    const auto found = lengths_.find(key);
    return found == lengths_.end() ? 0 : found->second.elements;
  }

  /// Calls visit(const E&) for each, in the order they were appended. `visit` must not call this table.
  template <class Visit>
  void ForEach(const K& key, uint64_t hash, Visit visit) const {
    const auto found = lengths_.find(key);
    if (found == lengths_.end()) return;
    for (uint32_t i = 0; i < found->second.chunks; ++i) {
      for (const E& element : *chunks_.Find(At(key, i), HashBelow(hash, HashKey(i)))) visit(element);
    }
  }

  /// Forgets the list.
  void Clear(const K& key, uint64_t hash) {
    const auto found = lengths_.find(key);
    if (found == lengths_.end()) return;
    for (uint32_t i = 0; i < found->second.chunks; ++i) chunks_.Erase(At(key, i), HashBelow(hash, HashKey(i)));
    lengths_.erase(found);
  }

  /// Makes these the list: all of it is written again.
  void Assign(const K& key, uint64_t hash, std::vector<E> elements) {
    Clear(key, hash);
    for (E& element : elements) Append(key, hash, std::move(element));
  }

  /// Calls visit(key) for every key that has a list, in no order that means anything.
  template <class Visit>
  void ForEachKey(Visit visit) const {
    for (const auto& [key, length] : lengths_) visit(key);
  }

  const StateSchema& schema() const override { return chunks_.schema(); }
  uint64_t keys() const override { return lengths_.size(); }
  uint64_t bytes() const override {
    return chunks_.bytes() + lengths_.bucket_count() * (sizeof(typename Lengths::value_type) + 1);
  }
  void SetNumber(uint8_t number) override { chunks_.SetNumber(number); }
  bool SaveFrozen(SliceBudget& budget) override { return chunks_.SaveFrozen(budget); }
  Status RestoreEntry(KeyGroup group, std::string_view key, std::string_view value, CheckpointId saved_in) override {
    WEIR_RETURN_IF_ERROR(chunks_.RestoreEntry(group, key, value, saved_in));
    WEIR_CHECK(DecodeKey(key, at_), "what was restored decodes");
    // Chunks of a key come in order, and without a gap.
    Length& length = lengths_.try_emplace(at_.key).first->second;
    if (at_.sub != length.chunks) {
      return Corruption("state " + schema().state + ": chunk " + std::to_string(at_.sub) + " of a list where chunk " +
                        std::to_string(length.chunks) + " is due; start over with --restore none");
    }
    ++length.chunks;
    length.in_last = static_cast<uint32_t>(chunks_.Find(at_, HashStateKey(at_))->size());
    length.elements += length.in_last;
    return {};
  }

 private:
  struct Length {
    uint64_t elements = 0;
    uint32_t chunks = 0;
    uint32_t in_last = 0;
  };
  struct Hasher {
    using is_avalanching = void;
    size_t operator()(const K& key) const { return HashKey(key); }
  };
  struct SameKey {
    bool operator()(const K& a, const K& b) const { return internal::SameStateKey(a, b); }
  };
  using Lengths = boost::unordered_flat_map<K, Length, Hasher, SameKey>;

  std::vector<E>& Chunk(const K& key, uint64_t hash, uint32_t i) {
    return chunks_.Mutable(At(key, i), HashBelow(hash, HashKey(i)));
  }
  const SubKey<K, uint32_t>& At(const K& key, uint32_t chunk) const {
    at_.key = key;
    at_.sub = chunk;
    return at_;
  }

  ValueTable<SubKey<K, uint32_t>, std::vector<E>> chunks_;
  Lengths lengths_;
  mutable SubKey<K, uint32_t> at_;
};

}  // namespace weir
