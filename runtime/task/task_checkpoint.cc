// A task's share of a checkpoint: it takes the barrier once all of its inputs have, freezes, passes it on, and saves what is
// frozen while the next epoch runs.
#include <algorithm>
#include <utility>

#include "runtime/base/crash_point.h"
#include "runtime/base/mutant.h"
#include "runtime/task/guarded_call.h"
#include "runtime/task/task.h"

namespace weir {
namespace {

CrashPoint frozen_point{"task.frozen"};
CrashPoint acknowledged_point{"task.acknowledged"};

constexpr size_t kSnapshotSlotsPerStep = 8192;

}  // namespace

std::string Task::Saving(CheckpointId n) { return "saving checkpoint " + std::to_string(n.value()); }

Status Task::TakeBarrier(Barrier barrier) {
  WEIR_CHECK(!pending_.has_value(), "the previous checkpoint of this task is still being saved");
  WEIR_CHECK(barrier.n == epoch_, "barriers come in order");
  for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
    Operator& op = *spec_.nodes[i].op;
    if (barrier.kind == BarrierKind::kDrain) {
      WEIR_RETURN_IF_ERROR(AtOperator(i, Guarded([&] { return op.Finish(*emitters_[i]); })));
    }
    WEIR_RETURN_IF_ERROR(AtOperator(i, Guarded([&] { return op.Flush(*emitters_[i]); })));
  }
  pending_.emplace(Pending{});   // Clang 16 finds no default constructor of a nested type with initial values.
  pending_->acknowledgement.n = barrier.n;
  pending_->acknowledgement.task = spec_.id;
  if (is_source()) pending_->acknowledgement.rows_read = counters_.rows_in.load(std::memory_order_relaxed);
  else pending_->acknowledgement.aligned = spec_.clock->Now() - aligning_since_;
  pending_->acknowledgement.fired = std::exchange(longest_firing_, Duration::zero());
  pending_->acknowledgement.poison = counters_.poison.load(std::memory_order_relaxed);
  WEIR_RETURN_IF_ERROR(CountRows(pending_->acknowledgement));
  pending_->unsealed.assign(spec_.nodes.size(), true);
  const bool too_late = Planted(Mutant::kPositionAfterTheBatch) && is_source();
  if (too_late) {
    for (const std::unique_ptr<Outlet>& outlet : spec_.outlets) outlet->Broadcast(barrier);
    WEIR_RETURN_IF_ERROR(PollSource().status());
  }
  for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
    ChainNode& node = spec_.nodes[i];
    if (node.source != nullptr) {
      pending_->acknowledgement.positions.push_back({node.context.operator_id, node.source->Positions()});
    }
    if (node.state != nullptr) {
      pending_->acknowledgement.entries += node.state->keys();
      node.state->Freeze(barrier.n, spec_.checkpoint_directory(barrier.n));
      pending_->advancing = true;
      ++pending_->snapshots_missing;
    }
    WEIR_RETURN_IF_ERROR(AtOperator(i, node.op->Seal(barrier.n).WithContext(Saving(barrier.n))));
  }
  frozen_point.Hit();
  for (const std::unique_ptr<Outlet>& outlet : spec_.outlets) {
    if (!too_late) outlet->Broadcast(barrier);
  }
  epoch_ = weir::Next(epoch_);
  no_more_input_ = barrier.kind != BarrierKind::kOrdinary;
  return {};
}

Status Task::AdvanceSnapshot() {
  if (!pending_.has_value() || !pending_->advancing) return {};
  for (ChainNode& node : spec_.nodes) {
    if (node.state != nullptr && !node.state->Advance(kSnapshotSlotsPerStep)) return {};
  }
  pending_->advancing = false;
  // What values own is known now that they are saved.
  for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
    if (spec_.nodes[i].state != nullptr) WEIR_RETURN_IF_ERROR(HoldState(i));
  }
  return {};
}

Status Task::CollectSealed() {
  if (!pending_.has_value() || pending_->sealed_announced) return {};
  bool all = true;
  for (size_t i = 0; i < spec_.nodes.size(); ++i) {
    if (!pending_->unsealed[i]) continue;
    ChainNode& node = spec_.nodes[i];
    SealedEpoch sealed;
    const CheckpointId n = pending_->acknowledgement.n;
    const Result<bool> done = node.op->TakeSealed(n, &sealed);
    WEIR_RETURN_IF_ERROR(AtOperator(static_cast<uint32_t>(i), done.status().WithContext(Saving(n))));
    if (!*done) {
      all = false;
      continue;
    }
    pending_->unsealed[i] = false;
    pending_->acknowledgement.sealed.push_back({node.context.operator_id, node.context.index, std::move(sealed)});
  }
  if (all) {
    pending_->sealed_announced = true;
    spec_.listener->OnSinksSealed(spec_.id, pending_->acknowledgement.n);
    AcknowledgeIfComplete();
  }
  return {};
}

void Task::AcknowledgeIfComplete() {
  if (!pending_->sealed_announced || pending_->snapshots_missing > 0) return;
  TaskAcknowledgement acknowledgement = std::move(pending_->acknowledgement);
  pending_.reset();
  spec_.listener->OnAcknowledged(std::move(acknowledgement));
  acknowledged_point.Hit();
}

}  // namespace weir
