// The job's limit of keyed state in memory: a job that outgrows its machine ends with a reason, and not by the kernel's hand.
#pragma once

#include <atomic>
#include <string>

#include "runtime/task/state_budget.h"

namespace weir {

/// Safe from any thread.
class StateLimit final : public StateBudget {
 public:
  /// Zero: no limit.
  explicit StateLimit(uint64_t bytes_max) : bytes_max_(bytes_max) {}

  Status Hold(uint64_t bytes, uint64_t bytes_before) override {
    const uint64_t all = held_.fetch_add(bytes - bytes_before, std::memory_order_relaxed) + bytes - bytes_before;
    if (bytes_max_ == 0 || all <= bytes_max_) return {};
    return UserError("the job holds " + MiB(all) + " of keyed state, " + MiB(bytes) + " of them here, and state.memory-max is " +
                     MiB(bytes_max_) + ": take shorter windows, gaps, join bounds or LateUpdates, fewer keys, shorter "
                     "lists and texts, a smaller pipeline.event-time.pacing, or raise state.memory-max where there is memory. Nothing is lost: the job "
                     "goes on from its last checkpoint");
  }

 private:
  static std::string MiB(uint64_t bytes) { return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB"; }

  const uint64_t bytes_max_;
  std::atomic<uint64_t> held_{0};
};

}  // namespace weir
