// What a running job says of itself from time to time, and why nothing happens when nothing does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/task/task.h"

namespace weir {

/// One thread, the coordinator's. A line is due every interval, and once whenever nothing was committed to the outside
/// for ten seconds, however long the interval.
class StatusLine {
 public:
  struct Facts {
    Instant now;
    uint64_t rows_read = 0;            ///< Since the engine started.
    uint64_t poison = 0;
    uint64_t late = 0;
    uint64_t committed = 0;            ///< Number of the last committed checkpoint, zero for none.
    Instant committed_at;
    bool broker_away = false;
    std::string checkpoint_phase;      ///< Of the one in flight, with what it waits for; empty if none is.
  };

  /// Zero: no line but the one that says why there is no output.
  StatusLine(Duration interval, Instant now)
      : interval_(interval), last_(now), next_line_(Later(now)), output_at_(now) {}

  /// When to ask the source tasks for reports, or to say what the start waits for.
  Instant due() const;
  /// REQUIRES: `reports` reports are on their way. Forgets older ones.
  void Begin(size_t reports, Instant now);
  /// The line, once all reports are in.
  std::optional<std::string> Add(TaskReport report, const Facts& facts);
  /// The line of a job that does not read yet; `waits_for` says why. Until it is quiet for long there is none.
  std::optional<std::string> Starting(const std::string& waits_for, Instant now);

  /// A checkpoint was committed, with all that followed from the first `rows_read` rows; `outputs` records and files
  /// of it are new.
  void OnCommitted(uint64_t outputs, uint64_t rows_read, Instant now);

 private:
  Instant Later(Instant now) const { return interval_ == Duration::zero() ? Instant::max() : now + interval_; }
  bool QuietForLong(Instant now) const;
  std::string Compose(const Facts& facts);
  /// Event time, the split that holds it back, and what pacing holds back; empty in a job without event time.
  std::string DescribeTime() const;
  std::string WhyQuiet(const Facts& facts) const;
  std::string DescribeSplits(bool broker_away) const;

  const Duration interval_;
  Instant last_;
  Instant next_line_;
  uint64_t last_rows_ = 0;
  Instant output_at_;               ///< The last commit with output, or the start.
  bool said_why_ = false;           ///< Since then.
  uint64_t rows_with_output_ = 0;   ///< Rows read that the last commit with output has accounted for.
  uint64_t rows_committed_ = 0;     ///< Rows read that the last commit has accounted for.
  size_t missing_ = 0;
  std::vector<TaskReport> reports_;
};

}  // namespace weir
