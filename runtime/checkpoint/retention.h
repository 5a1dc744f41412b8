// Which checkpoints may be deleted. Safe for a zombie to act upon: what it believes to be the newest marker may be
// long overtaken, so nothing newer than that is ever named, and numbers rise across incarnations.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/checkpoint/checkpoint_paths.h"

namespace weir {

/// `present`: all checkpoint directories. `committed`: what the newest marker seen (or CURRENT) names. `retained`: how
/// many numbers to keep, that one included; at least 1. Never named: `committed` itself and everything with a higher
/// number (I5). Of equal number, other attempts' are: only one attempt's marker n is ever committed (I2), and a
/// successor starts above it. Sorted; an interrupted deletion is repeated by the next call.
std::vector<CheckpointName> CheckpointsToRemove(const std::vector<CheckpointName>& present,
                                                const CheckpointName& committed, uint32_t retained);

}  // namespace weir
