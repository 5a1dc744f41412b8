// The log-broker seam, at the level of a Kafka client's calls and classes of error. The commit protocol, claims,
// the witness and producer replacement are written once against it and run on Kafka (connectors/kafka), on the
// in-memory broker (connectors/memory) and in the simulator, which are held to each other by one contract suite.
//
// Blocking calls say so and take a time-out; the engine makes them on a queue of their own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/executor.h"
#include "runtime/base/status.h"
#include "runtime/io/sink.h"
#include "runtime/io/source.h"

namespace weir {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

struct TopicInfo {
  std::string name;
  int32_t partitions = 0;
  std::map<std::string, std::string> config;   ///< Only where asked for; Kafka's own names.
};

struct NewTopic {
  std::string name;
  int32_t partitions = 1;
  int32_t replication = -1;                    ///< -1: the broker's default.
  std::map<std::string, std::string> config;
};

/// What a transactional call came to. After the first CommitSlice of a transaction anything but kOk and kRetriable
/// means that the outcome is unknown.
enum class TxnResult {
  kOk,
  kRetriable,  ///< Call again: it goes on where it was.
  kFenced,     ///< A newer producer of this id exists, or the broker timed the transaction out: look before judging.
  kFailed,     ///< Anything else.
};
struct TxnOutcome {
  TxnResult result = TxnResult::kOk;
  std::string error;   ///< The client's words, empty for kOk.
  bool ok() const { return result == TxnResult::kOk; }
};

struct ProducerConfig {
  std::string transactional_id;              ///< Empty: idempotent, without transactions ("guarantees off").
  Duration transaction_timeout = std::chrono::seconds(90);
};

struct ConsumerConfig {
  uint64_t prefetch_bytes_per_partition = 0;   ///< What it may fetch ahead; zero: as it likes.
};

/// Produce, outstanding and failure: safe from any thread. Transactional calls: one thread at a time.
/// Destroying it never flushes, commits or aborts: what was not committed stays so, for the next Init to abort.
class LogProducer {
 public:
  virtual ~LogProducer() = default;

  /// Blocks. Fences every earlier producer of the id and finishes its transaction.
  virtual TxnOutcome Init(Duration timeout) = 0;
  /// Local, does not block.
  virtual TxnOutcome Begin() = 0;
  /// Takes a prefix of `records` and returns its length; less than all means that the client's queue is full: the
  /// waker of SetWaker is called when there is room. partition -1 = by murmur2 of the key, or any.
  virtual Result<size_t> Produce(const std::string& topic, std::span<const OutgoingRecord> records) = 0;
  /// Blocks up to `timeout`; kOk: nothing is outstanding and nothing failed. kRetriable: still outstanding.
  virtual TxnOutcome Flush(Duration timeout) = 0;
  /// Blocks up to `timeout`: flushes, then ends the transaction with commit. Resumable: while it returns kRetriable call it again.
  virtual TxnOutcome CommitSlice(Duration timeout) = 0;
  /// Blocks. Only before the first CommitSlice of the transaction.
  virtual TxnOutcome Abort(Duration timeout) = 0;

  /// Records taken and not yet acknowledged by the broker.
  virtual int64_t outstanding() const = 0;
  /// The first delivery that failed since Begin, with topic, partition and reason.
  virtual std::optional<std::string> failure() const = 0;
  /// EndTxn requests really sent for the current or last transaction; more than one calls for a new producer.
  virtual int end_txn_sent() const = 0;
  /// Woken when Produce may be tried again after it was full. Any number of wakers; they outlive the producer.
  virtual void AddWaker(Waker* waker) = 0;
};

struct ConsumedRecord {
  RawRecord record;
  std::string_view topic;
  int32_t partition = 0;
};

struct PollResult {
  size_t records = 0;
  int64_t next_offset = -1;    ///< Position after what was handed out, -1 before the first; past control records at the end.
  bool at_end = false;         ///< Nothing more to read now: the position is the last stable offset.
};

/// Manual assignment only, read_committed, no group, no stored offsets; an offset out of range is an error.
/// One thread at a time. The waker may be called from any thread.
class LogConsumer {
 public:
  virtual ~LogConsumer() = default;
  /// Adds a partition to what is read, from `offset`; assigned indices count from zero. Bounded blocking (metadata).
  virtual Status Assign(const TopicPartition& partition, int64_t offset) = 0;
  /// Hands at most `records_max` records of the `index`-th partition to `visit`, whose exceptions come out. Never blocks.
  /// Aborted: offset below the log start or past its end, naming topic, partition, offset and the log's bounds.
  virtual Result<PollResult> Poll(size_t index, size_t records_max, const RawVisitor& visit) = 0;
  /// Called when there may be records to poll, or an end was reached.
  virtual void SetWaker(Waker* waker) = 0;
  /// End of the partition as last heard of, -1 where unknown (for lag only).
  virtual int64_t KnownEnd(size_t index) const = 0;
};

using GroupOffsets = std::map<TopicPartition, int64_t>;

struct OffsetRange {
  int64_t begin = 0;   ///< Log start.
  int64_t end = 0;     ///< High watermark.
};

/// One cluster. Safe from any thread. Every call blocks up to the client's own time-out and then answers
/// Unavailable; what the broker refuses is InvalidArgument, a missing topic NotFound.
class LogBroker {
 public:
  virtual ~LogBroker() = default;
  virtual Result<std::string> ClusterId() = 0;
  /// Where it was said to be, for a command that a person may copy: host:port, comma separated. Asks nobody.
  virtual std::string Address() const = 0;
  /// Refuses a cluster that takes transactional records without asking whether their transaction is open: one that was
  /// delayed could become part of the next one. OK where the cluster will not say.
  virtual Status CheckTransactions() = 0;
  virtual Result<std::vector<TopicInfo>> ListTopics() = 0;
  virtual Result<TopicInfo> DescribeTopic(const std::string& topic) = 0;
  /// One that exists is left as it is: another process may create the same topic at the same moment.
  virtual Status CreateTopic(const NewTopic& topic) = 0;
  virtual Result<OffsetRange> Offsets(const TopicPartition& partition) = 0;
  /// The first offset whose timestamp is >= `millis`, or the end.
  virtual Result<int64_t> OffsetForTime(const TopicPartition& partition, int64_t millis) = 0;
  /// Largest record that the topic takes (its max.message.bytes less the framing).
  virtual Result<uint64_t> RecordBytesMax(const std::string& topic) = 0;
  /// Offsets of a consumer group without members, for tools that watch lag: the next record to be read of each partition.
  virtual Status CommitGroupOffsets(const std::string& group, const GroupOffsets& offsets) = 0;
  virtual Result<std::unique_ptr<LogProducer>> NewProducer(const ProducerConfig& config) = 0;
  virtual Result<std::unique_ptr<LogConsumer>> NewConsumer(const ConsumerConfig& config = {}) = 0;
};

}  // namespace weir
