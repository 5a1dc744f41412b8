// The head of every pipeline: reads the splits of its task in turn, one batch of one split at a time.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "operators/row_reader.h"
#include "runtime/task/operator.h"

namespace weir::internal {

/// All of the Source that knows no row type.
class UntypedSourceOperator : public SourceOperator {
 public:
  ~UntypedSourceOperator() override;
  Status AddSplit(const SplitAssignment& assignment) override;
  Result<ReadResult> Poll(size_t rows_max, Emitter& out) override;
  Result<ReadResult> LookAhead() override;
  std::vector<SplitPosition> Positions() const override;
  std::vector<SplitReport> Report() const override;

 protected:
  /// Makes a batch of at most `rows_max` rows of split `index`. Both of reader_.
  virtual Result<ReadResult> Read(size_t index, size_t rows_max, BatchPtr& rows, Batch<PoisonRecord>& poison) = 0;

  std::unique_ptr<SplitReader> reader_;   // set by Open

 private:
  struct Split {
    SplitId id;
    SplitState state;
    EventTime max_timestamp;
  };
  /// What one read gave, not emitted yet.
  struct Chunk {
    size_t split = 0;
    ReadResult result;   ///< The state is that of the whole source.
    BatchPtr rows;
    std::unique_ptr<Batch<PoisonRecord>> poison;
    Position before;     ///< Of the split; only where asked for.
  };
  Result<Chunk> ReadNext(size_t rows_max, bool with_position);
  Status Emit(Chunk chunk, Emitter& out);
  bool all_ended() const;

  std::vector<Split> splits_;
  size_t next_ = 0;
  std::optional<Chunk> ahead_;   // read by LookAhead: belongs to the epoch in which Poll emits it
};

template <class T>
class TypedSourceOperator final : public UntypedSourceOperator {
 public:
  using NewReader = decltype(TypedSource<T>::new_reader);
  explicit TypedSourceOperator(NewReader new_reader) : new_reader_(std::move(new_reader)) {}

  Status Open(const OperatorContext& context) override {
    WEIR_ASSIGN_OR_RETURN(reader_, new_reader_(*context.splits, context));
    return {};
  }

 private:
  Result<ReadResult> Read(size_t index, size_t rows_max, BatchPtr& rows, Batch<PoisonRecord>& poison) override {
    auto made = std::make_unique<Batch<T>>();
    Batch<T>& batch = *made;
    rows = std::move(made);
    return static_cast<RowReader<T>&>(*reader_).Read(index, rows_max, batch, poison);
  }

  const NewReader new_reader_;
};

}  // namespace weir::internal
