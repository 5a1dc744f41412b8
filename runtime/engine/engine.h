// Runs one job: recovers it, places its tasks, drives its checkpoints, and ends when it is done, told to, or broken.
// A broken engine is never repaired: its owner destroys it and builds a new one, which goes on from the last committed
// checkpoint.
//
//   Engine engine(graph, options, seams, logger);
//   engine.Start();
//   ... until engine.outcome() ...          then seams.executor->Stop(), and destroy it
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/checkpoint/checkpoint_store.h"
#include "runtime/checkpoint/coordinator.h"
#include "runtime/engine/broker_watch.h"
#include "runtime/engine/commit_shell.h"
#include "runtime/engine/engine_options.h"
#include "runtime/engine/manifest_builder.h"
#include "runtime/engine/poison_limit.h"
#include "runtime/engine/state_limit.h"
#include "runtime/engine/progress_board.h"
#include "runtime/engine/source_plan.h"
#include "runtime/engine/status_line.h"
#include "runtime/engine/task_builder.h"
#include "runtime/graph/job_graph.h"
#include "runtime/time/pacing_board.h"

namespace weir {

/// Sums since this engine started.
struct EngineCounters {
  uint64_t rows_read = 0;          ///< By all sources.
  uint64_t poison = 0;
  uint64_t late = 0;
  uint64_t commits = 0;
  uint64_t entries_max = 0;        ///< Of keyed state, at a checkpoint.
  Duration stalled{};              ///< Time in which a sink could take no more because its epoch was not open.
  std::map<std::string, uint64_t> rows_through_exchange;   ///< By the producing operator's id.
};

/// Steps belong to its worker; the other public calls are safe from any thread. The coordinator of the job runs in
/// this step loop: all that is slow is posted to queues and comes back through the mailbox.
class Engine final : public Steppable, private TaskListener, private CommitHost {
 public:
  /// REQUIRES: graph.Problems() is empty. `graph` and what `seams` points to outlive it.
  Engine(const JobGraph& graph, EngineOptions options, EngineSeams seams, Logger logger);
  ~Engine() override;

  /// Called once. `on_outcome` is called from the step loop as soon as outcome() is known.
  void Start(std::function<void()> on_outcome = {});
  /// Ends the run with a last checkpoint; outcome() follows.
  void RequestStop(RunEnd end);
  std::optional<EngineOutcome> outcome() const;
  EngineCounters counters() const;
  /// True once it was restored and reads.
  bool running() const { return running_.load(); }
  CheckpointId committed() const { return CheckpointId{committed_.load()}; }
  const Id128& attempt() const { return attempt_; }
  /// For whoever runs everything on one thread, as a simulation does: nothing guards them.
  const BuiltTasks& tasks() const { return built_; }

  Next Step() override;

 private:
  // TaskListener; from task threads.
  void OnReady(uint32_t task) override;
  void OnSinksSealed(uint32_t task, CheckpointId n) override;
  void OnAcknowledged(TaskAcknowledgement acknowledgement) override;
  void OnFailed(uint32_t task, Status status) override;
  void OnFirstRows(uint32_t task) override;
  void OnInputEnded(uint32_t task) override;
  void OnReport(TaskReport report) override;

  // CommitHost; on the coordinator.
  void RestoreCommitted(const RestoreCheckpoint& action) override;
  void StartFromNothing(const StartFresh& action) override;
  void EpochOpened(CheckpointId n) override;
  void OutputFlushed(CheckpointId n) override;
  void Committed(const CommitPermit& permit) override;
  void RebuildWanted(Status status) override;
  void ExitWanted(ExitReason reason, Status status) override;

  // engine_start.cc: from Start to the first step of the tasks.
  void OpenStore();
  void OpenConnectors();
  void ConnectorsOpened(const Status& status, Instant asked);
  void ChooseFromCurrent();
  void Restore(CommitPermit permit, std::string manifest_sha256);
  void ManifestRead(Result<Manifest> manifest);
  /// Of a run that is over for good; `verdict` says so, or is OK.
  void PublishLast(const Status& verdict);
  void PlanSplits();
  void SplitsPlanned(Result<PlannedSplits> planned);
  void BuildAndOpenTasks();
  /// The memory for reading ahead, divided among all splits.
  void SharePrefetch();
  int64_t PacingAheadMs() const;
  /// What recovery owes of the restored checkpoint, if there is one; and what earlier attempts left goes.
  Status PublishRestored();
  void TasksReady();
  void RunTasks();
  Status OpenConnectorsOnQueue();
  Status OpenSource(uint32_t node, const Bindings& bindings);
  Status OpenSink(uint32_t node, const Bindings& bindings);
  Status CheckBroker();
  Status CheckMarkerTopic(bool* missing);
  Status CreateMarkerTopic();
  GraphFacts Facts() const;

