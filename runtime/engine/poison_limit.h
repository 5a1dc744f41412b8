// The job's limit of poison records: some are a fact of life, many are a fault that somebody must look at.
#pragma once

#include <mutex>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/task/operator.h"

namespace weir {

/// Counts in windows of a minute. Safe from any thread.
class PoisonLimit final : public PoisonBudget {
 public:
  PoisonLimit(const Clock& clock, bool first_stops, uint64_t per_minute_max)
      : clock_(clock), first_stops_(first_stops), per_minute_max_(per_minute_max) {}

  Status Charge(const std::string& what) override {
    if (first_stops_) {
      return UserError("poison record: " + what + ". The policy is to stop at it (pipeline.poison.policy=fail): mend the "
                       "record or set the policy to ledger");
    }
    const std::lock_guard lock(mutex_);
    if (clock_.Now() - window_began_ >= std::chrono::minutes(1)) {
      window_began_ = clock_.Now();
      in_window_ = 0;
    }
    if (++in_window_ <= per_minute_max_) return {};
    return UserError("more than " + std::to_string(per_minute_max_) + " poison records within a minute, the last: " + what +
                     ". Look at the ledger, or raise pipeline.poison.per-minute-max");
  }

 private:
  const Clock& clock_;
  const bool first_stops_;
  const uint64_t per_minute_max_;
  std::mutex mutex_;
  Instant window_began_{};
  uint64_t in_window_ = 0;
};

}  // namespace weir
