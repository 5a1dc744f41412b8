// A real Kafka cluster behind the log-broker seam, through librdkafka.
//
//   WEIR_ASSIGN_OR_RETURN(auto broker, KafkaBroker::Connect({.bootstrap = "127.0.0.1:9092"}));
//   WEIR_ASSIGN_OR_RETURN(const std::string cluster, broker->ClusterId());   // The first call that needs the network.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_settings.h"
#include "runtime/base/status.h"
#include "runtime/io/log_broker.h"

namespace weir {

class KafkaAdmin;
class KafkaGroup;

/// See LogBroker. Producers and consumers may outlive it.
///
/// Producer: without a transactional id Init checks the connection, CommitSlice flushes and Abort is kFailed.
/// Consumer: Poll blocks, up to a second, only to put the log's bounds into an error message.
class KafkaBroker : public LogBroker {
 public:
  /// Checks the settings; does not touch the network. InvalidArgument names every wrong setting.
  static Result<std::unique_ptr<KafkaBroker>> Connect(KafkaSettings settings);
  ~KafkaBroker() override;

  Result<std::string> ClusterId() override;
  std::string Address() const override { return settings_.bootstrap; }
  Status CheckTransactions() override;
  Result<std::vector<TopicInfo>> ListTopics() override;
  Result<TopicInfo> DescribeTopic(const std::string& topic) override;
  Status CreateTopic(const NewTopic& topic) override;
  Result<OffsetRange> Offsets(const TopicPartition& partition) override;
  Result<int64_t> OffsetForTime(const TopicPartition& partition, int64_t millis) override;
  Result<uint64_t> RecordBytesMax(const std::string& topic) override;
  Status CommitGroupOffsets(const std::string& group, const GroupOffsets& offsets) override;
  Result<std::unique_ptr<LogProducer>> NewProducer(const ProducerConfig& config) override;
  Result<std::unique_ptr<LogConsumer>> NewConsumer(const ConsumerConfig& config = {}) override;

 private:
  KafkaBroker(KafkaSettings settings, std::unique_ptr<KafkaAdmin> admin);

  const KafkaSettings settings_;
  const std::unique_ptr<KafkaAdmin> admin_;
  std::mutex groups_mutex_;
  std::map<std::string, std::unique_ptr<KafkaGroup>> groups_;   // guarded by groups_mutex_
};

}  // namespace weir
