#include "runtime/engine/status_line.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace weir {
namespace {

constexpr size_t kSplitsNamedMax = 8;
/// Without output for so long a person begins to wonder.
constexpr Duration kQuiet = std::chrono::seconds(10);

/// As people read it, as far as there is such a date.
std::string DateOf(EventTime time) {
  constexpr int64_t kYear9999Ms = 253'402'300'799'999;
  if (time.millis < 0 || time.millis > kYear9999Ms) return fmt::format("{} ms", time.millis);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(static_cast<std::time_t>(time.millis / 1000)));
}

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Instant StatusLine::due() const { return said_why_ ? next_line_ : std::min(next_line_, output_at_ + kQuiet); }

bool StatusLine::QuietForLong(Instant now) const { return now - output_at_ >= kQuiet; }

void StatusLine::Begin(size_t reports, Instant now) {
  reports_.clear();
  missing_ = reports;
  next_line_ = Later(now);
  said_why_ = QuietForLong(now);
}

std::optional<std::string> StatusLine::Starting(const std::string& waits_for, Instant now) {
  Begin(0, now);
  if (!said_why_) return std::nullopt;
  return fmt::format("no output for {:.0f} s: the job is starting: {}", Seconds(now - output_at_), waits_for);
}

void StatusLine::OnCommitted(uint64_t outputs, uint64_t rows_read, Instant now) {
  rows_committed_ = rows_read;
  if (outputs == 0) return;
  rows_with_output_ = rows_read;
  output_at_ = now;
  said_why_ = false;
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
  std::string line = fmt::format("{:.0f} rows/s, {} read, lag {}, ", static_cast<double>(rows) / seconds,
                                 facts.rows_read, lag_known ? std::to_string(lag) : "unknown");
  line += facts.committed == 0 ? "nothing committed yet"
                               : fmt::format("checkpoint {} committed {:.1f} s ago", facts.committed,
                                             Seconds(facts.now - facts.committed_at));
  line += DescribeTime();
  if (facts.late > 0) line += fmt::format(", {} late rows", facts.late);
  if (facts.poison > 0) line += fmt::format(", {} poison records in the ledger", facts.poison);
  if (QuietForLong(facts.now)) {
    line += fmt::format("; no output for {:.0f} s: {}", Seconds(facts.now - output_at_), WhyQuiet(facts));
  }
  if (!facts.checkpoint_phase.empty()) line += "; checkpoint in flight: " + facts.checkpoint_phase;
  return line;
}

std::string StatusLine::DescribeTime() const {
  const SplitReport* slowest = nullptr;
  size_t held = 0;
  for (const TaskReport& task : reports_) {
    for (const SplitReport& split : task.splits) {
      if (!split.has_time) continue;
      held += split.held ? 1 : 0;
      if (split.time.idle || split.state == SplitState::kEnded) continue;
      if (slowest == nullptr || split.time.watermark < slowest->time.watermark) slowest = &split;
    }
  }
  std::string text;
  if (slowest != nullptr && slowest->time.watermark != kMinEventTime) {
    text = fmt::format(", event time {} by {}", DateOf(slowest->time.watermark), slowest->split);
  } else if (slowest != nullptr) {
    text = fmt::format(", event time unknown until {} has a row", slowest->split);
  }
  if (held > 0) text += fmt::format(", {} splits ahead of it wait", held);
  return text;
}

std::string StatusLine::WhyQuiet(const Facts& facts) const {
  const uint64_t since = facts.rows_read - rows_with_output_;
  const std::string splits = DescribeSplits(facts.broker_away);
  if (since == 0) return "nothing was read: " + splits;
  if (rows_committed_ > rows_with_output_) {
    return fmt::format("the {} rows read since came to nothing, or are kept in state: {}", since, splits);
  }
  return fmt::format("the {} rows read since wait for the next checkpoint: {}", since, splits);
}

std::string StatusLine::DescribeSplits(bool broker_away) const {
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
