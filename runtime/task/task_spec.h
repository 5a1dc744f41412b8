// What a task is made of, and what it tells its engine.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/executor.h"
#include "runtime/io/epoch_quota.h"
#include "runtime/task/operator.h"
#include "runtime/task/outlet.h"
#include "runtime/task/state_budget.h"
#include "state/state_store.h"

namespace weir {

/// Who consumes a port of a chained operator.
struct Consumer {
  enum class Kind { kNode, kOutlet };
  uint32_t port = kMainPort;
  Kind kind = Kind::kNode;
  uint32_t index = 0;   ///< Of the node in this task, or of the outlet.
  uint32_t input = 0;   ///< Input number at the consuming node.
};

struct ChainNode {
  std::unique_ptr<Operator> op;
  OperatorContext context;                   ///< What Open gets; its `state` is this node's.
  SourceOperator* source = nullptr;          ///< The same object as `op`, if it is a source.
  std::unique_ptr<StateStore> state;         ///< Null if stateless.
  std::optional<RestoredState> restored;     ///< What the state starts from; nothing: empty.
  std::vector<SplitAssignment> splits;       ///< What a source starts with.
  std::vector<Consumer> consumers;
};

struct TaskInput {
  Channel* channel = nullptr;
  uint32_t input = 0;   ///< Input number at the head of the chain.
};

/// What became of the rows that came into one operator: rows_in is the sum of the other three.
struct RowCounts {
  std::string operator_id;
  uint64_t rows_in = 0;
  uint64_t processed = 0;
  uint64_t late = 0;
  uint64_t poison = 0;
  friend bool operator==(const RowCounts&, const RowCounts&) = default;
};

/// A running task's share of checkpoint n.
struct TaskAcknowledgement {
  struct SourcePositions {
    std::string operator_id;
    std::vector<SplitPosition> splits;
  };
  struct Sealed {
    std::string operator_id;
    TaskIndex index;
    SealedEpoch epoch;
  };
  CheckpointId n;
  uint32_t task = 0;
  uint64_t rows_read = 0;   ///< By sources, since the task started.
  uint64_t poison = 0;      ///< Sent to the ledger, since the task started.
  Duration aligned{};       ///< From the first to the last of the task's inputs that brought the barrier.
  Duration fired{};         ///< Longest that a watermark took to be worked off, since the barrier before.
  uint64_t entries = 0;     ///< Of keyed state, at the barrier.
  std::vector<RowCounts> counts;   ///< Of operators that may find rows late, since the task started.
  std::vector<SourcePositions> positions;
  std::vector<StateSnapshot> states;
  std::vector<Sealed> sealed;
};

struct TaskReport {
  std::string operator_id;
  std::vector<SplitReport> splits;
};

/// The engine's ear. Called from task threads; must not block.
class TaskListener {
 public:
  virtual ~TaskListener() = default;
  /// Opened and restored: Run may be called.
  virtual void OnReady(uint32_t task) = 0;
  /// All of the task's output of epoch n has left it (its snapshot may still be on its way to the disk).
  virtual void OnSinksSealed(uint32_t task, CheckpointId n) = 0;
  virtual void OnAcknowledged(TaskAcknowledgement acknowledgement) = 0;
  virtual void OnFailed(uint32_t task, Status status) = 0;
  /// A source task has read the first rows of this run. Of use to whoever would else look only later.
  virtual void OnFirstRows(uint32_t /*task*/) {}
  /// All splits of a source task reached their bounded end.
  virtual void OnInputEnded(uint32_t task) = 0;
  virtual void OnReport(TaskReport report) = 0;
};

/// Counters that other threads may read while the task runs.
struct TaskCounters {
  std::atomic<uint64_t> rows_in{0};      ///< Rows read by a source or taken from channels.
  std::atomic<uint64_t> poison{0};       ///< Rows sent to the ledger.
  std::atomic<uint64_t> late{0};         ///< Rows whose windows, timers or joins were over.
  std::atomic<uint64_t> timers{0};       ///< Times that wall time or idleness changed something without a row.
  std::atomic<int64_t> watermark{kMinEventTime.millis};   ///< Of the task's input, in milliseconds.
};

/// Everything of a task that does not change while it runs.
struct TaskSpec {
  uint32_t id = 0;
  uint32_t source_node = 0;              ///< In the graph; of a source task.
  std::string name;                      ///< "totals-1": the head operator's id and the index.
  std::vector<ChainNode> nodes;          ///< In topological order, the head first.
  std::vector<TaskInput> inputs;
  std::vector<std::unique_ptr<Outlet>> outlets;
  TaskListener* listener = nullptr;
  SerialQueue* io = nullptr;             ///< The task's own.
  const Clock* clock = nullptr;
  StateBudget* state_budget = nullptr;   ///< Null: state is not counted.
  EpochQuota* quota = nullptr;           ///< Null: rows are not counted out (live).
  CheckpointId first_epoch{1};
  std::function<std::string(CheckpointId)> checkpoint_directory;
};

}  // namespace weir
