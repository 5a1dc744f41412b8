// A topic as a sink, over the log-broker seam. All sink tasks of a job share one producer, which they find in the
// transaction gate; output of an epoch that is not open yet is held in a bounded buffer.
#pragma once

#include <memory>
#include <string>

#include "runtime/io/connector.h"
#include "runtime/io/log_broker.h"
#include "runtime/io/sink.h"

namespace weir {

struct LogSinkOptions {
  std::string topic;
  int32_t create_partitions = 0;              ///< Create a missing topic with so many; 0: a missing topic is an error.
  uint64_t hold_bytes_max = 64 * 1024 * 1024; ///< Of all tasks of the sink together.
};

/// `log` and `clock` outlive it.
class LogSink final : public RecordSink {
 public:
  LogSink(LogBroker& log, const Clock& clock, LogSinkOptions options)
      : log_(log), clock_(clock), options_(std::move(options)) {}

  bool transactional() const override { return true; }
  Status Prepare() override;
  Result<std::unique_ptr<SinkWriter>> NewWriter(const SinkContext& context, SerialQueue& io, Waker& waker) override;
  std::unique_ptr<StagedCommitter> NewCommitter(const SinkContext&) override { return nullptr; }

 private:
  LogBroker& log_;
  const Clock& clock_;
  const LogSinkOptions options_;
  uint64_t record_bytes_max_ = 0;
};

}  // namespace weir
