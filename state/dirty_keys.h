// Which keys of a map an epoch has changed: a list while they are few, the remark "look at all of them" once a scan
// of the map is cheaper.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "runtime/base/mutant.h"

namespace weir::internal {

/// Changed keys are listed while they are fewer than one in this many of their map; above, a scan is cheaper.
inline constexpr size_t kDirtyShareListed = 16;

template <class K>
struct DirtyKeys {
  std::vector<K> keys;
  bool all = false;   ///< Too many to list.

  /// REQUIRES: the epoch has not changed this key before. `map_size`: of the map now.
  void Add(const K& key, size_t map_size) {
    if (all) return;
    if (keys.size() < std::max(kDirtyShareListed, map_size / kDirtyShareListed)) {
      keys.push_back(key);
    } else if (!Planted(Mutant::kChangesBeyondTheList)) {
      all = true;
      keys = {};
    }
  }
  bool empty() const { return !all && keys.empty(); }
  void Clear() {
    all = false;
    keys.clear();
  }
};

}  // namespace weir::internal
