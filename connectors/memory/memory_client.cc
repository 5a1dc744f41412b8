#include "connectors/memory/memory_client.h"

#include <fmt/format.h>

#include <utility>

namespace weir {
namespace {

/// One metadata request: `execute` gives its answer.
template <class Answer, class Execute>
Answer Ask(MemoryCluster& cluster, const std::shared_ptr<bool>& alive, std::string_view name, Execute execute) {
  const auto lock = cluster.Lock();
  const MemoryAdmission admission = cluster.Admit(alive, MemoryCall::kMetadata, name);
  if (admission.killed) return Unavailable("this client of the memory broker was killed");
  if (!admission.reached) return Unavailable("the memory broker is down");
  if (admission.fault.kind == MemoryFault::Kind::kLost) return Unavailable("the request was lost");
  Answer answer = execute();
  if (admission.fault.kind == MemoryFault::Kind::kAnswerLost) return Unavailable("the answer was lost");
  return answer;
}

}  // namespace

MemoryRecord ToMemoryRecord(const OutgoingRecord& record, int64_t now_ms) {
  MemoryRecord made;
  made.timestamp_ms = record.timestamp_ms == kNoTimestamp ? now_ms : record.timestamp_ms;
  if (record.key.data() != nullptr) made.key.emplace(record.key);
  if (record.value.data() != nullptr) made.value.emplace(record.value);
  return made;
}

MemoryClient::MemoryClient(std::shared_ptr<MemoryCluster> cluster)
    : cluster_(std::move(cluster)), alive_(std::make_shared<bool>(true)) {}
MemoryClient::~MemoryClient() = default;

void MemoryClient::Kill() {
  const auto lock = cluster_->Lock();
  *alive_ = false;
}

Result<std::string> MemoryClient::ClusterId() {
  return Ask<Result<std::string>>(*cluster_, alive_, "", [&] { return cluster_->options().cluster_id; });
}

Status MemoryClient::CheckTransactions() {
  return Ask<Status>(*cluster_, alive_, "", [] { return Status::Ok(); });
}

Result<std::vector<TopicInfo>> MemoryClient::ListTopics() {
  return Ask<Result<std::vector<TopicInfo>>>(*cluster_, alive_, "", [&] {
    std::vector<TopicInfo> infos;
    for (const auto& [name, topic] : cluster_->topics()) infos.push_back({name, topic.info.partitions, {}});
    return infos;
  });
}

Result<TopicInfo> MemoryClient::DescribeTopic(const std::string& topic) {
  return Ask<Result<TopicInfo>>(*cluster_, alive_, topic, [&]() -> Result<TopicInfo> {
    WEIR_ASSIGN_OR_RETURN(const MemoryTopic* found, cluster_->Topic(topic));
    return found->info;
  });
}

Status MemoryClient::CreateTopic(const NewTopic& topic) {
  return Ask<Status>(*cluster_, alive_, topic.name, [&] { return cluster_->CreateTopic(topic); });
}

Result<OffsetRange> MemoryClient::Offsets(const TopicPartition& partition) {
  return Ask<Result<OffsetRange>>(*cluster_, alive_, partition.topic, [&]() -> Result<OffsetRange> {
    WEIR_ASSIGN_OR_RETURN(const MemoryPartition* log, cluster_->Partition(partition));
    return OffsetRange{log->begin(), log->end()};
  });
}

Result<int64_t> MemoryClient::OffsetForTime(const TopicPartition& partition, int64_t millis) {
  return Ask<Result<int64_t>>(*cluster_, alive_, partition.topic, [&]() -> Result<int64_t> {
    WEIR_ASSIGN_OR_RETURN(const MemoryPartition* log, cluster_->Partition(partition));
    return log->FindTime(millis);
  });
}

Result<uint64_t> MemoryClient::RecordBytesMax(const std::string& topic) {
  return Ask<Result<uint64_t>>(*cluster_, alive_, topic, [&]() -> Result<uint64_t> {
    WEIR_ASSIGN_OR_RETURN(const MemoryTopic* found, cluster_->Topic(topic));
    return found->record_bytes_max;
  });
}

Status MemoryClient::CommitGroupOffsets(const std::string& group, const GroupOffsets& offsets) {
  return Ask<Status>(*cluster_, alive_, group, [&]() -> Status {
    for (const auto& [partition, next] : offsets) WEIR_RETURN_IF_ERROR(cluster_->Partition(partition).status());
    for (const auto& [partition, next] : offsets) cluster_->groups()[group][partition] = next;
    return {};
  });
}

Result<std::unique_ptr<LogProducer>> MemoryClient::NewProducer(const ProducerConfig& config) {
  const auto lock = cluster_->Lock();
  if (!*alive_) return Unavailable("this client of the memory broker was killed");
  return std::unique_ptr<LogProducer>(std::make_unique<MemoryProducer>(cluster_, alive_, config));
}

Result<std::unique_ptr<LogConsumer>> MemoryClient::NewConsumer(const ConsumerConfig&) {
  {
    const auto lock = cluster_->Lock();
    if (!*alive_) return Unavailable("this client of the memory broker was killed");
  }
  return std::unique_ptr<LogConsumer>(std::make_unique<MemoryConsumer>(cluster_, alive_));
}

}  // namespace weir
