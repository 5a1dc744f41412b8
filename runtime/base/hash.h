// The one hash of keys. It is on disk (key groups), so it is frozen: XXH3-64 over the key's encoded bytes.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/ids.h"

namespace weir {

/// Written into every manifest; another version is refused.
inline constexpr uint32_t kHashVersion = 1;

uint64_t HashBytes(std::string_view bytes);

/// Fixed-width keys are hashed often enough to stay in the header: a bijective mix of the value's eight bytes
/// (the finaliser of MurmurHash3, Appleby 2011).
constexpr uint64_t HashInteger(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

/// Tables take their position from the top bits and their tag from the low ones, so the group comes from the middle.
constexpr KeyGroup GroupOfHash(uint64_t hash, uint16_t groups) {
  return KeyGroup{static_cast<uint16_t>(((hash >> 24) & 0xffff) * groups >> 16)};
}

}  // namespace weir
