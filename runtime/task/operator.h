// The operator contract: what the engine calls, when, and what an operator may do. Users write typed functions
// (operators/); this is the untyped face that the step loop knows.
//
// Order of calls: Open once; then Process, Flush and Seal on one thread, the task's, in the order of the stream;
// an operator never blocks, never reads a clock or a random source but its context's, and never keeps a batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"
#include "runtime/channel/message.h"
#include "runtime/io/sink.h"
#include "runtime/io/source.h"

namespace weir {

class Clock;
class SerialQueue;
class StateStore;
class Waker;

/// Where an operator's rows come out. The main stream, and the records that could not be processed.
inline constexpr uint32_t kMainPort = 0;
inline constexpr uint32_t kPoisonPort = 1;

/// Passes batches on to whatever consumes a port. Valid during the call it is passed to.
class Emitter {
 public:
  virtual ~Emitter() = default;
  virtual Status Emit(uint32_t port, BatchPtr batch) = 0;
};

/// How many records may be undecodable or too large before the job stops. Shared by the tasks of a job.
class PoisonBudget {
 public:
  virtual ~PoisonBudget() = default;
  /// Accounts for one poison record; `what` describes it. UserError: stop the job at it. Safe from any thread.
  virtual Status Charge(const std::string& what) = 0;
};

/// What a running engine lends to an operator. All outlive it.
struct OperatorContext {
  std::string operator_id;
  TaskIndex index;
  CheckpointId first_epoch{1};
  uint32_t parallelism = 1;
  uint16_t key_groups = kDefaultKeyGroups;
  KeyGroupRange groups;
  StateStore* state = nullptr;      ///< Null unless the node says that it is stateful.
  SplitSource* splits = nullptr;    ///< Sources only.
  RecordSink* sink = nullptr;       ///< Sinks only.
  SinkContext sink_context;         ///< Sinks only.
  SerialQueue* io = nullptr;
  Waker* waker = nullptr;
  const Clock* clock = nullptr;
  PoisonBudget* poison = nullptr;
  Logger logger;
};

/// The defaults are in operator.cc: every program with an operator of its own would compile them again.
class Operator {
 public:
  virtual ~Operator();

  /// Registers state. Called before the state is restored and before anything else; may block for a bounded time.
  virtual Status Open(const OperatorContext& context);

  /// Takes one batch of input `input` (an index into the node's edges) and emits what follows from it.
  virtual Status Process(uint32_t input, BatchPtr batch, Emitter& out) = 0;

  /// Emits what was held back only for speed (pre-aggregation). Called before every barrier, and when the task
  /// has nothing else to do.
  virtual Status Flush(Emitter& out);

  /// Drain: emits all that waits for more input. Called once, before Flush of the final barrier.
  virtual Status Finish(Emitter& out);

  /// Barrier n was taken: nothing emitted later belongs to epoch n.
  virtual Status Seal(CheckpointId n);

  /// True, with `sealed` filled in once, when all output of epoch n has left this operator; false: ask again in a later
  /// step. Only sinks have output of their own.
  virtual Result<bool> TakeSealed(CheckpointId n, SealedEpoch* sealed);

  /// Tries to pass on rows that were refused earlier. True when nothing is left: until then the task takes no more
  /// input (back-pressure), but still saves its snapshot.
  virtual Result<bool> Drain();
};

/// Where a split stands, for the status line.
struct SplitReport {
  std::string split;
  int64_t next_offset = 0;
  int64_t lag = -1;          ///< Records behind the end of the split, -1 where unknown.
  SplitState state = SplitState::kWaiting;
};

/// The head of a source task's chain. Process is never called.
class SourceOperator : public Operator {
 public:
  Status Process(uint32_t input, BatchPtr batch, Emitter& out) final;

  virtual Status AddSplit(const SplitAssignment& assignment) = 0;
  /// Reads and emits at most `rows_max` rows from the splits in turn.
  virtual Result<ReadResult> Poll(size_t rows_max, Emitter& out) = 0;
  /// Reads at most one row and keeps it for the next Poll, so that the end of the input is known before another epoch
  /// is begun for it. Rows: that one is there. None: as Poll.
  virtual Result<ReadResult> LookAhead() = 0;
  /// Positions after the last row emitted.
  virtual std::vector<SplitPosition> Positions() const = 0;
  virtual std::vector<SplitReport> Report() const = 0;
};

}  // namespace weir
