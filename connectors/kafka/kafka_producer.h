// A transactional or idempotent producer on librdkafka. Internal to connectors/kafka.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// See LogProducer.
class KafkaProducer : public LogProducer {
 public:
  /// `batch_bytes_max`: see KafkaAdmin.
  static Result<std::unique_ptr<KafkaProducer>> Start(const KafkaSettings& settings, const ProducerConfig& config,
                                                      uint64_t batch_bytes_max);
  ~KafkaProducer() override;

  TxnOutcome Init(Duration timeout) override;
  TxnOutcome Begin() override;
  Result<size_t> Produce(const std::string& topic, std::span<const OutgoingRecord> records) override;
  TxnOutcome Flush(Duration timeout) override;
  TxnOutcome CommitSlice(Duration timeout) override;
  TxnOutcome Abort(Duration timeout) override;
  int64_t outstanding() const override;
  std::optional<std::string> failure() const override;
  int end_txn_sent() const override { return end_txn_sent_.load(); }
  void AddWaker(Waker* waker) override;

 private:
  KafkaProducer(const KafkaSettings& settings, const ProducerConfig& config);
  static rd_kafka_resp_err_t OnNew(rd_kafka_t* client, const rd_kafka_conf_t*, void* self, char*, size_t);
  static rd_kafka_resp_err_t OnRequestSent(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t, int32_t,
                                           size_t, void* self);
  static rd_kafka_resp_err_t OnResponse(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t, int32_t,
                                        size_t, int64_t, rd_kafka_resp_err_t, void* self);
  void OnDelivery(const rd_kafka_message_t& message);

  bool transactional() const { return !transactional_id_.empty(); }
  Result<rd_kafka_topic_t*> TopicHandle(const std::string& topic);
  Result<size_t> ProduceBatch(rd_kafka_topic_t* topic, std::span<const OutgoingRecord> records);
  Result<size_t> ProduceEach(rd_kafka_topic_t* topic, std::span<const OutgoingRecord> records);
  rd_kafka_resp_err_t FlushInTurns(Duration timeout);
  Status Refused(rd_kafka_topic_t* topic, const OutgoingRecord& record, rd_kafka_resp_err_t error) const;
  TxnOutcome Failed(rd_kafka_resp_err_t error) const;
  void AwaitRegistrations();
  void AskForRoom();
  void WakeAll();

  const std::string transactional_id_;
  KafkaHooks hooks_;
  std::atomic<int> end_txn_sent_{0};
  std::atomic<int> partitions_sent_{0};         // Requests that add partitions to a transaction; one at a time.
  std::atomic<bool> adding_partitions_{false};
  std::atomic<bool> end_txn_answered_{false};   // Of this transaction.
  std::atomic<bool> full_{false};
  bool connected_ = false;   // The transactional thread's.
  std::atomic<bool> began_{false};   // Some transaction.

  mutable std::mutex mutex_;   // Guards what follows.
  std::optional<std::string> failure_;
  std::vector<Waker*> wakers_;
  std::map<std::string, KafkaTopic, std::less<>> topics_;

  KafkaHandle client_;
};

}  // namespace weir
