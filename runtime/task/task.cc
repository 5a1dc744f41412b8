#include "runtime/task/task.h"

#include <algorithm>
#include <utility>

#include "runtime/base/crash_point.h"
#include "runtime/base/mutant.h"
#include "runtime/task/guarded_call.h"
#include "runtime/time/pacing_board.h"

namespace weir {
namespace {

CrashPoint source_barrier_point{"task.source_took_barrier"};
CrashPoint restored_point{"recovery.state_restored"};

/// Work of one step: enough to pay for the step, little enough to stay under its 2 ms at 86 ns a row.
constexpr size_t kBatchesPerStep = 4;
/// Rows of some operators cost many times as much: after this long no further batch is begun.
constexpr Duration kStepAim = std::chrono::milliseconds(1);

}  // namespace

/// Passes a node's output to its consumers, in order.
class Task::NodeEmitter final : public Emitter {
 public:
  NodeEmitter(Task& task, uint32_t node) : task_(task), node_(node) {}
  Status Emit(uint32_t port, BatchPtr batch) override { return task_.Emit(node_, port, std::move(batch)); }

 private:
  Task& task_;
  const uint32_t node_;
};

Task::Task(TaskSpec spec) : spec_(std::move(spec)), counts_(spec_.nodes.size()), epoch_(spec_.first_epoch) {
  if (!spec_.inputs.empty()) {
    aligner_.emplace(static_cast<uint32_t>(spec_.inputs.size()), CheckpointId{epoch_.value() - 1});
    merge_.emplace(static_cast<uint32_t>(spec_.inputs.size()));
  }
  for (uint32_t node = 0; node < spec_.nodes.size(); ++node) {
    emitters_.push_back(std::make_unique<NodeEmitter>(*this, node));
  }
}

Task::~Task() = default;

void Task::SetWaker(Waker* waker) {
  mailbox_.SetWaker(waker);
  for (ChainNode& node : spec_.nodes) node.context.waker = waker;
}

void Task::JoinPacing(PacingBoard& board, Waker& waker) {
  SourceTimeContext& time = spec_.nodes.front().context.time;
  time.pacing = &board;
  time.pacing_member = board.Add(spec_.source_node, waker);
}

void Task::OnSnapshot(uint32_t node, CheckpointId n, Result<StateSnapshot> snapshot) {
  mailbox_.Put(SnapshotDone{node, n, std::move(snapshot)});
}

Steppable::Next Task::Step() {
  if (failed_) return Next::kWait;
  const Result<Next> next = TryStep();
  if (next.ok()) return *next;
  failed_ = true;
  spec_.listener->OnFailed(spec_.id, next.status().WithContext("task " + spec_.name));
  return Next::kWait;
}

Result<Steppable::Next> Task::TryStep() {
  WEIR_RETURN_IF_ERROR(HandleCommands());
  if (!running_) return Next::kWait;
  // A slice of a snapshot is part of the step: what comes behind it takes in less.
  step_began_ = spec_.clock->Now();
  WEIR_RETURN_IF_ERROR(AdvanceSnapshot());
  WEIR_ASSIGN_OR_RETURN(bool flowing, PushOutput(false));
  WEIR_RETURN_IF_ERROR(CollectSealed());
  bool worked = false;
  if (flowing) {
    WEIR_ASSIGN_OR_RETURN(worked, Work());
  }
  // Without more input small pieces must not wait for company.
  WEIR_ASSIGN_OR_RETURN(flowing, PushOutput(!worked));
  WEIR_RETURN_IF_ERROR(CollectSealed());
  WakeForTimers();
  const bool advancing = pending_.has_value() && pending_->advancing;
  return (worked && flowing) || advancing ? Next::kAgain : Next::kWait;
}

Result<bool> Task::Work() {
  if (spec_.nodes.front().op->keeps_rows()) return GoOn();
  if (firing_.has_value()) {
    WEIR_RETURN_IF_ERROR(AdvanceFiring());
    return true;
  }
  if (barrier_to_emit_.has_value()) {
    // What the rows of this epoch completed belongs to it.
    if (barrier_to_emit_->kind == BarrierKind::kDrain) {
      if (time_.watermark != kMaxEventTime) WEIR_RETURN_IF_ERROR(OnTime({kMaxEventTime, false}));
    } else {
      WEIR_RETURN_IF_ERROR(PassSourceTime());
    }
    if (firing_.has_value()) return true;
    const Barrier barrier = *std::exchange(barrier_to_emit_, std::nullopt);
    source_barrier_point.Hit();
    WEIR_RETURN_IF_ERROR(TakeBarrier(barrier));
    return true;
  }
  if (no_more_input_ || held_) return false;
  WEIR_ASSIGN_OR_RETURN(const bool timers_left, RunWallTimers());
  if (timers_left) return true;
  return is_source() ? PollSource() : ReadChannels();
}

Status Task::HandleCommands() {
  for (Command& command : mailbox_.TakeAll()) WEIR_RETURN_IF_ERROR(Handle(std::move(command)));
  return {};
}

Status Task::Handle(Command command) {
  if (const auto* barrier = std::get_if<Barrier>(&command)) {
    WEIR_CHECK(!barrier_to_emit_.has_value(), "one barrier at a time");
    barrier_to_emit_ = *barrier;
  } else if (auto* done = std::get_if<SnapshotDone>(&command)) {
    WEIR_RETURN_IF_ERROR(AtOperator(done->node, done->snapshot.status().WithContext(Saving(done->n))));
    WEIR_CHECK(pending_.has_value() && pending_->acknowledgement.n == done->n, "a snapshot of another epoch");
    pending_->acknowledgement.states.push_back(std::move(done->snapshot).value());
    --pending_->snapshots_missing;
    AcknowledgeIfComplete();
  } else if (const auto* split = std::get_if<NewSplit>(&command)) {
    end_announced_ = false;
    return AtOperator(split->node, spec_.nodes[split->node].source->AddSplit(split->assignment));
  } else if (std::holds_alternative<OpenCommand>(command)) {
    WEIR_RETURN_IF_ERROR(OpenOperators());
    spec_.io->Post([this] { mailbox_.Put(RestoreDone{RestoreState()}); });
  } else if (const auto* restore = std::get_if<RestoreDone>(&command)) {
    WEIR_RETURN_IF_ERROR(restore->status);
    restored_point.Hit();
    spec_.listener->OnReady(spec_.id);
  } else if (const auto* run = std::get_if<RunCommand>(&command)) {
    running_ = true;
    held_ = run->held;
  } else {
    for (const ChainNode& node : spec_.nodes) {
      if (node.source != nullptr) spec_.listener->OnReport({node.context.operator_id, node.source->Report()});
    }
  }
  return {};
}

Status Task::OpenOperators() {
  for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
    ChainNode& node = spec_.nodes[i];
    WEIR_RETURN_IF_ERROR(AtOperator(i, Guarded([&] { return node.op->Open(node.context); })));
    for (const SplitAssignment& split : node.splits) {
      WEIR_RETURN_IF_ERROR(AtOperator(i, node.source->AddSplit(split)));
    }
  }
  return {};
}

