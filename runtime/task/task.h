// A task: a chain of operators run as one unit at one parallel index, and the step loop that moves batches, takes
// barriers and saves snapshots. Each step is bounded; nothing in it waits.
//
// What a step does, in this order:
//   1. commands: barriers for sources, new splits, snapshots that became durable
//   2. the snapshot of the last barrier goes on, a slice at a time - also while output is blocked, else the
//      checkpoint that would unblock it could never complete
//   3. output that did not fit goes out first; while some is left no input is taken (back-pressure)
//   4. what a watermark completes, or a batch whose rows give very much, is emitted in pieces; until all of it is, no
//      input and no barrier is taken
//   5. processing-time timers that are due
//   6. input: a few batches from a source's splits or from the channels that are not held by alignment
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/checkpoint/barrier_aligner.h"
#include "runtime/task/task_spec.h"

namespace weir {

/// Commands are safe from any thread; Step belongs to the task's worker. Order: SetWaker, Open, and after the
/// listener heard OnReady, Run; of a source perhaps Hold before it.
class Task final : public Steppable {
 public:
  explicit Task(TaskSpec spec);
  ~Task() override;

  void SetWaker(Waker* waker);
  /// Sources, before Open.
  void JoinPacing(PacingBoard& board, Waker& waker);
  /// Opens the operators on the worker, then restores their state on the task's queue.
  void Open() { mailbox_.Put(OpenCommand{}); }
  void Run() { mailbox_.Put(RunCommand{false}); }
  /// As Run, but until Run follows the task only takes barriers and reads nothing.
  void Hold() { mailbox_.Put(RunCommand{true}); }
  /// For a node's StateStore; called on the task's queue.
  void OnSnapshot(uint32_t node, CheckpointId n, Result<StateSnapshot> snapshot);

  void TriggerBarrier(Barrier barrier) { mailbox_.Put(barrier); }
  void AddSplit(uint32_t node, SplitAssignment assignment) { mailbox_.Put(NewSplit{node, std::move(assignment)}); }
  void RequestReport() { mailbox_.Put(ReportRequest{}); }

  Next Step() override;

  const TaskSpec& spec() const { return spec_; }
  const TaskCounters& counters() const { return counters_; }
  bool is_source() const { return spec_.nodes.front().source != nullptr; }

 private:
  class NodeEmitter;
  struct SnapshotDone {
    uint32_t node;
    CheckpointId n;
    Result<StateSnapshot> snapshot;
  };
  struct NewSplit {
    uint32_t node;
    SplitAssignment assignment;
  };
  struct ReportRequest {};
  struct OpenCommand {};
  struct RestoreDone {
    Status status;
  };
  struct RunCommand {
    bool held;
  };
  using Command = std::variant<Barrier, SnapshotDone, NewSplit, ReportRequest, OpenCommand, RestoreDone, RunCommand>;

  /// What is still missing of the checkpoint that this task takes part in.
  struct Pending {
    TaskAcknowledgement acknowledgement;
    std::vector<bool> unsealed;          ///< By node.
    size_t snapshots_missing = 0;
    bool advancing = false;              ///< Frozen entries are still being saved.
    bool sealed_announced = false;
  };

  /// A watermark that is being worked off.
  struct Firing {
    PathTime time;
    uint32_t node = 0;        ///< The one that is at it; those before are done.
    Instant began;
  };
  struct NodeCounts {
    uint64_t rows_in = 0;
    uint64_t late = 0;
    uint64_t poison = 0;
    uint64_t state_bytes = 0;
  };

  Result<Next> TryStep();
  /// Input, timers, a barrier or a part of a firing: whatever is next. True if there was any.
  Result<bool> Work();
  Status HandleCommands();
  Status Handle(Command command);
  Status OpenOperators();
  Status RestoreState();
  Status AdvanceSnapshot();
  Status CollectSealed();
  void AcknowledgeIfComplete();
  Result<bool> PushOutput(bool all);
  Result<bool> PollSource();
  /// Its rows of this epoch are used up: does the input end with them?
  Result<bool> LookAhead();
  void AnnounceEnd();
  Result<bool> ReadChannels();
  Status Take(uint32_t input, Message message);
  /// With rows that the head of the chain has kept.
  Result<bool> GoOn();
  /// Event time of this task's input has changed: begins to work it off, and does a first part.
  Status OnTime(PathTime time);
  Status AdvanceFiring();
  /// Sources: passes on how far event time has come, if that is news.
  Status PassSourceTime();
  Result<bool> RunWallTimers();
  void WakeForTimers();
  /// Says how much state an operator holds, which may be too much.
  Status HoldState(uint32_t node);
  /// Every row that came into an operator ended as one of three.
  Status CountRows(TaskAcknowledgement& acknowledgement);
  Status TakeBarrier(Barrier barrier);
  /// For the context of a failure.
  static std::string Saving(CheckpointId n);
  Status Emit(uint32_t node, uint32_t port, BatchPtr batch);
  Status ProcessAt(uint32_t node, uint32_t input, BatchPtr batch);
  /// Names the operator in a failure, unless one that was called by it is named already.
  Status AtOperator(uint32_t node, const Status& status);

  TaskSpec spec_;
  TaskCounters counters_;
  Mailbox<Command> mailbox_;
  std::vector<std::unique_ptr<Emitter>> emitters_;
  std::optional<BarrierAligner> aligner_;    ///< Null for a source.
  std::optional<WatermarkMerge> merge_;      ///< Null for a source.
  PathTime time_;                            ///< Of the input, as far as it was worked off or is being.
  std::optional<Firing> firing_;
  Duration longest_firing_{};                ///< Since the last barrier.
  Instant aligning_since_{};                 ///< While the aligner holds an input.
  std::vector<NodeCounts> counts_;           ///< By node.
  CheckpointId epoch_{1};
  std::optional<Barrier> barrier_to_emit_;   ///< Sources: triggered, waits until output is pushed.
  std::optional<Pending> pending_;
  uint32_t next_input_ = 0;
  bool running_ = false;
  bool held_ = false;                        ///< Running, but not reading yet.
  Instant step_began_;
  bool no_more_input_ = false;               ///< After a last or final barrier.
  bool end_announced_ = false;
  bool operator_named_ = false;              ///< In the failure that ends this task.
  bool failed_ = false;
};

}  // namespace weir
