// Internal: the tasks of a cut operator, on a simulated disk and in virtual time; barriers through them, and starts from what
// a barrier left. The tasks, channels and stores are those of every job; what is missing of an engine is its coordinator.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "environment/operator_cut.h"
#include "runtime/base/simulated_file_system.h"
#include "runtime/engine/task_builder.h"
#include "runtime/task/simulated_executor.h"
#include "state/simulated_base_store.h"

namespace weir::internal {

class OperatorRun;

/// Of one run.
struct OperatorCheckpoint {
  const OperatorRun* of = nullptr;
  Manifest manifest;
  std::vector<std::vector<size_t>> fed;   ///< By input and split.
};

/// One thread.
class OperatorRun {
 public:
  OperatorRun(OperatorCut cut, uint32_t parallelism, uint32_t splits, size_t channel_messages_max, uint64_t seed);
  ~OperatorRun();

  const OperatorCut& cut() const { return cut_; }
  const std::string& id() const { return cut_.graph.nodes[cut_.op].id; }

  void RunAll();
  /// False if there was nothing to do at this instant.
  bool RunOne() { return executor_->RunOne(); }
  /// Virtual time goes on, and what is due on the way happens.
  void Advance(Duration duration);
  int64_t wall_ms() const { return clock_.WallMillis(); }

  /// As soon as all tasks have acknowledged it. Null where one has failed.
  std::shared_ptr<const OperatorCheckpoint> TakeBarrier(BarrierKind kind);
  /// Ends the tasks. Input and output after the checkpoint are forgotten; parallelism 0: as it is.
  void Restart(const OperatorCheckpoint& from, uint32_t parallelism);

  /// Batches of outputs, those for which `wanted(output, batch)`.
  std::vector<BatchPtr> Take(const std::function<bool(const TakenOutput&, const BatchBase&)>& wanted);

  const Status& failure() const;
  bool drained() const { return drained_; }
  void ForEachState(const std::function<void(const StateStore&)>& visit) const;

 private:
  class Ear;
  class AnyPoison;
  void Start(const Manifest* restored);
  void End();
  Manifest ManifestOf(CheckpointId n);

  EngineOptions options_;
  SimulatedClock clock_;
  SeededRandom random_;
  SimulatedDisk disk_;
  const std::unique_ptr<SimulatedFileSystem> files_;
  SimulatedBaseStoreFactory base_;
  FedSplits fed_splits_;
  const std::unique_ptr<PoisonBudget> any_poison_;
  const OperatorCut cut_;
  const CheckpointPaths paths_;
  uint32_t parallelism_;

  // Of the current start.
  Id128 attempt_;
  CheckpointId epoch_;
  PhysicalPlan plan_;
  std::unique_ptr<SimulatedExecutor> executor_;
  std::unique_ptr<Ear> ear_;
  BuiltTasks built_;
  bool drained_ = false;
};

}  // namespace weir::internal