Status Task::RestoreState() {
  for (ChainNode& node : spec_.nodes) {
    if (node.state == nullptr) continue;
    WEIR_RETURN_IF_ERROR(node.state->Restore(node.restored.has_value() ? &*node.restored : nullptr));
    node.restored.reset();
  }
  return {};
}

Result<bool> Task::PushOutput(bool all) {
  bool empty = true;
  for (uint32_t i = 0; i < spec_.nodes.size(); ++i) {
    const Result<bool> drained = Guarded([&] { return spec_.nodes[i].op->Drain(); });
    WEIR_RETURN_IF_ERROR(AtOperator(i, drained.status()));
    empty = empty && *drained;
  }
  for (const std::unique_ptr<Outlet>& outlet : spec_.outlets) empty = outlet->Push(all) && empty;
  return empty;
}

Result<bool> Task::PollSource() {
  SourceOperator& source = *spec_.nodes.front().source;
  const Instant enough = step_began_ + kStepAim;
  for (size_t i = 0; i < kBatchesPerStep && (i == 0 || spec_.clock->Now() < enough); ++i) {
    const size_t claimed = spec_.quota == nullptr
                               ? kBatchRows
                               : spec_.quota->Claim(epoch_, kBatchRows, *spec_.nodes.front().context.waker);
    if (claimed == 0) return LookAhead();
    const Result<ReadResult> read = Guarded([&] { return source.Poll(claimed, *emitters_.front()); });
    if (spec_.quota != nullptr) spec_.quota->Return(epoch_, claimed, claimed - (read.ok() ? read->rows : 0));
    WEIR_RETURN_IF_ERROR(AtOperator(0, read.status()));
    const uint64_t rows_before = counters_.rows_in.fetch_add(read->rows, std::memory_order_relaxed);
    if (rows_before == 0 && read->rows > 0) spec_.listener->OnFirstRows(spec_.id);
    if (read->state == SplitState::kEnded) AnnounceEnd();
    if (read->state != SplitState::kMore || source.TimeIsDue()) WEIR_RETURN_IF_ERROR(PassSourceTime());
    if (read->state != SplitState::kMore) return read->rows > 0 || firing_.has_value();
    if (firing_.has_value()) return true;
    WEIR_ASSIGN_OR_RETURN(const bool flowing, PushOutput(false));
    if (!flowing) return true;
  }
  return true;
}

