// What a running job says of itself from time to time, and why nothing happens when nothing does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/task/task.h"

namespace weir {

/// One thread, the coordinator's.
class StatusLine {
 public:
  struct Facts {
    Instant now;
    uint64_t rows_read = 0;            ///< Since the engine started.
    uint64_t poison = 0;
    uint64_t committed = 0;            ///< Number of the last committed checkpoint.
    Instant committed_at;
    bool broker_away = false;
    std::string checkpoint_phase;      ///< Of the one in flight, with what it waits for; empty if none is.
  };

  /// Zero: never due.
  StatusLine(Duration interval, Instant now) : interval_(interval), last_(now), due_(Later(now)) {}

  /// When to ask the source tasks for reports.
  Instant due() const { return due_; }
  /// REQUIRES: `reports` reports are on their way. Forgets older ones.
  void Begin(size_t reports, Instant now);
  /// The line, once all reports are in.
  std::optional<std::string> Add(TaskReport report, const Facts& facts);

 private:
  Instant Later(Instant now) const { return interval_ == Duration::zero() ? Instant::max() : now + interval_; }
  std::string Compose(const Facts& facts);
  std::string WhyIdle(bool broker_away) const;

  const Duration interval_;
  Instant last_;
  Instant due_;
  uint64_t last_rows_ = 0;
  size_t missing_ = 0;
  std::vector<TaskReport> reports_;
};

}  // namespace weir
