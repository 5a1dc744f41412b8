#include "connectors/kafka/kafka_broker.h"

#include <utility>

#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_consumer.h"
#include "connectors/kafka/kafka_group.h"
#include "connectors/kafka/kafka_producer.h"

namespace weir {

Result<std::unique_ptr<KafkaBroker>> KafkaBroker::Connect(KafkaSettings settings) {
  WEIR_RETURN_IF_ERROR(CheckClientVersion(rd_kafka_version()));
  WEIR_RETURN_IF_ERROR(CheckClientSettings(settings.client_settings));
  if (settings.bootstrap.empty()) {
    const auto given = settings.client_settings.find("bootstrap.servers");
    if (given == settings.client_settings.end() || given->second.empty()) {
      return InvalidArgument("no Kafka address is given: set kafka.bootstrap.servers to host:port of a broker");
    }
    settings.bootstrap = given->second;
  }
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<KafkaAdmin> admin, KafkaAdmin::Start(settings));
  return std::unique_ptr<KafkaBroker>(new KafkaBroker(std::move(settings), std::move(admin)));
}

KafkaBroker::KafkaBroker(KafkaSettings settings, std::unique_ptr<KafkaAdmin> admin)
    : settings_(std::move(settings)), admin_(std::move(admin)) {}
KafkaBroker::~KafkaBroker() = default;

Result<std::string> KafkaBroker::ClusterId() { return admin_->ClusterId(); }
Status KafkaBroker::CheckTransactions() { return admin_->CheckTransactions(); }
Result<std::vector<TopicInfo>> KafkaBroker::ListTopics() { return admin_->ListTopics(); }
Result<TopicInfo> KafkaBroker::DescribeTopic(const std::string& topic) { return admin_->DescribeTopic(topic); }
Status KafkaBroker::CreateTopic(const NewTopic& topic) { return admin_->CreateTopic(topic); }
Result<OffsetRange> KafkaBroker::Offsets(const TopicPartition& partition) { return admin_->Offsets(partition); }
Result<int64_t> KafkaBroker::OffsetForTime(const TopicPartition& partition, int64_t millis) {
  return admin_->OffsetForTime(partition, millis);
}
Result<uint64_t> KafkaBroker::RecordBytesMax(const std::string& topic) { return admin_->RecordBytesMax(topic); }

Status KafkaBroker::CommitGroupOffsets(const std::string& group, const GroupOffsets& offsets) {
  const std::lock_guard lock(groups_mutex_);
  std::unique_ptr<KafkaGroup>& client = groups_[group];
  if (client == nullptr) {
    WEIR_ASSIGN_OR_RETURN(client, KafkaGroup::Start(settings_, group));
  }
  return client->Commit(offsets);
}

Result<std::unique_ptr<LogProducer>> KafkaBroker::NewProducer(const ProducerConfig& config) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<KafkaProducer> producer,
                        KafkaProducer::Start(settings_, config, admin_->batch_bytes_max()));
  return std::unique_ptr<LogProducer>(std::move(producer));
}

Result<std::unique_ptr<LogConsumer>> KafkaBroker::NewConsumer(const ConsumerConfig& config) {
  KafkaSettings settings = settings_;
  if (config.prefetch_bytes_per_partition > 0) settings.prefetch_bytes_per_partition = config.prefetch_bytes_per_partition;
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<KafkaConsumer> consumer, KafkaConsumer::Start(settings));
  return std::unique_ptr<LogConsumer>(std::move(consumer));
}

}  // namespace weir