Result<bool> Task::LookAhead() {
  const Result<ReadResult> ahead = Guarded([&] { return spec_.nodes.front().source->LookAhead(); });
  WEIR_RETURN_IF_ERROR(AtOperator(0, ahead.status()));
  if (ahead->rows > 0) {
    spec_.quota->SetMoreFollows(epoch_);
    return false;
  }
  if (ahead->state == SplitState::kEnded) AnnounceEnd();
  return ahead->state == SplitState::kMore;
}

void Task::AnnounceEnd() {
  if (std::exchange(end_announced_, true)) return;
  spec_.listener->OnInputEnded(spec_.id);
}

Result<bool> Task::ReadChannels() {
  bool worked = false;
  size_t taken = 0;
  const Instant enough = step_began_ + kStepAim;
  for (size_t idle = 0; idle < spec_.inputs.size() && taken < kBatchesPerStep;) {
    if (taken > 0 && spec_.clock->Now() >= enough) break;
    const uint32_t i = next_input_;
    next_input_ = (i + 1) % static_cast<uint32_t>(spec_.inputs.size());
    Message message;
    const bool held = (aligner_->Holds(i) && !Planted(Mutant::kReadsPastItsBarrier)) ||
                      (Planted(Mutant::kPacesInsideAJoin) && spec_.inputs.back().input > 0 &&
                       merge_->of(i).watermark > merge_->merged().watermark);
    if (held || !spec_.inputs[i].channel->TryPop(message)) {
      ++idle;
      continue;
    }
    idle = 0;
    worked = true;
    ++taken;
    WEIR_RETURN_IF_ERROR(Take(i, std::move(message)));
    WEIR_ASSIGN_OR_RETURN(const bool flowing, PushOutput(false));
    if (!flowing || firing_.has_value() || spec_.nodes.front().op->keeps_rows() || no_more_input_) return true;
  }
  return worked;
}

Status Task::Take(uint32_t input, Message message) {
  switch (message.kind) {
    case Message::Kind::kBatch:
      counters_.rows_in.fetch_add(message.batch->size(), std::memory_order_relaxed);
      return ProcessAt(0, spec_.inputs[input].input, std::move(message.batch));
    case Message::Kind::kWatermark:
    case Message::Kind::kIdle: {
      const std::optional<PathTime> merged = message.kind == Message::Kind::kIdle
                                                 ? merge_->OnIdle(input)
                                                 : merge_->OnWatermark(input, message.watermark);
      return merged.has_value() ? OnTime(*merged) : Status::Ok();
    }
    case Message::Kind::kBarrier:
      if (!aligner_->aligning()) aligning_since_ = spec_.clock->Now();
      if (!aligner_->OnBarrier(input, message.barrier.n).take.has_value()) return {};
      return TakeBarrier(message.barrier);
  }
  return Internal("unknown kind of message");
}

Status Task::Emit(uint32_t node, uint32_t port, BatchPtr batch) {
  if (batch == nullptr || batch->size() == 0) return {};
  if (port == kPoisonPort) {
    counters_.poison.fetch_add(batch->size(), std::memory_order_relaxed);
    counts_[node].poison += batch->size();
  } else if (IsLatePort(port)) {
    counters_.late.fetch_add(batch->size(), std::memory_order_relaxed);
    counts_[node].late += batch->size();
  }
  const Consumer* last = nullptr;
  for (const Consumer& consumer : spec_.nodes[node].consumers) {
    if (consumer.port != port) continue;
    if (last != nullptr) {
      BatchPtr copy = batch->Clone();
      if (last->kind == Consumer::Kind::kOutlet) {
        spec_.outlets[last->index]->Take(std::move(copy));
      } else {
        WEIR_RETURN_IF_ERROR(ProcessAt(last->index, last->input, std::move(copy)));
      }
    }
    last = &consumer;
  }
  if (last == nullptr) {
    // A stream that nobody reads is the user's choice; a lost poison or late record would be ours.
    if (port != kPoisonPort && !IsLatePort(port)) return {};
    return UserError("operator " + spec_.nodes[node].context.operator_id + " has a record for the " +
                     (IsLatePort(port) ? "ledger of late rows" : "poison ledger") + ", and there is none to take it");
  }
  if (last->kind == Consumer::Kind::kNode) return ProcessAt(last->index, last->input, std::move(batch));
  spec_.outlets[last->index]->Take(std::move(batch));
  return {};
}

Status Task::ProcessAt(uint32_t node, uint32_t input, BatchPtr batch) {
  counts_[node].rows_in += batch->size();
  return AtOperator(node, Guarded([&] {
    return spec_.nodes[node].op->Process(input, std::move(batch), *emitters_[node]);
  }));
}

Status Task::AtOperator(uint32_t node, const Status& status) {
  if (status.ok() || operator_named_) return status;
  operator_named_ = true;
  return status.WithContext("operator " + spec_.nodes[node].context.operator_id);
}

}  // namespace weir
