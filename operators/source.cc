#include "operators/source.h"

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
  ReadResult result{0, SplitState::kWaiting};
  bool more = false;
  for (size_t tried = 0; tried < splits_.size() && result.rows == 0; ++tried) {
    const size_t index = next_;
    next_ = (next_ + 1) % splits_.size();
    if (splits_[index].state == SplitState::kEnded) continue;
    WEIR_ASSIGN_OR_RETURN(const ReadResult read, ReadAndEmit(index, rows_max, out));
    splits_[index].state = read.state;
    result.rows = read.rows;
    more = more || read.state == SplitState::kMore;
  }
  bool all_ended = !splits_.empty();
  for (const Split& split : splits_) all_ended = all_ended && split.state == SplitState::kEnded;
  // A split that was not asked in this call may have more: only a full round without rows means waiting. A split may
  // have more without having given a row: what it read was only for it to find its place.
  more = more || result.rows > 0;
  result.state = all_ended ? SplitState::kEnded : more ? SplitState::kMore : SplitState::kWaiting;
  return result;
}

std::vector<SplitPosition> UntypedSourceOperator::Positions() const {
  std::vector<SplitPosition> positions;
  for (size_t i = 0; i < splits_.size(); ++i) {
    Position position = reader_->PositionOf(i);
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

Result<ReadResult> UntypedSourceOperator::ReadAndEmit(size_t index, size_t rows_max, Emitter& out) {
  BatchPtr rows;
  auto poison = std::make_unique<Batch<PoisonRecord>>();
  WEIR_ASSIGN_OR_RETURN(const ReadResult read, Read(index, rows_max, rows, *poison));
  Status status;
  if (rows->size() > 0) status = out.Emit(kMainPort, std::move(rows));
  if (status.ok() && poison->size() > 0) status = out.Emit(kPoisonPort, std::move(poison));
  if (!status.ok()) return status.WithContext(PlaceOf(splits_[index].id, read.rows, reader_->PositionOf(index).next));
  return read;
}

}  // namespace weir::internal
