#include "runtime/checkpoint/retention.h"

#include <algorithm>

#include "runtime/base/status.h"

namespace weir {

std::vector<CheckpointName> CheckpointsToRemove(const std::vector<CheckpointName>& present,
                                                const CheckpointName& committed, uint32_t retained) {
  WEIR_CHECK(retained >= 1, "the committed checkpoint itself is always retained");
  std::vector<CheckpointName> remove;
  for (const CheckpointName& name : present) {
    const bool too_old = name.n.value() + retained <= committed.n.value();
    const bool never_committed = name.n == committed.n && name.attempt != committed.attempt;
    if (too_old || never_committed) remove.push_back(name);
  }
  std::sort(remove.begin(), remove.end());
  return remove;
}

}  // namespace weir
