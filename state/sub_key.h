// Keys of tables whose entries lie below a key: of a map, a list, a timer. All entries of a key are in its key group, so
// their hash has the bits that choose the group from the key alone, and all others from both.
#pragma once

#include <cstdint>

#include "runtime/base/hash.h"
#include "runtime/base/ids.h"
#include "runtime/reflect/key_codec.h"
#include "state/same_key.h"

namespace weir {

/// On disk: the key, then what is below it.
template <class K, class S>
struct SubKey {
  K key{};
  S sub{};
  friend bool operator==(const SubKey& a, const SubKey& b) {
    return internal::SameStateKey(a.key, b.key) && internal::SameStateKey(a.sub, b.sub);
  }
};

/// On disk: the time, then the key, so that a key group's timers lie in order of their times.
template <class K>
struct TimerKey {
  EventTime time;
  K key{};
  friend bool operator==(const TimerKey& a, const TimerKey& b) {
    return a.time == b.time && internal::SameStateKey(a.key, b.key);
  }
};

/// Bits that GroupOfHash looks at.
inline constexpr uint64_t kGroupBits = uint64_t{0xffff} << 24;

constexpr uint64_t HashBelow(uint64_t hash_of_key, uint64_t hash_of_sub) {
  return (hash_of_key & kGroupBits) | (HashInteger(hash_of_key + hash_of_sub * 0x9e3779b97f4a7c15ULL) & ~kGroupBits);
}

/// The hash that state tables find a key by, and its key group.
template <class K>
uint64_t HashStateKey(const K& key) {
  return HashKey(key);
}
template <class K, class S>
uint64_t HashStateKey(const SubKey<K, S>& key) {
  return HashBelow(HashKey(key.key), HashKey(key.sub));
}
template <class K>
uint64_t HashStateKey(const TimerKey<K>& key) {
  return HashBelow(HashKey(key.key), HashKey(key.time));
}

}  // namespace weir
