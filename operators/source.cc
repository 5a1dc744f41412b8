#include "operators/source.h"

#include <algorithm>

#include "runtime/base/executor.h"
#include "runtime/base/mutant.h"
#include "runtime/time/pacing_board.h"

namespace weir::internal {

UntypedSourceOperator::~UntypedSourceOperator() = default;

namespace {

/// Producers stamp records themselves, each by its own clock.
constexpr int64_t kRecordTimeDisorderMs = 5000;
/// A watermark downstream at least this often while rows flow, however little event time moves.
constexpr Duration kWatermarkEvery = std::chrono::milliseconds(50);
constexpr uint64_t kWatermarkRows = 64 * 1024;
/// Rows after which odd timestamps are worth a word.
constexpr uint64_t kOddRows = 100;
constexpr int64_t kYear1980Ms = 315'532'800'000;
constexpr int64_t kYear2100Ms = 4'102'444'800'000;

/// Where rows stood that something downstream failed at. Looked up only then: a position costs a hash of its record.
std::string PlaceOf(const SplitId& split, size_t rows, Offset next) {
  const std::string which = rows == 1 ? "the record" : "one of the " + std::to_string(rows) + " records";
  return "split " + split.value() + ", " + which + " before offset " + std::to_string(next.value());
}

}  // namespace

Status UntypedSourceOperator::AddSplit(const SplitAssignment& assignment) {
  WEIR_RETURN_IF_ERROR(reader_->Add(assignment));
  splits_.push_back({assignment.split, SplitState::kMore, context_.splits->Placement(assignment.split)});
  if (clock_.has_value()) {
    clock_->Add(assignment.start, polled_ ? SourceClock::Found::kWhileRunning : SourceClock::Found::kAtStart);
  }
  return {};
}

void UntypedSourceOperator::OpenUntyped(const OperatorContext& context, const TimePolicy* policy) {
  context_ = context;
  if (policy == nullptr && !context.time.needed) return;
  SourceClockOptions options;
  options.policy = policy == nullptr ? TimePolicy{kRecordTimeDisorderMs, nullptr} : *policy;
  options.idle_after = context.time.idle_after;
  options.ended_splits_hold = context.time.ended_splits_hold;
  clock_.emplace(std::move(options));
}

Result<ReadResult> UntypedSourceOperator::Poll(size_t rows_max, Emitter& out) {
  polled_ = true;
  if (ahead_.has_value()) {
    const size_t rows = ahead_->result.rows;
    const size_t split = ahead_->split;
    WEIR_RETURN_IF_ERROR(Emit(*std::exchange(ahead_, std::nullopt), out));
    if (clock_.has_value() && splits_[split].state == SplitState::kEnded) clock_->OnEnded(split);
    return ReadResult{rows, all_ended() ? SplitState::kEnded : SplitState::kMore};
  }
  WEIR_ASSIGN_OR_RETURN(Chunk chunk, ReadNext(rows_max, false));
  const ReadResult result = chunk.result;
  WEIR_RETURN_IF_ERROR(Emit(std::move(chunk), out));
  return result;
}

Result<ReadResult> UntypedSourceOperator::LookAhead() {
  if (ahead_.has_value()) return ahead_->result;
  WEIR_ASSIGN_OR_RETURN(Chunk chunk, ReadNext(1, true));
  const ReadResult result = chunk.result;
  if (result.rows > 0) {
    ahead_ = std::move(chunk);
  } else if (clock_.has_value()) {
    // Others may wait for a split of which only now is known that it has no more.
    Publish();
  }
  return result;
}

Result<UntypedSourceOperator::Chunk> UntypedSourceOperator::ReadNext(size_t rows_max, bool with_position) {
  Chunk chunk;
  bool more = false;
  for (size_t tried = 0; tried < splits_.size() && chunk.result.rows == 0; ++tried) {
    chunk.split = next_;
    next_ = (next_ + 1) % splits_.size();
    Split& split = splits_[chunk.split];
    if (split.state == SplitState::kEnded) continue;
    if (IsHeld(chunk.split)) continue;
    if (with_position) chunk.before = reader_->PositionOf(chunk.split);
    chunk.poison = std::make_unique<Batch<PoisonRecord>>();
    WEIR_ASSIGN_OR_RETURN(const ReadResult read, Read(chunk.split, rows_max, chunk.rows, *chunk.poison));
    split.state = read.state;
    // A row that waits for its epoch is still to come: its split has not ended before.
    const bool waits = with_position && read.rows > 0;
    if (!waits) ObserveState(chunk.split, read);
    chunk.result.rows = read.rows;
    more = more || read.state == SplitState::kMore;
  }
  // A split that was not asked in this call may have more: only a full round without rows means waiting. A split may
  // have more without having given a row: what it read was only for it to find its place.
  more = more || chunk.result.rows > 0;
  chunk.result.state = all_ended() ? SplitState::kEnded : more ? SplitState::kMore : SplitState::kWaiting;
  return chunk;
}

bool UntypedSourceOperator::all_ended() const {
  return !splits_.empty() &&
         std::all_of(splits_.begin(), splits_.end(), [](const Split& split) { return split.state == SplitState::kEnded; });
}

std::vector<SplitPosition> UntypedSourceOperator::Positions() const {
  std::vector<SplitPosition> positions;
  for (size_t i = 0; i < splits_.size(); ++i) {
    const bool waits = ahead_.has_value() && ahead_->split == i && !Planted(Mutant::kAheadCountsAsRead);
    Position position = waits ? ahead_->before : reader_->PositionOf(i);
    if (clock_.has_value() && !Planted(Mutant::kGreatestNotInPosition)) clock_->Describe(i, position);
    positions.push_back({splits_[i].id, std::move(position)});
  }
  return positions;
}

std::vector<SplitReport> UntypedSourceOperator::Report() const {
  std::vector<SplitReport> reports;
  for (size_t i = 0; i < splits_.size(); ++i) {
    SplitReport report;
    report.split = splits_[i].id.value();
    report.next_offset = reader_->PositionOf(i).next.value();
    report.lag = reader_->LagOf(i);
    report.state = splits_[i].state;
    if (clock_.has_value()) report.time = clock_->TimeOf(i);
    report.has_time = clock_.has_value();
    report.held = splits_[i].held;
    reports.push_back(std::move(report));
  }
  return reports;
}

bool UntypedSourceOperator::IsHeld(size_t index) {
  if (!clock_.has_value() || context_.time.pacing == nullptr) return false;
  Split& split = splits_[index];
  split.held = context_.time.pacing->Holds(context_.time.pacing_member, clock_->TimeOf(index).watermark);
  return split.held;
}

void UntypedSourceOperator::ObserveState(size_t index, const ReadResult& read) {
  if (!clock_.has_value()) return;
  if (read.state == SplitState::kEnded) clock_->OnEnded(index);
  if (read.state == SplitState::kWaiting && read.rows == 0) {
    const PacingBoard* const board = context_.time.pacing;
    if (board != nullptr && !board->Answers(context_.time.pacing_member)) return clock_->OnUnheard(index);
    // An end that nobody has told yet may lie behind many rows.
    clock_->OnWaiting(index, reader_->LagOf(index) == 0, context_.clock->Now());
    if (const Instant next = clock_->next_idle(); next != Instant::max()) context_.waker->WakeAt(next);
    for (const size_t idle : clock_->TakeNewlyIdle()) {
      context_.logger.Warning("split_idle", "source " + context_.operator_id + ": split " + splits_[idle].id.value() +
                                                " has given nothing for so long that others go on without it: from here on "
                                                "the results depend on the clock and cannot be repeated exactly");
    }
  }
}

Status UntypedSourceOperator::ObserveRows(size_t index, BatchBase& rows) {
  for (RowOrigin& origin : rows.origins) origin.split = splits_[index].placement;
  if (!clock_.has_value()) return {};
  rows_since_ += rows.size();
  if (!sane_times_) SayWhatIsOdd(rows);
  const bool wakes = clock_->TimeOf(index).idle && rows.size() > 0;
  PacingBoard* const board = context_.time.pacing;
  const EventTime elsewhere =
      wakes && board != nullptr ? board->Elsewhere(context_.time.pacing_member) : kMinEventTime;
  WEIR_RETURN_IF_ERROR(clock_->OnRows(
      index, rows.times, [&](size_t i) { return rows.row(i); }, rows.late, elsewhere));
  Publish();
  return {};
}

void UntypedSourceOperator::Publish() {
  if (context_.time.pacing == nullptr) return;
  context_.time.pacing->Publish(context_.time.pacing_member, clock_->SlowestWithMore(), clock_->Time());
}

void UntypedSourceOperator::SayWhatIsOdd(const BatchBase& rows) {
  for (const EventTime time : rows.times) {
    if (time.millis >= kYear1980Ms && time.millis < kYear2100Ms) {
      sane_times_ = true;
      return;
    }
  }
  odd_rows_ += rows.size();
  if (odd_rows_ < kOddRows) return;
  sane_times_ = true;
  context_.logger.Warning("odd_times", "source " + context_.operator_id + ": all event times so far are before 1980 or after "
                                       "2100, the last is " + std::to_string(rows.times.back().millis) +
                                       ". They are milliseconds since 1970: are these seconds, or is the field empty?");
}

PathTime UntypedSourceOperator::Time() {
  if (!clock_.has_value()) return {};
  const PathTime& time = clock_->Time();
  passed_on_ = time;
  passed_on_at_ = context_.clock->Now();
  rows_since_ = 0;
  Publish();
  return time;
}

bool UntypedSourceOperator::TimeIsDue() {
  if (!clock_.has_value()) return false;
  const PathTime now = clock_->Time();
  // Downstream time goes on without this task until it hears of it again.
  if (passed_on_.idle && !now.idle) return true;
  if (now.watermark <= passed_on_.watermark) return false;
  const EventTime before = passed_on_.watermark;
  return before == kMinEventTime || now.watermark.millis - before.millis >= context_.time.watermark_step_ms ||
         rows_since_ >= kWatermarkRows || context_.clock->Now() - passed_on_at_ >= kWatermarkEvery;
}

Status UntypedSourceOperator::Emit(Chunk chunk, Emitter& out) {
  if (chunk.result.rows == 0) return {};
  Status status = ObserveRows(chunk.split, *chunk.rows);
  if (status.ok() && chunk.rows->size() > 0) status = out.Emit(kMainPort, std::move(chunk.rows));
  if (status.ok() && chunk.poison->size() > 0) status = out.Emit(kPoisonPort, std::move(chunk.poison));
  if (status.ok()) return {};
  return status.WithContext(
      PlaceOf(splits_[chunk.split].id, chunk.result.rows, reader_->PositionOf(chunk.split).next));
}

}  // namespace weir::internal
