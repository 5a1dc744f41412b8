#include "runtime/checkpoint/retention.h"

#include <algorithm>

#include "runtime/base/landmark.h"
#include "runtime/base/mutant.h"
#include "runtime/base/status.h"

namespace weir {
namespace {

Landmark used_again{"checkpoint.number_used_again"};

}  // namespace

std::vector<CheckpointName> CheckpointsToRemove(const std::vector<CheckpointName>& present,
                                                const CheckpointName& committed, uint32_t retained) {
  WEIR_CHECK(retained >= 1, "the committed checkpoint itself is always retained");
  std::vector<CheckpointName> remove;
  for (const CheckpointName& name : present) {
    const uint64_t miscounted = Planted(Mutant::kRemovesTheCommittedOne) ? 1 : 0;
    const bool too_old = name.n.value() + retained <= committed.n.value() + miscounted;
    const bool another = name.attempt != committed.attempt;
    const bool never_committed = another && name.n == committed.n;
    if (Planted(Mutant::kRemovesNewerOnes) && another && name.n > committed.n) remove.push_back(name);
    if (never_committed) used_again.Hit();
    if (too_old || never_committed) remove.push_back(name);
  }
  std::sort(remove.begin(), remove.end());
  return remove;
}

}  // namespace weir
