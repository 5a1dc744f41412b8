// The life of checkpoints: performs what the coordinator decides, and brings it the facts it decides on.
#include <utility>

#include "runtime/base/crash_point.h"
#include "runtime/base/hash.h"
#include "runtime/base/mutant.h"
#include "runtime/base/overloaded.h"
#include "runtime/checkpoint/retention.h"
#include "runtime/engine/engine.h"
#include "runtime/engine/on_queue.h"

namespace weir {
namespace {

CrashPoint triggered_point{"checkpoint.triggered"};
CrashPoint prepared_point{"checkpoint.prepared"};
CrashPoint hint_point{"checkpoint.hint_written"};
CrashPoint collected_point{"checkpoint.collected"};

constexpr Duration kFlushSlice = std::chrono::seconds(1);

std::string Millis(Duration time) { return std::to_string(time / std::chrono::milliseconds(1)) + " ms"; }

std::string Named(CheckpointId n) { return "checkpoint " + std::to_string(n.value()); }

}  // namespace

void Engine::AdvanceCheckpoints() {
  uint64_t rows = RowsRead() - rows_at_trigger_;
  const bool changed = rows > 0 || TimersFired() > timers_at_trigger_;
  if (quota_ != nullptr) {
    // By the quota, not by the counters: only it knows that no task is still reading rows of this epoch.
    const uint64_t target = options_.replay.rows_per_barrier;
    rows = quota_->Exhausted(coordinator_->current()) ? target : std::min(rows, target - 1);
  }
  Perform(coordinator_->OnProgress(rows, changed, Now()));
  if (!over_) Perform(coordinator_->OnTick(Now()));
}

void Engine::Perform(const CoordinatorActions& actions) {
  for (const CoordinatorAction& action : actions) {
    if (over_) return;
    Perform(action);
  }
}

void Engine::Perform(const CoordinatorAction& action) {
  std::visit(Overloaded{
                 [&](const TriggerBarrier& trigger) { Trigger(trigger.n, trigger.kind); },
                 [&](const FlushSinks& flush) {
                   if (commit_ != nullptr) return commit_->Flush(flush.n);
                   FlushPlain(flush.n);
                 },
                 [&](const WriteManifest& write) { WriteManifestOf(write.n); },
                 [&](const CommitCheckpoint&) {
                   if (commit_ != nullptr) return commit_->Commit(*prepared_);
                   RunOnQueue(*disk_, mailbox_, [this] { return store_.WriteCurrent(*prepared_); },
                              [this](Result<CommitPermit> permit) {
                                if (!permit.ok()) return Fail(permit.status().WithContext(Named(prepared_->name.n)));
                                Committed(*permit);
                              });
                 },
                 [&](const PublishCheckpoint& publish) { Publish(publish.permit); },
                 [&](const CollectCheckpoints& collect) { Collect(collect.permit); },
                 [&](const AbortEngine& abort) { Fail(abort.status); },
                 [&](const FinishRun&) { FinishBehindCollection(); },
             },
             action);
}

void Engine::Trigger(CheckpointId n, BarrierKind kind) {
  logger_.Debug("triggered", "barrier", n.value());
  kind_in_flight_ = kind;
  manifest_.emplace(ManifestHead(), splits_.identities, splits_.ends);
  manifest_->SetNumber(n);
  prepared_.reset();
  RunOnQueue(*disk_, mailbox_, [this, n] { return store_.CreateCheckpoint({n, attempt_}); },
             [this, n, kind](Status status) {
               if (!status.ok()) return Fail(status.WithContext(Named(n)));
               triggered_point.Hit();
               rows_at_trigger_ = RowsRead();
               timers_at_trigger_ = TimersFired();
               if (quota_ != nullptr) quota_->StartEpoch(weir::Next(n), options_.replay.rows_per_barrier);
               for (const BuiltTasks::SourceTask& source : built_.sources) {
                 built_.tasks[source.task]->TriggerBarrier({n, kind});
               }
             });
}

Manifest Engine::ManifestHead() const {
  Manifest head;
  head.job = graph_.job;
  head.incarnation = incarnation_;
  head.attempt = attempt_;
  head.mode = options_.mode;
  head.drained = kind_in_flight_ == BarrierKind::kDrain;
  head.hash_version = kHashVersion;
  head.operators = OperatorsOf(graph_, plan_);
  if (restored_.has_value() && !Planted(Mutant::kCountsBeginAgain)) {
    head.counts = restored_->counts;
    head.operator_counts = restored_->operator_counts;
  }
  if (options_.mode == RunMode::kReplay) {
    head.replay = options_.replay;
    head.replay->finished = sources_ended_ && kind_in_flight_ != BarrierKind::kOrdinary;
  }
  return head;
}

void Engine::WriteManifestOf(CheckpointId n) {
  const uint64_t records = manifest_->records();
  Manifest manifest = manifest_->Finish();
  if (Planted(Mutant::kFinishedTooEarly) && manifest.replay) manifest.replay->finished = sources_ended_;
  staged_ = manifest.staged;
  positions_ = manifest.sources;
  RunOnQueue(*disk_, mailbox_, [this, manifest = std::move(manifest)] { return store_.WritePrepared(manifest); },
             [this, n, records](Result<PreparedCheckpoint> prepared) {
               if (!prepared.ok()) return Fail(prepared.status().WithContext(Named(n)));
               prepared_point.Hit();
               prepared_ = std::move(prepared).value();
               prepared_->records = records;
               if (Planted(Mutant::kPublishedBeforeTheCommit)) (void)PublishStaged(staged_);
               logger_.Debug("prepared", "durable", n.value());
               Perform(coordinator_->OnManifestDurable(n, Now()));
             });
}

void Engine::FlushPlain(CheckpointId n) {
  RunOnQueue(*brokers_, mailbox_, [producer = plain_producer_] { return producer->Flush(kFlushSlice); },
             [this, n](TxnOutcome outcome) {
               if (outcome.ok()) {
                 // Not before: a flush that is fed with new output takes as long as there is some.
                 gate_.Open(weir::Next(n), plain_producer_);
                 return Perform(coordinator_->OnSinksFlushed(n, Now()));
               }
               if (outcome.result == TxnResult::kRetriable) return FlushPlain(n);
               Fail(Aborted("output of epoch " + std::to_string(n.value()) + " was not delivered: " + outcome.error));
             });
}

void Engine::EpochOpened(CheckpointId n) {
  if (coordinator_.has_value()) Perform(coordinator_->OnEpochOpened(n, Now()));
}

void Engine::OutputFlushed(CheckpointId n) {
  logger_.Debug("flushed", "the output is with the broker", n.value());
  Perform(coordinator_->OnSinksFlushed(n, Now()));
}

void Engine::Committed(const CommitPermit& permit) {
  committed_ = permit.n().value();
  commits_.fetch_add(1);
  committed_at_ = Now();
  status_line_.OnCommitted(prepared_->records + staged_.size(), rows_at_trigger_, committed_at_);
  std::string text = transactional() ? std::to_string(prepared_->records) + " records in this epoch" : "CURRENT names it";
  if (manifest_->entries() > 0) text += ", " + std::to_string(manifest_->entries()) + " entries of state";
  entries_max_ = std::max(entries_max_.load(), manifest_->entries());
  text += ", aligned in " + Millis(manifest_->aligned());
  if (manifest_->fired() > Duration::zero()) text += ", longest firing " + Millis(manifest_->fired());
  logger_.Info("committed", text, permit.n().value());
  if (std::exchange(splits_.starts_move, false)) {
    for (const BuiltTasks::SourceTask& source : built_.sources) built_.tasks[source.task]->Run();
  }
  const bool plain = commit_ == nullptr && plain_producer_ != nullptr;
  Perform(coordinator_->OnCommitted(permit, Now()));
  if (plain && !over_) Perform(coordinator_->OnEpochOpened(weir::Next(permit.n()), Now()));
}

Status Engine::PublishStaged(const std::vector<ManifestStaged>& staged) {
  for (const ManifestStaged& one : staged) {
    const auto committer = committers_.find(one.operator_id);
    if (committer == committers_.end()) {
      return InvalidArgument("the checkpoint holds output of sink " + one.operator_id + ", which the job no longer has: "
                             "it would be lost. Put the sink back, let it publish, then remove it");
    }
    if (Status status = committer->second->Commit({one.bytes}); !status.ok()) {
      return status.WithContext("sink " + one.operator_id);
    }
  }
  return {};
}

void Engine::Publish(const CommitPermit& permit) {
  RunOnQueue(
      *disk_, mailbox_,
      [this, permit, staged = std::move(staged_)]() -> Status {
        if (transactional()) {
          WEIR_RETURN_IF_ERROR(store_.WriteCommittedHint(permit));
          hint_point.Hit();
        }
        return PublishStaged(staged);
      },
      [this, permit](Status status) {
        if (!status.ok() && !Planted(Mutant::kPublishesLaterPerhaps)) {
          return Fail(status.WithContext("publishing " + Named(permit.n())));
        }
        auto published = [this, n = permit.n()] { Perform(coordinator_->OnPublished(n, Now())); };
        if (kind_in_flight_ != BarrierKind::kOrdinary) {
          // Nobody would be left to show it.
          return progress_->Show(permit.n(), std::move(positions_), std::move(published));
        }
        progress_->Show(permit.n(), std::move(positions_));
        published();
      });
}

void Engine::Collect(const CommitPermit& permit) {
  housekeeping_->Post([this, permit] {
    const Result<std::vector<CheckpointName>> present = collector_.ListCheckpoints();
    if (!present.ok()) return;
    for (const CheckpointName& name :
         CheckpointsToRemove(*present, {permit.n(), permit.attempt()}, options_.checkpoints_retained)) {
      if (Status status = collector_.RemoveCheckpoint(name); !status.ok()) {
        // Harmless: the next collection tries again.
        logger_.Warning("not_collected", status.message(), name.n.value());
        return;
      }
      collected_point.Hit();
    }
  });
}

void Engine::FinishBehindCollection() {
  // Nobody comes to do it later.
  RunOnQueue(*housekeeping_, mailbox_, [] { return true; },
             [this](bool) { End(EngineOutcome::Kind::kFinished, {}); });
}

void Engine::RebuildWanted(Status status) { End(EngineOutcome::Kind::kRebuild, std::move(status)); }

void Engine::ExitWanted(ExitReason reason, Status status) {
  switch (reason) {
    case ExitReason::kRestartProcess: return End(EngineOutcome::Kind::kRestartProcess, std::move(status));
    case ExitReason::kFenced: return End(EngineOutcome::Kind::kFenced, std::move(status));
    case ExitReason::kRefused: return End(EngineOutcome::Kind::kRefused, std::move(status));
  }
}

}  // namespace weir
