// Reads assigned partitions, each through a queue of its own. Internal to connectors/kafka.
//
// It uses librdkafka's plain consumption (consume_start) rather than assign(): a partition is added without touching
// those that are read already, and there is no group machinery looking for a coordinator.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// See LogConsumer.
class KafkaConsumer : public LogConsumer {
 public:
  static Result<std::unique_ptr<KafkaConsumer>> Start(const KafkaSettings& settings);
  ~KafkaConsumer() override;

  Status Assign(const TopicPartition& partition, int64_t offset) override;
  Result<PollResult> Poll(size_t index, size_t records_max, const RawVisitor& visit) override;
  void SetWaker(Waker* waker) override { waker_.store(waker); }
  int64_t KnownEnd(size_t index) const override;

 private:
  struct Split;
  struct Drain;
  explicit KafkaConsumer(const KafkaSettings& settings);
  static void OnEvent(rd_kafka_t*, void* self);
  static void OnMessage(rd_kafka_message_t* message, void* drain);
  Status Failure(const Split& split, rd_kafka_resp_err_t error, const std::string& words) const;
  /// Wakes a fetcher that stopped because `split` held enough, once half of that is read.
  void KeepFetching(Split& split);

  const KafkaSettings settings_;
  KafkaHooks hooks_;
  std::atomic<Waker*> waker_{nullptr};
  KafkaHandle client_;
  KafkaQueue answers_;   // To requests whose only use is that they wake a fetcher.
  std::vector<std::unique_ptr<Split>> splits_;
};

}  // namespace weir
