// What a byte sink promises. Sinks are addressed by epoch: Write(n, ...) any number of times, then Seal(n).
// There are two kinds, and operators know neither:
//   - a transactional sink (Kafka) whose output of epoch n becomes visible with the marker of checkpoint n;
//   - a staged sink (files, SQL) whose output is sealed into checkpoint n and published after n was witnessed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"

namespace weir {

class SerialQueue;
class Waker;

inline constexpr int64_t kNoTimestamp = -1;

/// One encoded record on its way out. Views live as long as the call they are passed to.
struct OutgoingRecord {
  std::string_view key;     ///< Data is null for no key.
  std::string_view value;   ///< Data is null for a tombstone.
  int64_t timestamp_ms = kNoTimestamp;
  int32_t partition = -1;   ///< -1: the sink chooses, by the key's murmur2 hash where there is a key.
};

/// What a staged sink puts into the manifest so that recovery can publish the epoch again.
struct StagedOutput {
  std::string bytes;        ///< Opaque to the engine; empty: nothing to publish.
};

/// What Seal reports when it is done.
struct SealedEpoch {
  uint64_t records = 0;     ///< Written under this epoch; each marker states the sum over all transactional sinks.
  StagedOutput staged;
};

/// One per sink task; used by that task's thread alone. Never blocks.
class SinkWriter {
 public:
  virtual ~SinkWriter() = default;
  /// Takes a prefix of `records` under `epoch` (the open one) and returns its length; less than all means full:
  /// offer the rest again after the waker was called. With no records it passes on what it holds, as far as it can.
  /// Errors end the engine.
  virtual Result<size_t> Write(CheckpointId epoch, std::span<const OutgoingRecord> records) = 0;
  /// No Write under `epoch` follows. Starts making its output durable as far as this sink does.
  virtual Status Seal(CheckpointId epoch) = 0;
  /// True, with `out` filled in once, as soon as all output of the sealed epoch is with the broker's client or on disk;
  /// false: ask again after the waker was called.
  virtual Result<bool> TakeSealed(CheckpointId epoch, SealedEpoch* out) = 0;
  /// Largest key + value that the target accepts; greater ones go to the poison ledger before they are written.
  virtual uint64_t record_bytes_max() const = 0;
};

/// Publishes staged epochs. Idempotent: recovery calls it again for the checkpoint it restores.
class StagedCommitter {
 public:
  virtual ~StagedCommitter() = default;
  /// May block; called from one queue. "Already there and the same" is OK.
  virtual Status Commit(const StagedOutput& staged) = 0;
  /// Removes unpublished leftovers of other attempts. Called once, after recovery committed.
  virtual Status RemoveOrphans() = 0;
};

class TransactionGate;

/// How a running engine describes itself to its sinks.
struct SinkContext {
  std::string job;
  std::string operator_id;
  Id128 incarnation;
  Id128 attempt;
  TaskIndex index;
  uint32_t parallelism = 1;
  TransactionGate* gate = nullptr;   ///< Null unless the job has transactional sinks.
};

/// Factory, one a sink operator of a running job.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// True if its output is carried by the job's Kafka transaction (then there is no committer).
  virtual bool transactional() const = 0;
  /// Checks the target before anything starts (topic exists or is created on request, folder can be written).
  virtual Status Prepare() = 0;
  /// `io`: the task's queue for slow work; `waker` wakes the task. Both outlive the writer.
  virtual Result<std::unique_ptr<SinkWriter>> NewWriter(const SinkContext& context, SerialQueue& io, Waker& waker) = 0;
  /// Null for a transactional sink.
  virtual std::unique_ptr<StagedCommitter> NewCommitter(const SinkContext& context) = 0;
};

}  // namespace weir
