// Event time and processing time in a task: watermarks and rows that give very much worked off in pieces, timers by the clock,
// and the account of what became of the rows.
#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/base/landmark.h"
#include "runtime/task/guarded_call.h"
#include "runtime/task/task.h"

namespace weir {
namespace {

Landmark in_pieces{"time.watermark_in_pieces"};

constexpr int64_t kFarTimerMs = int64_t{24} * 60 * 60 * 1000;

}  // namespace

Result<bool> Task::GoOn() {
  WEIR_RETURN_IF_ERROR(AtOperator(0, Guarded([&] { return spec_.nodes.front().op->GoOn(*emitters_.front()); })));
  return true;
}

Status Task::OnTime(PathTime time) {
  const bool rose = time.watermark > time_.watermark;
  time_ = time;
  if (rose) {
    counters_.watermark.store(time.watermark.millis, std::memory_order_relaxed);
    firing_ = Firing{time, 0, spec_.clock->Now()};
    return AdvanceFiring();
  }
  // Time goes on without an idle task: what its operators hold back would be late behind it.
  if (time.idle) {
    for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
      WEIR_RETURN_IF_ERROR(AtOperator(i, Guarded([&] { return spec_.nodes[i].op->Flush(*emitters_[i]); })));
    }
  }
  for (const std::unique_ptr<Outlet>& outlet : spec_.outlets) outlet->Broadcast(time);
  return {};
}

Status Task::AdvanceFiring() {
  for (uint32_t& node = firing_->node; node < spec_.nodes.size(); ++node) {
    const Result<bool> done =
        Guarded([&] { return spec_.nodes[node].op->OnWatermark(firing_->time.watermark, *emitters_[node]); });
    WEIR_RETURN_IF_ERROR(AtOperator(node, done.status()));
    if (!*done) {
      in_pieces.Hit();
      return {};
    }
  }
  longest_firing_ = std::max(longest_firing_, spec_.clock->Now() - firing_->began);
  for (const std::unique_ptr<Outlet>& outlet : spec_.outlets) outlet->Broadcast(firing_->time);
  firing_.reset();
  return {};
}

Status Task::PassSourceTime() {
  const PathTime time = spec_.nodes.front().source->Time();
  if (time == time_) return {};
  // Idleness of a split may complete windows without a new row, here or downstream.
  const bool idles = time.idle && !time_.idle;
  if (time.watermark > time_.watermark || idles) counters_.timers.fetch_add(1, std::memory_order_relaxed);
  return OnTime(time);
}

Result<bool> Task::RunWallTimers() {
  for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
    Operator& op = *spec_.nodes[i].op;
    const int64_t due = op.NextWallTimer();
    if (due == kNoWallTimer) continue;
    const int64_t now = spec_.clock->WallMillis();
    if (due > now) continue;
    counters_.timers.fetch_add(1, std::memory_order_relaxed);
    const Result<bool> done = Guarded([&] { return op.OnWallTime(now, *emitters_[i]); });
    WEIR_RETURN_IF_ERROR(AtOperator(i, done.status()));
    if (!*done) return true;
  }
  return false;
}

void Task::WakeForTimers() {
  if (no_more_input_ || held_) return;
  int64_t next = kNoWallTimer;
  for (const ChainNode& node : spec_.nodes) next = std::min(next, node.op->NextWallTimer());
  if (next == kNoWallTimer) return;
  // Timers may be set to any time: what is far away is looked at again when it is nearer.
  const int64_t now = spec_.clock->WallMillis();
  const int64_t left = next <= now ? 0 : std::min(next - now, kFarTimerMs);
  spec_.nodes.front().context.waker->WakeAt(spec_.clock->Now() + std::chrono::milliseconds(left));
}

Status Task::HoldState(uint32_t node) {
  if (spec_.state_budget == nullptr) return {};
  const uint64_t before = std::exchange(counts_[node].state_bytes, spec_.nodes[node].state->bytes());
  return AtOperator(node, spec_.state_budget->Hold(counts_[node].state_bytes, before));
}

Status Task::CountRows(TaskAcknowledgement& acknowledgement) {
  for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
    const std::optional<uint64_t> processed = spec_.nodes[i].op->rows_processed();
    if (!processed.has_value()) continue;
    const NodeCounts& counts = counts_[i];
    if (*processed + counts.late + counts.poison != counts.rows_in) {
      return AtOperator(i, Internal("of " + std::to_string(counts.rows_in) + " rows " + std::to_string(*processed) +
                                    " were processed, " + std::to_string(counts.late) + " late and " +
                                    std::to_string(counts.poison) + " poison: the rest is unaccounted for"));
    }
    acknowledgement.counts.push_back(
        {spec_.nodes[i].context.operator_id, counts.rows_in, *processed, counts.late, counts.poison});
  }
  return {};
}

}  // namespace weir
