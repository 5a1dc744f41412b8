// Metadata and administrative requests, over one client that all of a KafkaBroker share. Internal to connectors/kafka.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "runtime/base/clock.h"
#include "runtime/base/status.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// Safe from any thread; every call blocks up to the request time-out. Statuses as LogBroker has them.
class KafkaAdmin {
 public:
  static Result<std::unique_ptr<KafkaAdmin>> Start(const KafkaSettings& settings);

  Result<std::string> ClusterId();
  Status CheckTransactions();
  Result<std::vector<TopicInfo>> ListTopics();
  Result<TopicInfo> DescribeTopic(const std::string& topic);
  Status CreateTopic(const NewTopic& topic);
  Result<OffsetRange> Offsets(const TopicPartition& partition);
  Result<int64_t> OffsetForTime(const TopicPartition& partition, int64_t millis);
  Result<uint64_t> RecordBytesMax(const std::string& topic);

  /// Largest batch that every topic takes whose limit was asked for; zero while none takes less than the client's own.
  uint64_t batch_bytes_max() const { return batch_bytes_max_.load(); }

 private:
  explicit KafkaAdmin(const KafkaSettings& settings);

  /// NotFound says what looks alike.
  Result<int32_t> PartitionsOf(const std::string& topic);
  Status MissingTopic(const std::string& topic);
  Status CheckPartition(const TopicPartition& partition);
  Status WaitUntilVisible(const std::string& topic, int32_t partitions_min);
  /// Brokers hear of a new topic one after the other: what was made here a moment ago exists, whoever denies it.
  bool MadeLately(const std::string& topic);
  template <class Question>
  auto UntilKnown(const std::string& topic, Question ask);
  /// Answer of one asynchronous request; Unavailable where there is none in time.
  using Request = std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>;
  Result<KafkaEvent> Ask(rd_kafka_admin_op_t operation, const std::string& what, const Request& request);
  using Values = std::map<std::string, std::string>;
  Result<Values> ConfigOf(rd_kafka_ResourceType_t type, const std::string& name, const std::string& what);
  int timeout_ms() const { return ToMillis(settings_.request_timeout); }

  const KafkaSettings settings_;
  KafkaHooks hooks_;
  KafkaHandle client_;
  std::atomic<uint64_t> batch_bytes_max_{0};
  std::mutex made_mutex_;
  std::map<std::string, Instant> made_;   // guarded by made_mutex_
};

/// Partitions of a topic as `client` hears of them, its metadata cached for what follows, and each one's leader.
/// NotFound without a hint where the topic is missing; Unavailable while it has no leaders.
Result<std::vector<int32_t>> LeadersOf(rd_kafka_t* client, rd_kafka_topic_t* topic, Duration timeout);

}  // namespace weir
