// A topic as a source of bytes, over the log-broker seam: the same code reads Kafka and the memory broker.
#pragma once

#include <memory>
#include <string>

#include "runtime/io/connector.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// Splits are partitions, named "<topic>/<partition>", placed by their number. A position's fingerprint is offset,
/// timestamp and hash of the last record read: at restore that record is read again, and another one in its place
/// means that the topic was recreated (refused). One that retention or compaction took is accepted with a log line.
/// `log` outlives it.
class LogSource final : public RecordSource {
 public:
  LogSource(LogBroker& log, std::string topic, Logger logger)
      : log_(log), topic_(std::move(topic)), logger_(std::move(logger)) {}

  /// Fails unless the cluster answers and has the topic: NotFound names what looks alike and how to create it.
  Status Open();

  Result<std::vector<SplitAssignment>> ListSplits(StartPoint from, EndPoint to) override;
  bool bounded() const override { return false; }
  std::string Identity() const override { return "cluster " + cluster_ + " topic " + topic_; }
  uint32_t Placement(const SplitId& split) const override;
  Status CheckResume(const SplitId& split, const Position& position) override;
  /// As offsets of the consumer group `reader`.
  Status ShowProgress(const std::string& reader, std::span<const SplitPosition> positions) override;
  void SetPrefetch(uint64_t bytes_per_split) override { prefetch_.prefetch_bytes_per_partition = bytes_per_split; }
  Result<std::unique_ptr<RecordReader>> NewReader(Waker& waker) override;

 private:
  Result<int64_t> StartOf(const TopicPartition& partition, const OffsetRange& range, StartPoint from);
  Result<std::optional<Offset>> EndOf(const TopicPartition& partition, const OffsetRange& range, EndPoint to);

  LogBroker& log_;
  const std::string topic_;
  const Logger logger_;
  std::string cluster_;
  bool compacted_ = false;
  ConsumerConfig prefetch_;
};

}  // namespace weir
