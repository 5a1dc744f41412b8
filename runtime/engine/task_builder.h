// Turns a graph and a physical plan into tasks joined by channels, each with its operators, its state and what it
// starts from.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/checkpoint/checkpoint_paths.h"
#include "runtime/checkpoint/manifest.h"
#include "runtime/engine/engine_options.h"
#include "runtime/graph/job_graph.h"
#include "runtime/io/epoch_quota.h"
#include "runtime/io/transaction_gate.h"
#include "runtime/task/task.h"

namespace weir {

/// Where a source starts: its splits by the index of the graph's node.
using SplitsOfNode = std::map<uint32_t, std::vector<SplitAssignment>>;

/// What the tasks of one engine are built from. All pointers outlive the tasks.
struct TaskBuildInput {
  const JobGraph* graph = nullptr;
  const PhysicalPlan* plan = nullptr;
  const EngineOptions* options = nullptr;
  EngineSeams seams;
  const CheckpointPaths* paths = nullptr;
  Id128 incarnation;
  Id128 attempt;
  CheckpointId first_epoch{1};
  const Manifest* restored = nullptr;        ///< Null for a fresh start.
  std::map<uint32_t, SplitSource*> sources;  ///< By node.
  std::map<uint32_t, RecordSink*> sinks;     ///< By node.
  SplitsOfNode splits;
  TransactionGate* gate = nullptr;
  EpochQuota* quota = nullptr;
  PacingBoard* pacing = nullptr;
  PoisonBudget* poison = nullptr;
  StateBudget* state_budget = nullptr;
  TaskListener* listener = nullptr;
  Logger logger;
};

/// The tasks of a running job and what joins them. Destroyed after the executor stopped.
struct BuiltTasks {
  struct SourceTask {
    uint32_t task = 0;
    uint32_t node = 0;
  };
  std::vector<std::unique_ptr<Channel>> channels;
  std::vector<std::unique_ptr<Task>> tasks;
  std::vector<SourceTask> sources;                ///< In the order of their splits' placement, node by node.
  std::vector<uint32_t> transactional_tasks;      ///< Tasks with a transactional sink.

  /// The task of source `node` that owns a split with this placement.
  uint32_t SourceTaskFor(uint32_t node, uint32_t placement) const;
};

/// Adds every task to the executor; none is stepped before Task::Open.
BuiltTasks BuildTasks(const TaskBuildInput& input);

}  // namespace weir
