// How the flat maps of all layouts look keys up: by the hash that travels with the batch, never by hashing again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/reflect/key_codec.h"
#include "state/same_key.h"
#include "state/sub_key.h"

namespace weir::internal {

/// A key and its HashStateKey. Valid as long as the key it was made of.
template <class K>
struct HashedKey {
  const K& key;
  uint64_t hash;
};

template <class K>
struct StateKeyHasher {
  using is_transparent = void;
  using is_avalanching = void;   // spares the map's own mixing
  size_t operator()(const HashedKey<K>& h) const { return h.hash; }
  size_t operator()(const K& key) const { return HashStateKey(key); }
};

template <class K>
struct StateKeyEqual {
  using is_transparent = void;
  bool operator()(const K& a, const K& b) const { return SameStateKey(a, b); }
  bool operator()(const HashedKey<K>& a, const K& b) const { return SameStateKey(a.key, b); }
  bool operator()(const K& a, const HashedKey<K>& b) const { return SameStateKey(a, b.key); }
};

}  // namespace weir::internal
