// How much keyed state a job may hold in memory. Shared by its tasks.
#pragma once

#include <cstdint>

#include "runtime/base/status.h"

namespace weir {

class StateBudget {
 public:
  virtual ~StateBudget() = default;
  /// An operator of one task holds `bytes` now, and held `bytes_before` when it said so last. UserError: all together hold more
  /// than they may. Safe from any thread.
  virtual Status Hold(uint64_t bytes, uint64_t bytes_before) = 0;
};

}  // namespace weir
