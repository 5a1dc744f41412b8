// Producer and consumer of the memory broker, as MemoryClient makes them. Internal to connectors/memory.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/memory/memory_cluster.h"

namespace weir {

/// A record without a timestamp gets `now_ms`, as a Kafka client does it.
MemoryRecord ToMemoryRecord(const OutgoingRecord& record, int64_t now_ms);

/// See LogProducer. All members are guarded by the cluster's lock.
class MemoryProducer : public LogProducer {
 public:
  MemoryProducer(std::shared_ptr<MemoryCluster> cluster, std::shared_ptr<bool> alive, ProducerConfig config);

  TxnOutcome Init(Duration timeout) override;
  TxnOutcome Begin() override;
  Result<size_t> Produce(const std::string& topic, std::span<const OutgoingRecord> records) override;
  TxnOutcome Flush(Duration timeout) override;
  TxnOutcome CommitSlice(Duration timeout) override;
  TxnOutcome Abort(Duration timeout) override;
  int64_t outstanding() const override;
  std::optional<std::string> failure() const override;
  int end_txn_sent() const override;
  void AddWaker(Waker* waker) override;

 private:
  enum class State { kNew, kReady, kInTransaction, kCommitting, kBroken, kFenced };
  struct Queued {
    std::string topic;
    int32_t partition;     // -1: the topic was unknown.
    MemoryRecord record;
    bool appended = false; // The answer was lost.
  };

  bool transactional() const { return !config_.transactional_id.empty(); }
  // All below: the lock is held.
  Status CheckMayProduce() const;
  /// A producer that has failed is of no use for anything.
  bool Breaks();
  /// One request with all that is queued.
  void Deliver();
  /// False: fenced, nothing more can be appended.
  bool Append(Queued& queued, TopicPartition* added);
  void Fail(std::string why);
  TxnOutcome FlushQueue();
  TxnOutcome SendCommit(const MemoryFault& fault);
  TxnOutcome SendEnd(bool commit, Duration marker_delay);
  /// Takes the state that `outcome` leaves the client in.
  TxnOutcome Settle(TxnOutcome outcome);
  void WakeWriters();

  const std::shared_ptr<MemoryCluster> cluster_;
  const std::shared_ptr<bool> alive_;
  const ProducerConfig config_;
  State state_ = State::kNew;
  ProducerGrant grant_;
  std::deque<Queued> queue_;
  bool full_ = false;
  bool wrote_ = false;                     // Something reached the broker since Begin.
  std::optional<MemoryFault> slices_;      // A commit in slices is under way.
  std::optional<std::string> failure_;
  int end_txn_sent_ = 0;
  std::vector<Waker*> wakers_;
};

/// See LogConsumer. Records are shared with the broker, so that visitors run without its lock.
class MemoryConsumer : public LogConsumer {
 public:
  MemoryConsumer(std::shared_ptr<MemoryCluster> cluster, std::shared_ptr<bool> alive);
  ~MemoryConsumer() override;

  Status Assign(const TopicPartition& partition, int64_t offset) override;
  Result<PollResult> Poll(size_t index, size_t records_max, const RawVisitor& visit) override;
  void SetWaker(Waker* waker) override;
  int64_t KnownEnd(size_t index) const override;

 private:
  struct Split {
    TopicPartition partition;
    int64_t position = 0;
    bool read = false;        // A record was handed out.
    bool at_end = false;
    int64_t known_end = -1;
  };
  /// What the last answer still says while the broker cannot be reached.
  PollResult Unchanged(const Split& split) const;
  Status OutOfRange(const Split& split, const MemoryPartition& log) const;

  const std::shared_ptr<MemoryCluster> cluster_;
  std::vector<Split> splits_;
  std::vector<std::shared_ptr<const MemoryRecord>> batch_;
  MemorySubscription subscription_;   // Guarded by the cluster's lock.
};

}  // namespace weir
