// The operator contract: what the engine calls, when, and what an operator may do. Users write typed functions
// (operators/); this is the untyped face that the step loop knows.
//
// Order of calls: Open once; then Process, OnWatermark, Flush and Seal on one thread, the task's, in the order of the
// stream; an operator never blocks, never reads a clock or a random source but its context's, and never keeps a batch (but
// see GoOn).
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/ids.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"
#include "runtime/channel/message.h"
#include "runtime/time/watermark_merge.h"
#include "runtime/io/sink.h"
#include "runtime/io/source.h"

namespace weir {

class Clock;
class SerialQueue;
class StateStore;
class Waker;

/// Where an operator's rows come out: the main stream, the records that could not be processed, the rows that came when
/// what they belong to was over (of an operator with two inputs those of the second one apart: they are of another type); from
/// kFirstSidePort on the side outputs of an operator that has some.
inline constexpr uint32_t kMainPort = 0;
inline constexpr uint32_t kPoisonPort = 1;
inline constexpr uint32_t kLatePort = 2;
inline constexpr uint32_t kLateRightPort = 3;
inline constexpr uint32_t kFirstSidePort = 4;
inline constexpr bool IsLatePort(uint32_t port) { return port == kLatePort || port == kLateRightPort; }

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

class PacingBoard;

/// What a source is told of event time.
struct SourceTimeContext {
  bool needed = false;                  ///< An operator downstream works by event time.
  bool origins = false;                 ///< An operator downstream wants to know where rows were read.
  bool ended_splits_hold = false;       ///< The run ends with a stop: a later one goes on from the ends of the splits.
  Duration idle_after = Duration::zero();      ///< Zero: a split is never idle for being quiet.
  Duration ahead_of_broker_max = Duration::max();  ///< Rows further ahead of their record's own time are poison.
  int64_t watermark_step_ms = 0;        ///< Event time worth a watermark of its own.
  PacingBoard* pacing = nullptr;
  uint32_t pacing_member = 0;
};

/// What a running engine lends to an operator. All outlive it.
/// What one event calls for is worked off in steps of about so many rows, so that none takes long.
#ifdef WEIR_ADVERSE
inline constexpr size_t kRowsPerStep = 2;
#else
inline constexpr size_t kRowsPerStep = 1024;
#endif

struct OperatorContext {
  std::string operator_id;
  TaskIndex index;
  CheckpointId first_epoch{1};
  uint32_t parallelism = 1;
  uint16_t key_groups = kDefaultKeyGroups;
  KeyGroupRange groups;
  StateStore* state = nullptr;      ///< Null unless the node says that it is stateful.
  SplitSource* splits = nullptr;    ///< Sources only.
  SourceTimeContext time;           ///< Sources only.
  bool has_times = false;           ///< Rows that come in have event times.
  size_t rows_per_step = kRowsPerStep;
  RecordSink* sink = nullptr;       ///< Sinks only.
  SinkContext sink_context;         ///< Sinks only.
  SerialQueue* io = nullptr;
  Waker* waker = nullptr;
  const Clock* clock = nullptr;
  PoisonBudget* poison = nullptr;
  Logger logger;
};

inline constexpr int64_t kNoWallTimer = std::numeric_limits<int64_t>::max();

/// The defaults are in operator.cc: every program with an operator of its own would compile them again.
class Operator {
 public:
  virtual ~Operator();

  /// Registers state. Called before the state is restored and before anything else; may block for a bounded time.
  virtual Status Open(const OperatorContext& context);

  /// Takes one batch of input `input` (an index into the node's edges) and emits what follows from it.
  virtual Status Process(uint32_t input, BatchPtr batch, Emitter& out) = 0;

  /// Of an operator whose rows may give very much: true while it keeps a batch of which Process has left a part. Only the
  /// first operator of a task may, as one with several inputs always is.
  virtual bool keeps_rows() const;
  /// Goes on with that part: bounded work and output. No row, watermark or barrier comes before keeps_rows() is false.
  virtual Status GoOn(Emitter& out);

  /// Every row on time that is earlier than `watermark` was processed: emits what that completes. It rises with each
  /// new one; kMaxEventTime says that the input is drained. Bounded work and output: false if more is left, and then it
  /// is called again with the same watermark before any row, watermark or barrier.
  virtual Result<bool> OnWatermark(EventTime watermark, Emitter& out);

  /// When OnWallTime is to be called next, in milliseconds of the context's wall clock; kNoWallTimer for never. Asked
  /// after each step.
  virtual int64_t NextWallTimer() const;
  /// Processing time has come to `now_ms`. As OnWatermark: false if more is left.
  virtual Result<bool> OnWallTime(int64_t now_ms, Emitter& out);

  /// Of an operator that may find rows late: how many rows took effect since the start. The task holds the sum of these,
  /// the late and the poison ones against what came in.
  virtual std::optional<uint64_t> rows_processed() const;

  /// Emits what was held back only for speed (pre-aggregation). Called before every barrier, and when the task says that it is
  /// idle, because event time then goes on without it. (What must not come behind a watermark is emitted by OnWatermark.)
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
  bool has_time = false;
  PathTime time;             ///< Its own watermark, and whether it is idle. Only with has_time.
  bool held = false;         ///< Pacing holds it back.
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
  /// Event time over all splits, after what was emitted. It never falls. kMinEventTime where rows have no event time.
  virtual PathTime Time() = 0;
  /// Worth a watermark of its own downstream, or only once nothing else is to do. Between two Polls.
  virtual bool TimeIsDue() = 0;
  /// Positions after the last row emitted.
  virtual std::vector<SplitPosition> Positions() const = 0;
  virtual std::vector<SplitReport> Report() const = 0;
};

}  // namespace weir
