#include "operators/passed_time.h"

#include <algorithm>

#include "runtime/task/operator.h"
#include "state/state_store.h"

namespace weir::internal {

void PassedTime::Open(const OperatorContext& context, const char* state) {
  through_ = &context.state->AddGroupValues<PassedThrough>(state);
  groups_ = context.groups;
  key_groups_ = context.key_groups;
}

void PassedTime::ReadGroups() const {
  known_ = true;
  for (uint16_t group = groups_.first; group < groups_.last; ++group) {
    most_ = std::max(most_, EventTime{through_->Get(KeyGroup{group}).watermark});
  }
}

void PassedTime::Pass(EventTime watermark) {
  most_ = std::max(most(), watermark);
  for (uint16_t group = groups_.first; group < groups_.last; ++group) {
    // After a restart it may be behind what had passed.
    if (through_->Get(KeyGroup{group}).watermark >= watermark.millis) continue;
    through_->Mutable(KeyGroup{group}).watermark = watermark.millis;
  }
}

}  // namespace weir::internal
