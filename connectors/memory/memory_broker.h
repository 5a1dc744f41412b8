// A deterministic in-memory Kafka cluster: the broker of user tests and of the simulator, held to the real one by the
// contract suite in tests/contract/broker.
//
//   MemoryBroker broker(clock);
//   std::unique_ptr<MemoryClient> client = broker.Connect();   // A LogBroker; one per simulated process.
//   client->Kill();                                            // Everything made through it is dead from now on.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "connectors/memory/memory_faults.h"
#include "runtime/base/clock.h"
#include "runtime/base/status.h"
#include "runtime/io/log_broker.h"

namespace weir {

class MemoryCluster;
class MemoryClient;

struct MemoryOptions {
  std::string cluster_id = "memory";
  /// Largest key + value of a topic that sets no max.message.bytes.
  uint64_t record_bytes_max = 1048576;
  /// Records a producer holds that no broker acknowledged.
  size_t producer_queue_records_max = 100'000;
  /// Name a topic takes the first time it is asked for, so that a user's test need not create it; zero: never.
  int32_t auto_create_partitions = 0;
};

/// A record as a test sees it.
struct StoredRecord {
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = kNoTimestamp;
  std::optional<std::string> key;
  std::optional<std::string> value;
  friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};

/// The cluster. Safe from any thread; has no thread of its own: whatever takes time (transaction time-outs, late
/// markers, the end of an outage) happens in the first call at or after its instant, and waiting consumers ask for that
/// call with WakeAt. No call blocks: "blocks up to a time-out" is answered at once. Wakers are called with the broker's
/// lock held and must not call back. `clock` must outlive it and every client.
class MemoryBroker {
 public:
  explicit MemoryBroker(const Clock& clock, MemoryOptions options = {});
  ~MemoryBroker();
  MemoryBroker(const MemoryBroker&) = delete;
  MemoryBroker& operator=(const MemoryBroker&) = delete;

  /// Clients keep the cluster alive.
  std::unique_ptr<MemoryClient> Connect();

  void SetFaults(FaultPlan plan);
  /// For `duration` no request is answered: Unavailable, kRetriable, or nothing to poll.
  void TakeDown(Duration duration);
  void BringUp();

  Status DeleteTopic(const std::string& topic);
  /// The topic then has `partitions`. NotFound; InvalidArgument where that is not more than it has: none is taken away.
  Status GrowTopic(const std::string& topic, int32_t partitions);
  /// Retention: records below `offset` are gone. NotFound; InvalidArgument past the end.
  Status AdvanceLogStart(const TopicPartition& partition, int64_t offset);
  /// Appends committed records outside any transaction, without faults. The record's partition, else by key.
  Status Append(const std::string& topic, std::span<const OutgoingRecord> records);
  /// What a read_committed consumer sees, partition after partition, in offset order. NotFound.
  Result<std::vector<StoredRecord>> Committed(const std::string& topic) const;
  /// Every data record in the log, those of open and aborted transactions too.
  Result<std::vector<StoredRecord>> Uncommitted(const std::string& topic) const;
  /// Last stable offset, which lags behind the end by what open transactions wrote.
  Result<int64_t> StableEnd(const TopicPartition& partition) const;
  /// Empty for a group that nobody committed for.
  GroupOffsets OffsetsOfGroup(const std::string& group) const;
  /// Ids with an open transaction, sorted: none is left behind by a job that ended.
  std::vector<std::string> OpenTransactions() const;
  /// True while some partition has not learnt yet how a transaction ended (MemoryFault::Kind::kLateMarkers): what is
  /// visible of it is a part.
  bool MarkersPending() const;

 private:
  std::shared_ptr<MemoryCluster> cluster_;
};

/// One process's connection. Safe from any thread. Producers and consumers may outlive it.
class MemoryClient : public LogBroker {
 public:
  explicit MemoryClient(std::shared_ptr<MemoryCluster> cluster);
  ~MemoryClient() override;

  /// From here on every call through this client, its producers and its consumers is an error without effect, and no
  /// waker of theirs is called: the process died. Not undone by anything; later calls answer Unavailable or kFailed.
  void Kill();

  Result<std::string> ClusterId() override;
  std::string Address() const override { return "memory"; }
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
  std::shared_ptr<MemoryCluster> cluster_;
  std::shared_ptr<bool> alive_;   // Guarded by the cluster's lock.
};

}  // namespace weir
