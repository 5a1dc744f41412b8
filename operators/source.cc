#include "operators/source.h"

#include <algorithm>

#include "runtime/base/mutant.h"

namespace weir::internal {

UntypedSourceOperator::~UntypedSourceOperator() = default;

namespace {

/// Where rows stood that something downstream failed at. Looked up only then: a position costs a hash of its record.
std::string PlaceOf(const SplitId& split, size_t rows, Offset next) {
  const std::string which = rows == 1 ? "the record" : "one of the " + std::to_string(rows) + " records";
  return "split " + split.value() + ", " + which + " before offset " + std::to_string(next.value());
}

}  // namespace

Status UntypedSourceOperator::AddSplit(const SplitAssignment& assignment) {
  WEIR_RETURN_IF_ERROR(reader_->Add(assignment));
  splits_.push_back({assignment.split, SplitState::kMore, assignment.start.max_timestamp});
  return {};
}

Result<ReadResult> UntypedSourceOperator::Poll(size_t rows_max, Emitter& out) {
  if (ahead_.has_value()) {
    const size_t rows = ahead_->result.rows;
    WEIR_RETURN_IF_ERROR(Emit(*std::exchange(ahead_, std::nullopt), out));
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
  if (result.rows > 0) ahead_ = std::move(chunk);
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
    if (with_position) chunk.before = reader_->PositionOf(chunk.split);
    chunk.poison = std::make_unique<Batch<PoisonRecord>>();
    WEIR_ASSIGN_OR_RETURN(const ReadResult read, Read(chunk.split, rows_max, chunk.rows, *chunk.poison));
    split.state = read.state;
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
    position.max_timestamp = splits_[i].max_timestamp;
    positions.push_back({splits_[i].id, std::move(position)});
  }
  return positions;
}

std::vector<SplitReport> UntypedSourceOperator::Report() const {
  std::vector<SplitReport> reports;
  for (size_t i = 0; i < splits_.size(); ++i) {
    reports.push_back({splits_[i].id.value(), reader_->PositionOf(i).next.value(), reader_->LagOf(i),
                       splits_[i].state});
  }
  return reports;
}

Status UntypedSourceOperator::Emit(Chunk chunk, Emitter& out) {
  if (chunk.result.rows == 0) return {};
  Status status;
  if (chunk.rows->size() > 0) status = out.Emit(kMainPort, std::move(chunk.rows));
  if (status.ok() && chunk.poison->size() > 0) status = out.Emit(kPoisonPort, std::move(chunk.poison));
  if (status.ok()) return {};
  return status.WithContext(
      PlaceOf(splits_[chunk.split].id, chunk.result.rows, reader_->PositionOf(chunk.split).next));
}

}  // namespace weir::internal
