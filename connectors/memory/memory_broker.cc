#include "connectors/memory/memory_broker.h"

#include <fmt/format.h>

#include <utility>

#include "connectors/memory/memory_client.h"
#include "connectors/memory/memory_cluster.h"

namespace weir {
namespace {

StoredRecord Stored(int32_t partition, const MemoryRecord& record) {
  return {partition, record.offset, record.timestamp_ms, record.key, record.value};
}

}  // namespace

MemoryBroker::MemoryBroker(const Clock& clock, MemoryOptions options)
    : cluster_(std::make_shared<MemoryCluster>(clock, std::move(options))) {}
MemoryBroker::~MemoryBroker() = default;

std::unique_ptr<MemoryClient> MemoryBroker::Connect() { return std::make_unique<MemoryClient>(cluster_); }

void MemoryBroker::SetFaults(FaultPlan plan) {
  const auto lock = cluster_->Lock();
  cluster_->SetFaults(std::move(plan));
}

void MemoryBroker::TakeDown(Duration duration) {
  const auto lock = cluster_->Lock();
  cluster_->TakeDown(duration);
}

void MemoryBroker::BringUp() {
  const auto lock = cluster_->Lock();
  cluster_->BringUp();
}

Status MemoryBroker::DeleteTopic(const std::string& topic) {
  const auto lock = cluster_->Lock();
  return cluster_->DeleteTopic(topic);
}

Status MemoryBroker::GrowTopic(const std::string& topic, int32_t partitions) {
  const auto lock = cluster_->Lock();
  WEIR_ASSIGN_OR_RETURN(MemoryTopic * found, cluster_->Topic(topic));
  if (partitions <= found->info.partitions) {
    return InvalidArgument(fmt::format("topic '{}' cannot go from {} to {} partitions: it only ever gets more", topic,
                                       found->info.partitions, partitions));
  }
  found->info.partitions = partitions;
  found->partitions.resize(static_cast<size_t>(partitions));
  return Status::Ok();
}

Status MemoryBroker::AdvanceLogStart(const TopicPartition& partition, int64_t offset) {
  const auto lock = cluster_->Lock();
  WEIR_ASSIGN_OR_RETURN(MemoryPartition * log, cluster_->Partition(partition));
  if (offset > log->end()) {
    return InvalidArgument(fmt::format("log start of {}/{} cannot become {}: its end is {}", partition.topic,
                                       partition.partition, offset, log->end()));
  }
  log->TrimBefore(offset);
  return Status::Ok();
}

Status MemoryBroker::Append(const std::string& topic, std::span<const OutgoingRecord> records) {
  const auto lock = cluster_->Lock();
  WEIR_ASSIGN_OR_RETURN(MemoryTopic * found, cluster_->Topic(topic));
  for (const OutgoingRecord& record : records) {
    WEIR_ASSIGN_OR_RETURN(MemoryPartition * log,
                          cluster_->Partition({topic, cluster_->ChoosePartition(*found, record)}));
    log->Append(ToMemoryRecord(record, cluster_->WallMillis()), MemoryPartition::kNoProducer);
  }
  cluster_->WakeReaders();
  return Status::Ok();
}

Result<std::vector<StoredRecord>> MemoryBroker::Committed(const std::string& topic) const {
  const auto lock = cluster_->Lock();
  WEIR_ASSIGN_OR_RETURN(const MemoryTopic* found, cluster_->Topic(topic));
  std::vector<StoredRecord> records;
  for (int32_t p = 0; p < found->info.partitions; ++p) {
    const MemoryPartition& log = found->partitions[static_cast<size_t>(p)];
    int64_t position = log.begin();
    while (const auto record = log.NextCommitted(&position)) records.push_back(Stored(p, *record));
  }
  return records;
}

Result<std::vector<StoredRecord>> MemoryBroker::Uncommitted(const std::string& topic) const {
  const auto lock = cluster_->Lock();
  WEIR_ASSIGN_OR_RETURN(const MemoryTopic* found, cluster_->Topic(topic));
  std::vector<StoredRecord> records;
  for (int32_t p = 0; p < found->info.partitions; ++p) {
    for (const auto& record : found->partitions[static_cast<size_t>(p)].AllData()) {
      records.push_back(Stored(p, *record));
    }
  }
  return records;
}

Result<int64_t> MemoryBroker::StableEnd(const TopicPartition& partition) const {
  const auto lock = cluster_->Lock();
  WEIR_ASSIGN_OR_RETURN(const MemoryPartition* log, cluster_->Partition(partition));
  return log->stable_end();
}

GroupOffsets MemoryBroker::OffsetsOfGroup(const std::string& group) const {
  const auto lock = cluster_->Lock();
  const auto found = cluster_->groups().find(group);
  return found == cluster_->groups().end() ? GroupOffsets{} : found->second;
}

std::vector<std::string> MemoryBroker::OpenTransactions() const {
  const auto lock = cluster_->Lock();
  return cluster_->transactions().Open();
}

bool MemoryBroker::MarkersPending() const {
  const auto lock = cluster_->Lock();
  return cluster_->transactions().markers_pending();
}

}  // namespace weir
