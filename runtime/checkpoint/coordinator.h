// The life of one engine's checkpoints: when barrier n is triggered, what has to happen before n may be committed, and
// how the run ends. Pure: facts in, decisions out.
//
//   idle --trigger--> snapshotting --all tasks acknowledged--> preparing --manifest durable, output flushed-->
//   committing --permit--> publishing --staged sinks done--> idle
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/barrier.h"
#include "runtime/base/clock.h"
#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/commit_permit.h"

namespace weir {

/// The two ends of a run; each has a barrier of its own kind.
enum class RunEnd { kStop, kDrain };

struct CoordinatorOptions {
  uint32_t tasks = 0;
  /// Of those, the ones that write to transactional sinks. None: the job commits by CURRENT.
  std::vector<uint32_t> transactional_tasks = {};
  /// A barrier is due this long after the one before; zero: never by time.
  Duration interval = std::chrono::seconds(1);
  /// The same for the first barrier of this engine, if that is sooner: what a crash delayed becomes visible at once.
  Duration first_interval = Duration::max();
  /// The first barrier of this engine is due at once, though nothing changed: where it starts is known to nobody else.
  bool start_counts = false;
  /// And after this many rows of all sources together (replay); zero: never by rows.
  uint64_t rows_per_barrier = 0;
  /// Least time between the end of a checkpoint and the next trigger, but for the last one.
  Duration min_pause = Duration::zero();
  /// From the trigger until manifest and output are durable.
  Duration timeout = std::chrono::seconds(40);
  /// How a run ends whose sources all reached their ends.
  RunEnd end_of_sources = RunEnd::kDrain;
};

// What the engine must do. In the order given.
struct TriggerBarrier { CheckpointId n; BarrierKind kind; };  ///< To all source tasks.
struct FlushSinks { CheckpointId n; };       ///< All output of epoch n is with the producer: make it durable there.
struct WriteManifest { CheckpointId n; };    ///< All tasks acknowledged.
struct CommitCheckpoint { CheckpointId n; }; ///< PREPARED and flushed: to the commit point, by marker or CURRENT.
struct PublishCheckpoint { CommitPermit permit; };  ///< Hint, staged sinks; then Published.
struct CollectCheckpoints { CommitPermit permit; }; ///< Retention; may run beside what follows.
struct AbortEngine { Status status; };       ///< Tear down, restore the last committed checkpoint. Nothing follows.
struct FinishRun { CheckpointId last; };     ///< The run is over, all of it committed. Nothing follows.
using CoordinatorAction = std::variant<TriggerBarrier, FlushSinks, WriteManifest, CommitCheckpoint, PublishCheckpoint,
                                       CollectCheckpoints, AbortEngine, FinishRun>;
using CoordinatorActions = std::vector<CoordinatorAction>;

/// One per engine; one thread. One checkpoint is in flight at a time, until it is published: were n+1 committed
/// before n is published, a crash between would lose what staged sinks hold of n. A failed checkpoint always ends the
/// engine, so numbers have no holes; an epoch without changes is not ended at all.
///
/// Every event returns what to do now. Events that do not fit the phase are broken invariants, except where said.
class Coordinator {
 public:
  enum class Phase { kIdle, kSnapshotting, kPreparing, kCommitting, kPublishing, kFinished, kAborted };

  /// `last`: the committed checkpoint this engine started from, zero for none.
  Coordinator(CoordinatorOptions options, CheckpointId last, Instant now);

  /// Sinks may write epoch n. A job with a Kafka sink triggers barrier n only after this; others need not call it.
  CoordinatorActions OnEpochOpened(CheckpointId n, Instant now);
  /// Rows of all sources since the last barrier, and whether anything that a checkpoint would save has changed since:
  /// positions, watermarks, timers, state. Without change no barrier is triggered. In any phase; the facts replace
  /// the ones before, and are taken as "nothing" again by each trigger.
  CoordinatorActions OnProgress(uint64_t rows, bool changed, Instant now);
  /// At deadline() or any other time.
  CoordinatorActions OnTick(Instant now);

  /// All output of epoch n of a task is with the producer, so that the flush need not wait for its snapshot.
  /// Optional; of no interest for tasks without a transactional sink.
  CoordinatorActions OnTaskSealed(CheckpointId n, uint32_t task, Instant now);
  /// A task has sealed, and saved its snapshot of n durably. Each task once a checkpoint.
  CoordinatorActions OnTaskAcknowledged(CheckpointId n, uint32_t task, Instant now);
  CoordinatorActions OnSinksFlushed(CheckpointId n, Instant now);
  CoordinatorActions OnManifestDurable(CheckpointId n, Instant now);
  CoordinatorActions OnCommitted(const CommitPermit& permit, Instant now);
  CoordinatorActions OnPublished(CheckpointId n, Instant now);
  /// Anything went wrong in any part of the engine. Once the run is over it is ignored.
  CoordinatorActions OnFailed(Status status);

  /// The user asked the run to end: with an ordinary last checkpoint, or a final one. The first request counts.
  CoordinatorActions OnStopRequested(RunEnd end, Instant now);
  /// All sources reached the ends they were given. Always makes a last checkpoint, which says so.
  CoordinatorActions OnSourcesEnded(Instant now);

  /// When to call OnTick at the latest.
  std::optional<Instant> deadline() const;

  Phase phase() const { return phase_; }
  /// The word for a phase in the status line, for example "snapshotting".
  static std::string_view PhaseName(Phase phase);
  /// The checkpoint in flight, or the next.
  CheckpointId current() const { return Next(committed_); }
  CheckpointId committed() const { return committed_; }
  /// When the checkpoint in flight was triggered.
  Instant triggered_at() const { return triggered_at_; }
  /// Tasks that have not acknowledged the checkpoint in flight, for people: "tasks 1, 4".
  std::string WaitingFor() const;

 private:
  CoordinatorActions TriggerIfDue(Instant now);
  bool Due(Instant now) const;
  CoordinatorActions Trigger(BarrierKind kind, Instant now);
  CoordinatorActions CommitIfReady();
  CoordinatorActions Abort(Status status);
  void ExpectInFlight(CheckpointId n, Phase from, Phase to, std::string_view event) const;
  bool over() const { return phase_ == Phase::kFinished || phase_ == Phase::kAborted; }
  bool transactional() const { return !options_.transactional_tasks.empty(); }
  bool epoch_open() const { return !transactional() || opened_ == current(); }

  const CoordinatorOptions options_;
  Phase phase_ = Phase::kIdle;
  CheckpointId committed_;
  CheckpointId opened_;

  // Of the open epoch.
  uint64_t rows_ = 0;
  bool changed_ = false;
  Instant epoch_began_;   ///< The trigger of the barrier before.
  Duration epoch_lasts_;  ///< By time; zero: for ever.
  Instant idle_since_;    ///< The end of the checkpoint before.
  std::optional<RunEnd> end_;  ///< The run is to end so.
  bool forced_;           ///< The next barrier is due, even if nothing changed.

  // Of the checkpoint in flight.
  Instant triggered_at_;
  BarrierKind kind_ = BarrierKind::kOrdinary;
  std::vector<bool> acknowledged_;
  std::vector<bool> sealed_;     ///< Of the transactional tasks; true for all others.
  bool flushed_ = false;
  bool durable_ = false;
  std::optional<CommitPermit> permit_;
};

}  // namespace weir
