#include "operators/window/window_firing.h"

#include <algorithm>

#include "runtime/base/mutant.h"
#include "state/state_store.h"

namespace weir::internal {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

}  // namespace

void WindowFiring::OpenFiring(const OperatorContext& context) {
  groups_ = context.groups;
  rows_per_step_ = context.rows_per_step;
  clock_ = context.clock;
  through_ = &context.state->AddGroupValues<FiredThrough>("fired_through");
  if (settings_.early_ms > 0) next_early_ = clock_->WallMillis() + settings_.early_ms;
  // After a restore: the first timer looks whether something is over.
  if (settings_.rule.processing_time) next_end_ = 0;
}

std::optional<uint64_t> WindowFiring::rows_processed() const { return processed_; }

void WindowFiring::ReadGroups() {
  knows_groups_ = true;
  least_fired_ = std::numeric_limits<int64_t>::max();
  for (uint16_t group = groups_.first; group < groups_.last; ++group) {
    const int64_t end = through_->Get(KeyGroup{group}).end;
    least_fired_ = std::min(least_fired_, end);
    most_fired_ = std::max(most_fired_, end);
  }
}

int64_t WindowFiring::SliceOfNow() {
  if (settings_.rule.kind == WindowRule::Kind::kGlobal) return WindowRule::kGlobalEnd;
  // A clock that was set back must not reopen what has fired.
  int64_t end = settings_.rule.EndOf(clock_->WallMillis());
  if (end <= most_fired_) end = most_fired_ + settings_.rule.slice;
  NoteSlice(end);
  return end;
}

Result<bool> WindowFiring::OnWatermark(EventTime watermark, Emitter& out) {
  if (!knows_groups_) ReadGroups();
  if (settings_.rule.processing_time && watermark != kMaxEventTime) return true;
  return FireThrough(settings_.rule.LastEndAt(watermark.millis), out);
}

int64_t WindowFiring::NextWallTimer() const { return std::min(next_end_, next_early_); }

Result<bool> WindowFiring::OnWallTime(int64_t now_ms, Emitter& out) {
  if (!knows_groups_) ReadGroups();
  if (next_early_ <= now_ms) {
    FiringBudget budget(rows_per_step_);
    WEIR_ASSIGN_OR_RETURN(const bool done, FireEarly(budget, out));
    WEIR_RETURN_IF_ERROR(EmitMade(out));
    if (!done) return false;
    next_early_ = now_ms + settings_.early_ms;
  }
  if (next_end_ > now_ms) return true;
  WEIR_ASSIGN_OR_RETURN(const bool done, FireThrough(settings_.rule.LastEndAt(now_ms), out));
  if (!done) return false;
  next_end_ = kNoWallTimer;
  for (uint16_t group = groups_.first; group < groups_.last; ++group) {
    if (SlicesOf(KeyGroup{group}) > 0) NoteSlice(EndOf(KeyGroup{group}, 0));
  }
  return true;
}

Status WindowFiring::FinishWindow(Emitter& out) {
  while (firing_.has_value()) {
    FiringBudget budget(rows_per_step_);
    WEIR_RETURN_IF_ERROR(FireGroup(firing_->group, firing_->window.end, budget, out).status());
  }
  return EmitMade(out);
}

Status WindowFiring::Flush(Emitter& out) {
  // A barrier may stand between two parts of a firing by the clock, but not inside a group: what has fired is known by group.
  return FinishWindow(out);
}

Result<bool> WindowFiring::FireThrough(int64_t target, Emitter& out) {
  if (!group_.has_value() || target != target_) {
    if (target <= least_fired_) return FreeSome();
    WEIR_RETURN_IF_ERROR(FinishWindow(out));
    group_ = groups_.first;
    target_ = target;
  }
  FiringBudget budget(rows_per_step_);
  for (; *group_ < groups_.last; ++*group_) {
    WEIR_ASSIGN_OR_RETURN(const bool done, FireGroup(KeyGroup{*group_}, target, budget, out));
    FreeSome();
    if (!done || budget.spent()) {
      if (done) ++*group_;
      WEIR_RETURN_IF_ERROR(EmitMade(out));
      return false;
    }
  }
  group_.reset();
  least_fired_ = std::max(least_fired_, target);
  most_fired_ = std::max(most_fired_, target);
  ForgetEarly(target);
  WEIR_RETURN_IF_ERROR(EmitMade(out));
  return FreeSome();
}

Result<bool> WindowFiring::FireGroup(KeyGroup group, int64_t target, FiringBudget& budget, Emitter& out) {
  for (;;) {
    const int64_t fired = through_->Get(group).end;
    if (!firing_.has_value()) {
      if (fired >= target) return true;
      const std::optional<int64_t> end = NextWindow(group, fired, target);
      if (!end.has_value()) {
        NoteFired(group, target);
        most_fired_ = std::max(most_fired_, target);
        DropBehind(group, target);
        return true;
      }
      firing_ = Fired{group, {settings_.rule.StartOf(*end), *end}};
    }
    WEIR_ASSIGN_OR_RETURN(const bool done, Fire(*firing_, budget, out));
    if (!done) return false;
    const int64_t end = firing_->window.end;
    firing_.reset();
    NoteFired(group, end);
    most_fired_ = std::max(most_fired_, end);
    DropBehind(group, end);
    if (budget.spent()) return false;
  }
}

void WindowFiring::NoteFired(KeyGroup group, int64_t end) {
  if (Planted(Mutant::kFiredThroughNotSaved)) {
    const_cast<FiredThrough&>(through_->Get(group)).end = end;
    return;
  }
  through_->Mutable(group).end = end;
}

std::optional<int64_t> WindowFiring::NextWindow(KeyGroup group, int64_t fired, int64_t target) const {
  const size_t slices = SlicesOf(group);
  for (size_t i = 0; i < slices; ++i) {
    const int64_t end = EndOf(group, i);
    if (settings_.rule.LastWindowOf(end) <= fired) continue;   // kept for late updates only
    const int64_t next = fired == kNever ? end : std::max(end, fired + settings_.rule.slice);
    return next <= target ? std::optional(next) : std::nullopt;
  }
  return std::nullopt;
}

void WindowFiring::DropBehind(KeyGroup group, int64_t fired) {
  const size_t slices = SlicesOf(group);
  size_t over = 0;
  while (over < slices) {
    const int64_t last = settings_.rule.LastWindowOf(EndOf(group, over));
    if (last > fired - settings_.late_updates_ms) break;
    ++over;
  }
  if (Planted(Mutant::kSliceDroppedTooEarly) && over > 0 && over < slices) ++over;
  if (over > 0) DropThrough(group, EndOf(group, over - 1));
}

}  // namespace weir::internal
