// The head of every pipeline: reads the splits of its task in turn, one batch of one split at a time.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "operators/row_reader.h"
#include "runtime/task/operator.h"

namespace weir::internal {

template <class T>
class TypedSourceOperator final : public SourceOperator {
 public:
  explicit TypedSourceOperator(const TypedSource<T>& config) : config_(config) {}

  Status Open(const OperatorContext& context) override {
    WEIR_ASSIGN_OR_RETURN(reader_, config_.new_reader(*context.splits, context));
    return {};
  }

  Status AddSplit(const SplitAssignment& assignment) override {
    WEIR_RETURN_IF_ERROR(reader_->Add(assignment));
    splits_.push_back({assignment.split, SplitState::kMore, assignment.start.max_timestamp});
    return {};
  }

  Result<ReadResult> Poll(size_t rows_max, Emitter& out) override {
    ReadResult result{0, SplitState::kWaiting};
    bool more = false;
    for (size_t tried = 0; tried < splits_.size() && result.rows == 0; ++tried) {
      const size_t index = next_;
      next_ = (next_ + 1) % splits_.size();
      if (splits_[index].state == SplitState::kEnded) continue;
      WEIR_ASSIGN_OR_RETURN(const ReadResult read, Read(index, rows_max, out));
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

  std::vector<SplitPosition> Positions() const override {
    std::vector<SplitPosition> positions;
    for (size_t i = 0; i < splits_.size(); ++i) {
      Position position = reader_->PositionOf(i);
      position.max_timestamp = splits_[i].max_timestamp;
      positions.push_back({splits_[i].id, std::move(position)});
    }
    return positions;
  }

  std::vector<SplitReport> Report() const override {
    std::vector<SplitReport> reports;
    for (size_t i = 0; i < splits_.size(); ++i) {
      reports.push_back({splits_[i].id.value(), reader_->PositionOf(i).next.value(), reader_->LagOf(i),
                         splits_[i].state});
    }
    return reports;
  }

 private:
  struct Split {
    SplitId id;
    SplitState state;
    EventTime max_timestamp;
  };

  Result<ReadResult> Read(size_t index, size_t rows_max, Emitter& out) {
    auto rows = std::make_unique<Batch<T>>();
    auto poison = std::make_unique<Batch<PoisonRecord>>();
    WEIR_ASSIGN_OR_RETURN(const ReadResult read, reader_->Read(index, rows_max, *rows, *poison));
    if (rows->size() > 0) WEIR_RETURN_IF_ERROR(out.Emit(kMainPort, std::move(rows)));
    if (poison->size() > 0) WEIR_RETURN_IF_ERROR(out.Emit(kPoisonPort, std::move(poison)));
    return read;
  }

  const TypedSource<T> config_;
  std::unique_ptr<RowReader<T>> reader_;
  std::vector<Split> splits_;
  size_t next_ = 0;
};

}  // namespace weir::internal
