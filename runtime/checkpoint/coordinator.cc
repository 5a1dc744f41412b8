#include "runtime/checkpoint/coordinator.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir {
namespace {

bool AllTrue(const std::vector<bool>& bits) { return std::find(bits.begin(), bits.end(), false) == bits.end(); }

}  // namespace

Coordinator::Coordinator(CoordinatorOptions options, CheckpointId last, Instant now)
    : options_(std::move(options)), committed_(last), epoch_began_(now),
      epoch_lasts_(std::min(options_.interval, options_.first_interval)), idle_since_(now),
      forced_(options_.start_counts) {
  WEIR_CHECK(options_.tasks > 0, "an engine without tasks has nothing to checkpoint");
  for (const uint32_t task : options_.transactional_tasks) {
    WEIR_CHECK(task < options_.tasks, fmt::format("task {} of {}", task, options_.tasks));
  }
}

CoordinatorActions Coordinator::OnEpochOpened(CheckpointId n, Instant now) {
  if (over()) return {};
  WEIR_CHECK(n == current(), fmt::format("epoch {} opened after checkpoint {}", n.value(), committed_.value()));
  opened_ = n;
  return TriggerIfDue(now);
}

CoordinatorActions Coordinator::OnProgress(uint64_t rows, bool changed, Instant now) {
  if (over()) return {};
  rows_ = rows;
  changed_ = changed;
  return TriggerIfDue(now);
}

CoordinatorActions Coordinator::OnTick(Instant now) {
  if (over()) return {};
  const bool timed = phase_ == Phase::kSnapshotting || phase_ == Phase::kPreparing;
  if (timed && now >= triggered_at_ + options_.timeout) {
    return Abort(Aborted(fmt::format(
        "checkpoint {} was not durable within {} ms: {}; raise execution.checkpointing.timeout if the disk or a sink "
        "needs longer", current().value(), options_.timeout / std::chrono::milliseconds(1), WaitingFor())));
  }
  return TriggerIfDue(now);
}

bool Coordinator::Due(Instant now) const {
  if (end_ || forced_) return true;
  if (!changed_ || now < idle_since_ + options_.min_pause) return false;
  const bool by_time = epoch_lasts_ > Duration::zero() && now >= epoch_began_ + epoch_lasts_;
  const bool by_rows = options_.rows_per_barrier > 0 && rows_ >= options_.rows_per_barrier;
  return by_time || by_rows;
}

CoordinatorActions Coordinator::TriggerIfDue(Instant now) {
  if (phase_ != Phase::kIdle || !Due(now)) return {};
  if (end_ == RunEnd::kStop && !forced_ && !changed_) {
    phase_ = Phase::kFinished;
    return {FinishRun{committed_}};
  }
  if (!epoch_open()) return {};
  if (!end_) return Trigger(BarrierKind::kOrdinary, now);
  return Trigger(end_ == RunEnd::kDrain ? BarrierKind::kDrain : BarrierKind::kStop, now);
}

CoordinatorActions Coordinator::Trigger(BarrierKind kind, Instant now) {
  phase_ = Phase::kSnapshotting;
  kind_ = kind;
  triggered_at_ = now;
  epoch_began_ = now;
  epoch_lasts_ = options_.interval;
  rows_ = 0;
  changed_ = false;
  forced_ = false;
  acknowledged_.assign(options_.tasks, false);
  sealed_.assign(options_.tasks, true);
  for (const uint32_t task : options_.transactional_tasks) sealed_[task] = false;
  flushed_ = !transactional();
  durable_ = false;
  return {TriggerBarrier{current(), kind}};
}

CoordinatorActions Coordinator::OnTaskSealed(CheckpointId n, uint32_t task, Instant) {
  if (over()) return {};
  ExpectInFlight(n, Phase::kSnapshotting, Phase::kSnapshotting, "seal");
  WEIR_CHECK(task < options_.tasks, fmt::format("task {} of {} sealed", task, options_.tasks));
  if (sealed_[task]) return {};
  sealed_[task] = true;
  if (!AllTrue(sealed_)) return {};
  return {FlushSinks{n}};
}

CoordinatorActions Coordinator::OnTaskAcknowledged(CheckpointId n, uint32_t task, Instant now) {
  if (over()) return {};
  ExpectInFlight(n, Phase::kSnapshotting, Phase::kSnapshotting, "acknowledgement");
  WEIR_CHECK(task < options_.tasks && !acknowledged_[task],
             fmt::format("task {} acknowledged checkpoint {} twice", task, n.value()));
  CoordinatorActions actions = OnTaskSealed(n, task, now);
  acknowledged_[task] = true;
  if (!AllTrue(acknowledged_)) return actions;
  phase_ = Phase::kPreparing;
  actions.push_back(WriteManifest{n});
  return actions;
}

