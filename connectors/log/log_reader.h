// Reads the partitions of one source task through a log consumer.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/log.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// "<topic>/<partition>" and back. REQUIRES of ParseSplit: a name made by SplitName.
SplitId SplitName(const TopicPartition& partition);
TopicPartition ParseSplit(const SplitId& split);

/// One thread.
class LogReader final : public RecordReader {
 public:
  /// `compacted`: records may be gone though the log still begins before them. `log` outlives it.
  LogReader(std::unique_ptr<LogConsumer> consumer, LogBroker& log, bool compacted, Logger logger)
      : consumer_(std::move(consumer)), log_(log), compacted_(compacted), logger_(std::move(logger)) {}

  Status Add(const SplitAssignment& assignment) override;
  Result<ReadResult> Read(size_t index, size_t rows_max, const RawVisitor& visit) override;
  Position PositionOf(size_t index) const override;
  int64_t LagOf(size_t index) const override;

 private:
  /// What a record was, as far as recognising it again needs.
  struct Seen {
    int64_t offset = -1;
    int64_t timestamp_ms = -1;
    uint64_t hash = 0;
    std::string ToString() const;
    static std::optional<Seen> Parse(const std::string& text);
  };
  struct Split {
    SplitId id;
    int64_t next = 0;                 ///< Position.
    std::optional<int64_t> end;
    Seen last;
    std::optional<Seen> expected;     ///< The record before the start, which must be met again.
  };

  class LastRecord;

  static uint64_t HashOf(const RawRecord& record);
  Status Recognise(Split& split, const RawRecord& record);
  void SayGone(const Split& split, int64_t offset, std::string_view why) const;

  const std::unique_ptr<LogConsumer> consumer_;
  LogBroker& log_;
  const bool compacted_;
  const Logger logger_;
  std::vector<Split> splits_;
};

}  // namespace weir
