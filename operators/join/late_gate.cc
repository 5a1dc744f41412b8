#include "operators/join/late_gate.h"

#include <utility>
#include <vector>

namespace weir::internal {

Status LateGate::Process(uint32_t, BatchPtr batch, Emitter& out) {
  if (!batch->late.empty()) {
    std::vector<uint8_t> target_of_row(batch->size(), 0);
    size_t late = 0;
    for (size_t i = 0; i < batch->size(); ++i) {
      if (!batch->is_late(i)) continue;
      if (open_until_ != nullptr && batch->late[i] < open_until_(batch->times[i])) continue;
      target_of_row[i] = 1;
      ++late;
    }
    if (late > 0) {
      BatchPtr targets[2];
      batch->Scatter(target_of_row, targets);
      WEIR_RETURN_IF_ERROR(out.Emit(kLatePort, std::move(targets[1])));
      batch = std::move(targets[0]);
    }
    batch->late.clear();   // They are on time for what follows.
  }
  passed_ += batch->size();
  return out.Emit(kMainPort, std::move(batch));
}

}  // namespace weir::internal
