// When two keys of a table are the same key, and which of two comes first.
#pragma once

#include <concepts>
#include <cstring>
#include <string>

#include "runtime/reflect/key_codec.h"

namespace weir {
namespace internal {

/// Plain structs need no operator== to be keys: their encoded keys are equal or not.
template <class K>
bool SameStateKey(const K& a, const K& b) {
  if constexpr (std::equality_comparable<K>) {
    return a == b;
  } else if constexpr (kFixedBytes<K> != 0) {
    char bytes[2][kFixedBytes<K>];
    WriteFixedKey(a, bytes[0]);
    WriteFixedKey(b, bytes[1]);
    return std::memcmp(bytes[0], bytes[1], kFixedBytes<K>) == 0;
  } else {
    std::string bytes[2];
    EncodeKey(a, bytes[0]);
    EncodeKey(b, bytes[1]);
    return bytes[0] == bytes[1];
  }
}

/// The order of keys on disk.
template <class K>
bool StateKeyLess(const K& a, const K& b) {
  if constexpr (OwningScalar<K> || std::is_same_v<K, std::string>) {
    return a < b;
  } else {
    std::string bytes[2];
    EncodeKey(a, bytes[0]);
    EncodeKey(b, bytes[1]);
    return bytes[0] < bytes[1];
  }
}

}  // namespace internal

}  // namespace weir
