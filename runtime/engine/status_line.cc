#include "runtime/engine/status_line.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir {
namespace {

constexpr size_t kSplitsNamedMax = 8;

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void StatusLine::Begin(size_t reports, Instant now) {
  reports_.clear();
  missing_ = reports;
  due_ = Later(now);
}

std::optional<std::string> StatusLine::Add(TaskReport report, const Facts& facts) {
  reports_.push_back(std::move(report));
  if (missing_ == 0 || --missing_ > 0) return std::nullopt;
  return Compose(facts);
}

std::string StatusLine::Compose(const Facts& facts) {
  const uint64_t rows = facts.rows_read - last_rows_;
  const double seconds = std::max(Seconds(facts.now - last_), 1e-3);
  last_rows_ = facts.rows_read;
  last_ = facts.now;
  int64_t lag = 0;
  bool lag_known = true;
  for (const TaskReport& task : reports_) {
    for (const SplitReport& split : task.splits) {
      lag_known = lag_known && split.lag >= 0;
      lag += std::max<int64_t>(split.lag, 0);
    }
  }
  std::string line = fmt::format("{:.0f} rows/s, {} read, lag {}, checkpoint {} committed {:.1f} s ago",
                                 static_cast<double>(rows) / seconds, facts.rows_read,
                                 lag_known ? std::to_string(lag) : "unknown", facts.committed,
                                 Seconds(facts.now - facts.committed_at));
  if (facts.poison > 0) line += fmt::format(", {} poison records in the ledger", facts.poison);
  if (rows == 0) line += fmt::format("; nothing was read for {:.0f} s: {}", seconds, WhyIdle(facts.broker_away));
  if (!facts.checkpoint_phase.empty()) line += "; checkpoint in flight: " + facts.checkpoint_phase;
  return line;
}

std::string StatusLine::WhyIdle(bool broker_away) const {
  std::vector<std::string> reasons;
  for (const TaskReport& task : reports_) {
    for (const SplitReport& split : task.splits) {
      if (split.state == SplitState::kEnded) {
        reasons.push_back(fmt::format("{} has ended at {}", split.split, split.next_offset));
      } else if (broker_away) {
        reasons.push_back(fmt::format("{} stands at {}, the broker does not answer", split.split, split.next_offset));
      } else if (split.lag > 0) {
        reasons.push_back(fmt::format("{} is at {}, {} records wait: output is held or the broker is slow", split.split,
                                      split.next_offset, split.lag));
      } else {
        reasons.push_back(fmt::format("{} is at its end, {}", split.split, split.next_offset));
      }
    }
  }
  if (reasons.empty()) return "there are no splits to read";
  const size_t more = reasons.size() > kSplitsNamedMax ? reasons.size() - kSplitsNamedMax : 0;
  reasons.resize(reasons.size() - more);
  return fmt::format("{}{}", fmt::join(reasons, "; "), more > 0 ? fmt::format("; and {} more splits", more) : "");
}

}  // namespace weir
