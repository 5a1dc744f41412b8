// What all clients of one memory broker share: topics, transactions, faults, and one lock over everything.
// Internal to connectors/memory.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/memory/memory_broker.h"
#include "connectors/memory/memory_faults.h"
#include "connectors/memory/memory_log.h"
#include "connectors/memory/memory_transactions.h"

namespace weir {

struct MemoryTopic {
  TopicInfo info;
  uint64_t record_bytes_max = 0;
  std::vector<MemoryPartition> partitions;
};

/// What a consumer waits for. Owned by the consumer, registered here while it lives.
struct MemorySubscription {
  struct Split {
    TopicPartition partition;
    int64_t stable_end_told = -1;   // As of the last wake.
  };
  std::shared_ptr<bool> alive;
  Waker* waker = nullptr;
  std::vector<Split> splits;
};

/// What becomes of a request.
struct MemoryAdmission {
  bool reached = true;      ///< False: the client was killed or the broker is down; nothing may be executed.
  bool killed = false;
  MemoryFault fault;
};

/// Every method but Lock REQUIRES the lock.
class MemoryCluster {
 public:
  MemoryCluster(const Clock& clock, MemoryOptions options);

  /// Takes the lock and does what became due.
  std::unique_lock<std::mutex> Lock();
  /// Begins a request, asks the fault plan about it.
  MemoryAdmission Admit(const std::shared_ptr<bool>& alive, MemoryCall call, std::string_view name);

  const MemoryOptions& options() const { return options_; }
  Instant Now() const { return clock_.Now(); }
  int64_t WallMillis() const { return clock_.WallMillis(); }
  MemoryTransactions& transactions() { return transactions_; }
  const std::map<std::string, MemoryTopic>& topics() const { return topics_; }
  /// Committed offsets by consumer group.
  std::map<std::string, GroupOffsets>& groups() { return groups_; }
  bool down() const { return down_until_.has_value(); }
  /// When something happens next without a request: a time-out, a late marker, a commit still under way.
  std::optional<Instant> NextDue() const;
  /// When a client that got no answer should ask again.
  Instant RetryAt() const;

  void SetFaults(FaultPlan plan) { plan_ = std::move(plan); }
  void TakeDown(Duration duration) { down_until_ = Now() + duration; }
  void BringUp();

  /// Null where there is none and none is created on demand.
  MemoryTopic* FindTopic(const std::string& name);
  /// Like FindTopic; NotFound says what looks alike or how many partitions there are.
  Result<MemoryTopic*> Topic(const std::string& name);
  Result<MemoryPartition*> Partition(const TopicPartition& partition);
  Status CreateTopic(const NewTopic& topic);
  Status DeleteTopic(const std::string& name);
  /// The record's own partition, else by its key, else one after the other. REQUIRES: the partition exists.
  int32_t ChoosePartition(const MemoryTopic& topic, const OutgoingRecord& record);

  /// A copy of EndTxn that is still under way: see MemoryFault::duplicate_after.
  void DelayDuplicate(std::string id, ProducerGrant grant, int requests);
  /// An EndTxn that is still under way when its client has given it up: see MemoryFault::Kind::kDelayed.
  void DelayCommit(std::string id, ProducerGrant grant, Duration delay);
  /// Called after each produce request of a transactional producer.
  void CountProduce(const std::string& id, const ProducerGrant& grant);

  void Register(MemorySubscription* subscription) { subscriptions_.insert(subscription); }
  void Unregister(MemorySubscription* subscription) { subscriptions_.erase(subscription); }
  /// Wakes the consumers whose partitions got longer below their stable end.
  void WakeReaders();

 private:
  struct Duplicate {
    std::string id;
    ProducerGrant grant;
    int requests_left;
  };
  struct DelayedCommit {
    std::string id;
    ProducerGrant grant;
    Instant due;
  };
  void Advance();

  const Clock& clock_;
  const MemoryOptions options_;
  std::mutex mutex_;
  FaultPlan plan_;
  std::array<uint64_t, kMemoryCalls> ordinals_{};
  std::optional<Instant> down_until_;
  std::map<std::string, MemoryTopic> topics_;
  std::map<std::string, GroupOffsets> groups_;
  MemoryTransactions transactions_;
  std::vector<Duplicate> duplicates_;
  std::vector<DelayedCommit> delayed_commits_;
  std::set<MemorySubscription*> subscriptions_;
  uint32_t next_partition_ = 0;
};

}  // namespace weir
