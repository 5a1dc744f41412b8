// What ends an epoch, and what follows it. Both ends of a run (stop and drain) are barriers of their own kind, so that
// whatever ends a job is a checkpoint like any other.
#pragma once

#include "runtime/base/ids.h"

namespace weir {

enum class BarrierKind {
  kOrdinary,  ///< Read on.
  kStop,      ///< End; windows and timers stay as they are: a later run goes on from here.
  kDrain,     ///< End; operators emit all that they hold back before they take it: final.
};

/// Barrier n ends epoch n on its path.
struct Barrier {
  CheckpointId n;
  BarrierKind kind = BarrierKind::kOrdinary;
};

}  // namespace weir
