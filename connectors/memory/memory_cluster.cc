#include "connectors/memory/memory_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "connectors/memory/murmur2.h"
#include "runtime/base/config_value.h"
#include "runtime/base/did_you_mean.h"

namespace weir {
namespace {

constexpr Duration kRetryDelay = std::chrono::milliseconds(1);
constexpr size_t kTopicNameMax = 249;
/// What a record batch of one record costs beside key and value, at most; connectors/kafka takes off the same.
constexpr uint64_t kFramingBytes = 100;

bool IsTopicName(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= kTopicNameMax && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

MemoryCluster::MemoryCluster(const Clock& clock, MemoryOptions options)
    : clock_(clock),
      options_(std::move(options)),
      transactions_([this](const TopicPartition& partition, int64_t producer, bool commit) {
        const auto topic = topics_.find(partition.topic);
        if (topic == topics_.end()) return;
        const auto index = static_cast<size_t>(partition.partition);
        if (index < topic->second.partitions.size()) topic->second.partitions[index].EndTransaction(producer, commit);
      }) {}

std::unique_lock<std::mutex> MemoryCluster::Lock() {
  std::unique_lock lock(mutex_);
  Advance();
  return lock;
}

MemoryAdmission MemoryCluster::Admit(const std::shared_ptr<bool>& alive, MemoryCall call, std::string_view name) {
  MemoryAdmission admission{.reached = true, .killed = !*alive, .fault = {}};
  admission.reached = !admission.killed && !down();
  if (!admission.reached) return admission;
  const uint64_t ordinal = ++ordinals_[static_cast<size_t>(call)];
  if (plan_) admission.fault = plan_({call, ordinal, name});
  return admission;
}

void MemoryCluster::Advance() {
  const Instant now = Now();
  if (down_until_.has_value() && now >= *down_until_) BringUp();
  const std::optional<Instant> due = NextDue();
  // A broker that is down decides nothing; what became due meanwhile is done when it is back.
  if (down() || !due.has_value() || now < *due) return;
  std::erase_if(delayed_commits_, [&](const DelayedCommit& commit) {
    if (now < commit.due) return false;
    (void)transactions_.End(commit.id, commit.grant, true, now);
    return true;
  });
  transactions_.Advance(now);
  WakeReaders();
}

void MemoryCluster::BringUp() {
  down_until_.reset();
  for (const MemorySubscription* subscription : subscriptions_) {
    if (*subscription->alive && subscription->waker != nullptr) subscription->waker->Wake();
  }
}

Instant MemoryCluster::RetryAt() const { return down_until_.value_or(Now() + kRetryDelay); }

MemoryTopic* MemoryCluster::FindTopic(const std::string& name) {
  const auto found = topics_.find(name);
  if (found != topics_.end()) return &found->second;
  if (options_.auto_create_partitions <= 0) return nullptr;
  if (!CreateTopic({.name = name, .partitions = options_.auto_create_partitions, .config = {}}).ok()) return nullptr;
  return &topics_.at(name);
}

Result<MemoryTopic*> MemoryCluster::Topic(const std::string& name) {
  if (MemoryTopic* topic = FindTopic(name); topic != nullptr) return topic;
  std::vector<std::string> names;
  for (const auto& [known, topic] : topics_) names.push_back(known);
  return NotFound(fmt::format("topic '{}' does not exist on cluster '{}': create it first{}", name,
                              options_.cluster_id, DidYouMean(name, names)));
}

Result<MemoryPartition*> MemoryCluster::Partition(const TopicPartition& partition) {
  WEIR_ASSIGN_OR_RETURN(MemoryTopic * topic, Topic(partition.topic));
  if (partition.partition < 0 || partition.partition >= topic->info.partitions) {
    return NotFound(fmt::format("topic '{}' has no partition {}: it has {}, counted from 0", partition.topic,
                                partition.partition, topic->info.partitions));
  }
  return &topic->partitions[static_cast<size_t>(partition.partition)];
}

Status MemoryCluster::CreateTopic(const NewTopic& topic) {
  if (!IsTopicName(topic.name)) {
    return InvalidArgument(fmt::format("'{}' cannot name a topic: 1 to {} of [A-Za-z0-9._-]", topic.name,
                                       kTopicNameMax));
  }
  if (topic.partitions < 1) {
    return InvalidArgument(fmt::format("topic '{}' needs at least one partition, not {}", topic.name,
                                       topic.partitions));
  }
  if (topics_.contains(topic.name)) return Status::Ok();
  uint64_t bytes_max = options_.record_bytes_max;
  if (const auto given = topic.config.find("max.message.bytes"); given != topic.config.end()) {
    WEIR_ASSIGN_OR_RETURN(const int64_t bytes, ParseInteger(given->second));
    if (bytes < 0) return InvalidArgument(fmt::format("topic '{}': max.message.bytes is {}", topic.name, bytes));
    bytes_max = static_cast<uint64_t>(bytes);
  }
  MemoryTopic made;
  made.info = {topic.name, topic.partitions, topic.config};
  made.record_bytes_max = bytes_max > kFramingBytes ? bytes_max - kFramingBytes : 0;
  made.partitions.resize(static_cast<size_t>(topic.partitions));
  topics_.emplace(topic.name, std::move(made));
  return Status::Ok();
}

Status MemoryCluster::DeleteTopic(const std::string& name) {
  if (topics_.erase(name) == 0) return NotFound(fmt::format("topic '{}' does not exist", name));
  WakeReaders();
  return Status::Ok();
}

int32_t MemoryCluster::ChoosePartition(const MemoryTopic& topic, const OutgoingRecord& record) {
  if (record.partition >= 0) return record.partition;
  if (record.key.data() != nullptr) return PartitionOfKey(record.key, topic.info.partitions);
  return static_cast<int32_t>(next_partition_++ % static_cast<uint32_t>(topic.info.partitions));
}

void MemoryCluster::DelayDuplicate(std::string id, ProducerGrant grant, int requests) {
  duplicates_.push_back({std::move(id), grant, requests});
}

void MemoryCluster::DelayCommit(std::string id, ProducerGrant grant, Duration delay) {
  delayed_commits_.push_back({std::move(id), grant, Now() + delay});
}

std::optional<Instant> MemoryCluster::NextDue() const {
  std::optional<Instant> next = transactions_.NextDue();
  for (const DelayedCommit& commit : delayed_commits_) {
    next = next.has_value() ? std::min(*next, commit.due) : commit.due;
  }
  return next;
}

void MemoryCluster::CountProduce(const std::string& id, const ProducerGrant& grant) {
  std::erase_if(duplicates_, [&](Duplicate& duplicate) {
    if (duplicate.id != id || duplicate.grant != grant || --duplicate.requests_left > 0) return false;
    // The coordinator cannot tell it from the request of the transaction that is open now.
    (void)transactions_.End(id, grant, true, Now());
    return true;
  });
}

void MemoryCluster::WakeReaders() {
  for (MemorySubscription* subscription : subscriptions_) {
    if (!*subscription->alive || subscription->waker == nullptr) continue;
    bool moved = false;
    for (MemorySubscription::Split& split : subscription->splits) {
      const auto topic = topics_.find(split.partition.topic);
      const auto index = static_cast<size_t>(split.partition.partition);
      const bool exists = topic != topics_.end() && index < topic->second.partitions.size();
      const int64_t stable = exists ? topic->second.partitions[index].stable_end() : -1;
      moved = moved || stable != split.stable_end_told;
      split.stable_end_told = stable;
    }
    if (moved) subscription->waker->Wake();
  }
}

}  // namespace weir