CoordinatorActions Coordinator::OnSinksFlushed(CheckpointId n, Instant) {
  if (over()) return {};
  ExpectInFlight(n, Phase::kSnapshotting, Phase::kPreparing, "flush");
  WEIR_CHECK(!flushed_ && AllTrue(sealed_), fmt::format("epoch {} was flushed before it was sealed", n.value()));
  flushed_ = true;
  return CommitIfReady();
}

CoordinatorActions Coordinator::OnManifestDurable(CheckpointId n, Instant) {
  if (over()) return {};
  ExpectInFlight(n, Phase::kPreparing, Phase::kPreparing, "manifest");
  WEIR_CHECK(!durable_, fmt::format("manifest {} was written twice", n.value()));
  durable_ = true;
  return CommitIfReady();
}

CoordinatorActions Coordinator::CommitIfReady() {
  if (!durable_ || !flushed_) return {};
  phase_ = Phase::kCommitting;
  return {CommitCheckpoint{current()}};
}

CoordinatorActions Coordinator::OnCommitted(const CommitPermit& permit, Instant) {
  if (over()) return {};
  ExpectInFlight(permit.n(), Phase::kCommitting, Phase::kCommitting, "commit");
  phase_ = Phase::kPublishing;
  permit_ = permit;
  committed_ = permit.n();
  return {PublishCheckpoint{permit}};
}

CoordinatorActions Coordinator::OnPublished(CheckpointId n, Instant now) {
  if (over()) return {};
  WEIR_CHECK(phase_ == Phase::kPublishing && n == committed_,
             fmt::format("checkpoint {} was published, {} is being", n.value(), committed_.value()));
  CoordinatorActions actions{CollectCheckpoints{*permit_}};
  idle_since_ = now;
  if (kind_ != BarrierKind::kOrdinary) {
    phase_ = Phase::kFinished;
    actions.push_back(FinishRun{committed_});
    return actions;
  }
  phase_ = Phase::kIdle;
  for (CoordinatorAction& action : TriggerIfDue(now)) actions.push_back(std::move(action));
  return actions;
}

CoordinatorActions Coordinator::OnFailed(Status status) {
  if (over()) return {};
  return Abort(std::move(status));
}

CoordinatorActions Coordinator::OnStopRequested(RunEnd end, Instant now) {
  if (over() || end_) return {};
  end_ = end;
  forced_ = forced_ || end == RunEnd::kDrain;
  return TriggerIfDue(now);
}

CoordinatorActions Coordinator::OnSourcesEnded(Instant now) {
  if (over()) return {};
  if (!end_) end_ = options_.end_of_sources;
  forced_ = true;
  return TriggerIfDue(now);
}

CoordinatorActions Coordinator::Abort(Status status) {
  phase_ = Phase::kAborted;
  return {AbortEngine{std::move(status)}};
}

void Coordinator::ExpectInFlight(CheckpointId n, Phase from, Phase to, std::string_view event) const {
  WEIR_CHECK(phase_ >= from && phase_ <= to && n == current(),
             fmt::format("{} of checkpoint {} while {} is {}", event, n.value(), current().value(),
                         PhaseName(phase_)));
}

std::optional<Instant> Coordinator::deadline() const {
  switch (phase_) {
    case Phase::kSnapshotting:
    case Phase::kPreparing: return triggered_at_ + options_.timeout;
    case Phase::kIdle: break;
    default: return std::nullopt;
  }
  if (!epoch_open()) return std::nullopt;
  if (forced_) return idle_since_;
  if (!changed_) return std::nullopt;
  const Instant rested = idle_since_ + options_.min_pause;
  if (options_.rows_per_barrier > 0 && rows_ >= options_.rows_per_barrier) return rested;
  if (options_.interval == Duration::zero()) return std::nullopt;
  return std::max(rested, epoch_began_ + epoch_lasts_);
}

std::string_view Coordinator::PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kIdle: return "idle";
    case Phase::kSnapshotting: return "snapshotting";
    case Phase::kPreparing: return "preparing";
    case Phase::kCommitting: return "committing";
    case Phase::kPublishing: return "publishing";
    case Phase::kFinished: return "finished";
    case Phase::kAborted: return "aborted";
  }
  return "unknown";
}

std::string Coordinator::WaitingFor() const {
  std::vector<uint32_t> tasks;
  for (uint32_t task = 0; task < acknowledged_.size(); ++task) {
    if (!acknowledged_[task]) tasks.push_back(task);
  }
  if (!tasks.empty()) {
    return fmt::format("task{} {} did not acknowledge it", tasks.size() > 1 ? "s" : "", fmt::join(tasks, ", "));
  }
  if (!durable_) return "its manifest is not on disk";
  return flushed_ ? "nothing is missing" : "its output is not with the broker";
}

}  // namespace weir