  // engine_checkpoint.cc: the life of checkpoints.
  void Perform(const CoordinatorActions& actions);
  void Perform(const CoordinatorAction& action);
  void Trigger(CheckpointId n, BarrierKind kind);
  void WriteManifestOf(CheckpointId n);
  void FlushPlain(CheckpointId n);
  void Publish(const CommitPermit& permit);
  void Collect(const CommitPermit& permit);
  /// Once all that Collect was called for is gone.
  void FinishBehindCollection();
  void AdvanceCheckpoints();
  Status PublishStaged(const std::vector<ManifestStaged>& staged);
  Manifest ManifestHead() const;

  // engine.cc
  void Post(std::function<void()> closure) { mailbox_.Put(std::move(closure)); }
  void Fail(Status status);
  void End(EngineOutcome::Kind kind, Status status);
  void DiscoverSplits();
  void AskBroker(Instant now);
  /// Whether what a commit needs is there: a broker that is cut off from the others answers AskBroker.
  void WatchCommit(Instant now);
  void AdvanceStatus(Instant now);
  std::string DescribeCheckpoint() const;
  std::string DescribeStart() const;
  Instant Now() const { return seams_.clock->Now(); }
  bool transactional() const { return transactional_; }
  uint64_t RowsRead() const;
  /// Times that wall time or idleness changed something without a row.
  uint64_t TimersFired() const;

  const JobGraph& graph_;
  const EngineOptions options_;
  const EngineSeams seams_;
  const Logger logger_;
  const bool transactional_;   ///< Commits by marker.
  const PhysicalPlan plan_;
  const Id128 attempt_;
  const CheckpointPaths paths_;

  Mailbox<std::function<void()>> mailbox_;
  Waker* waker_ = nullptr;
  std::function<void()> on_outcome_;
  SerialQueue* disk_ = nullptr;          ///< Checkpoint store and staged commits.
  SerialQueue* housekeeping_ = nullptr;  ///< Collecting old checkpoints.
  SerialQueue* watchers_ = nullptr;      ///< Showing progress, which may take as long as it likes.
  SerialQueue* brokers_ = nullptr;       ///< Metadata calls of connectors.

  CheckpointStore store_;
  CheckpointStore collector_;
  std::unique_ptr<FileLock> job_lock_;
  std::unique_ptr<FileLock> work_lock_;
  LocalFacts local_;
  std::map<uint32_t, std::unique_ptr<SplitSource>> sources_;
  std::map<uint32_t, std::unique_ptr<RecordSink>> sinks_;
  std::map<std::string, std::unique_ptr<StagedCommitter>> committers_;   ///< By operator id.

  TransactionGate gate_;
  std::unique_ptr<CommitShell> commit_;
  std::shared_ptr<LogProducer> plain_producer_;   ///< "Guarantees off".
  std::optional<CommitPermit> restored_permit_;
  std::optional<Manifest> restored_;
  Id128 incarnation_;
  CheckpointId last_committed_;
  PlannedSplits splits_;
  std::unique_ptr<EpochQuota> quota_;
  std::unique_ptr<PacingBoard> pacing_;
  PoisonLimit poison_;
  StateLimit state_limit_;
  BuiltTasks built_;
  size_t tasks_ready_ = 0;

  std::optional<Coordinator> coordinator_;
  std::optional<RunEnd> stop_requested_;          ///< Before there was a coordinator.
  std::set<uint32_t> input_left_;                 ///< Source tasks that have not ended.
  bool sources_ended_ = false;
  uint64_t rows_at_trigger_ = 0;
  uint64_t timers_at_trigger_ = 0;
  BarrierKind kind_in_flight_ = BarrierKind::kOrdinary;
  std::optional<ManifestBuilder> manifest_;
  std::optional<PreparedCheckpoint> prepared_;
  std::vector<ManifestStaged> staged_;
  std::vector<SourceState> positions_;            ///< Of the checkpoint in flight, like the two above.
  std::optional<ProgressBoard> progress_;

  StatusLine status_line_;
  Instant discover_at_ = Instant::max();
  Instant retry_at_ = Instant::max();
  Instant ask_broker_at_ = Instant::max();
  uint64_t rows_when_asked_ = 0;
  BrokerWatch broker_;
  BrokerWatch committing_;
  Instant committed_at_{};

  std::atomic<bool> running_{false};
  std::atomic<uint64_t> committed_{0};
  std::atomic<uint64_t> commits_{0};
  std::atomic<uint64_t> entries_max_{0};
  mutable std::mutex outcome_mutex_;
  std::optional<EngineOutcome> outcome_;   // guarded by outcome_mutex_
  bool over_ = false;
};

}  // namespace weir
