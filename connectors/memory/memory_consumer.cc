#include <fmt/format.h>

#include <utility>

#include "connectors/memory/memory_client.h"

namespace weir {

MemoryConsumer::MemoryConsumer(std::shared_ptr<MemoryCluster> cluster, std::shared_ptr<bool> alive)
    : cluster_(std::move(cluster)) {
  subscription_.alive = std::move(alive);
  const auto lock = cluster_->Lock();
  cluster_->Register(&subscription_);
}

MemoryConsumer::~MemoryConsumer() {
  const auto lock = cluster_->Lock();
  cluster_->Unregister(&subscription_);
}

void MemoryConsumer::SetWaker(Waker* waker) {
  const auto lock = cluster_->Lock();
  subscription_.waker = waker;
}

Status MemoryConsumer::Assign(const TopicPartition& partition, int64_t offset) {
  const auto lock = cluster_->Lock();
  const MemoryAdmission admission = cluster_->Admit(subscription_.alive, MemoryCall::kMetadata, partition.topic);
  if (admission.killed) return Unavailable("this client of the memory broker was killed");
  if (!admission.reached || admission.fault.kind != MemoryFault::Kind::kNone) {
    return Unavailable(fmt::format("metadata of topic '{}' could not be read: the memory broker did not answer",
                                   partition.topic));
  }
  WEIR_ASSIGN_OR_RETURN(const MemoryPartition* log, cluster_->Partition(partition));
  splits_.push_back({.partition = partition, .position = offset});
  subscription_.splits.push_back({partition, log->stable_end()});
  if (subscription_.waker != nullptr) subscription_.waker->Wake();
  return Status::Ok();
}

PollResult MemoryConsumer::Unchanged(const Split& split) const {
  return {.records = 0, .next_offset = split.read || split.at_end ? split.position : -1, .at_end = split.at_end};
}

Status MemoryConsumer::OutOfRange(const Split& split, const MemoryPartition& log) const {
  return Aborted(fmt::format("offset {} of {}/{} is out of range: the log goes from {} to {}", split.position,
                             split.partition.topic, split.partition.partition, log.begin(), log.end()));
}

Result<PollResult> MemoryConsumer::Poll(size_t index, size_t records_max, const RawVisitor& visit) {
  WEIR_CHECK(index < splits_.size(), "a partition that was never assigned is polled");
  Split& split = splits_[index];
  batch_.clear();
  {
    const auto lock = cluster_->Lock();
    const MemoryAdmission admission = cluster_->Admit(subscription_.alive, MemoryCall::kFetch, split.partition.topic);
    if (admission.killed) return Unavailable("this client of the memory broker was killed");
    if (!admission.reached || admission.fault.kind != MemoryFault::Kind::kNone) {
      if (subscription_.waker != nullptr) subscription_.waker->WakeAt(cluster_->RetryAt());
      return Unchanged(split);
    }
    WEIR_ASSIGN_OR_RETURN(const MemoryPartition* log, cluster_->Partition(split.partition));
    if (split.position < log->begin() || split.position > log->end()) return OutOfRange(split, *log);
    while (batch_.size() < records_max) {
      std::shared_ptr<const MemoryRecord> record = log->NextCommitted(&split.position);
      if (record == nullptr) break;
      batch_.push_back(std::move(record));
    }
    split.known_end = log->end();
    split.at_end = split.position >= log->stable_end();
    split.read = split.read || !batch_.empty();
    const std::optional<Instant> due = cluster_->NextDue();
    if (split.at_end && due.has_value() && subscription_.waker != nullptr) subscription_.waker->WakeAt(*due);
  }
  for (const std::shared_ptr<const MemoryRecord>& record : batch_) {
    visit({.key = record->key.has_value() ? std::string_view(*record->key) : std::string_view(),
           .value = record->value.has_value() ? std::string_view(*record->value) : std::string_view(),
           .offset = Offset{record->offset},
           .timestamp_ms = record->timestamp_ms});
  }
  PollResult result = Unchanged(split);
  result.records = batch_.size();
  return result;
}

int64_t MemoryConsumer::KnownEnd(size_t index) const { return splits_.at(index).known_end; }

}  // namespace weir
