// The head of every pipeline: reads the splits of its task in turn, one batch of one split at a time.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "operators/row_reader.h"
#include "runtime/task/operator.h"
#include "runtime/time/source_clock.h"

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
  PathTime Time() override;
  bool TimeIsDue() override;

 protected:
  /// For Open of the typed half, before it makes reader_. `policy` is null where rows have no times of their own.
  void OpenUntyped(const OperatorContext& context, const TimePolicy* policy);
  bool has_times() const { return clock_.has_value(); }
  /// Makes a batch of at most `rows_max` rows of split `index`. Both of reader_.
  virtual Result<ReadResult> Read(size_t index, size_t rows_max, BatchPtr& rows, Batch<PoisonRecord>& poison) = 0;

  std::unique_ptr<SplitReader> reader_;   // set by Open

 private:
  struct Split {
    SplitId id;
    SplitState state;
    uint32_t placement;
    bool held = false;   // by pacing, when it was last looked at
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
  bool IsHeld(size_t split);
  /// The part of Read's answer that event time is about.
  void ObserveState(size_t split, const ReadResult& read);
  Status ObserveRows(size_t split, BatchBase& rows);
  void Publish();
  void SayWhatIsOdd(const BatchBase& rows);

  OperatorContext context_;
  std::optional<SourceClock> clock_;   // without a value: rows have no times
  PathTime passed_on_;                    // what Time said last
  Instant passed_on_at_{};
  uint64_t rows_since_ = 0;
  bool polled_ = false;
  uint64_t odd_rows_ = 0;                 // until the first sane one
  bool sane_times_ = false;

  std::vector<Split> splits_;
  size_t next_ = 0;
  std::optional<Chunk> ahead_;   // read by LookAhead: belongs to the epoch in which Poll emits it
};

/// How rows get their event time; shared by all tasks of a source.
template <class T>
struct SourceTimes {
  typename RowReader<T>::TimeOf time_of;   ///< Null: the time of their record.
  TimePolicy policy;
};

template <class T>
class TypedSourceOperator final : public UntypedSourceOperator {
 public:
  using NewReader = decltype(TypedSource<T>::new_reader);
  /// `times` is null unless the pipeline says what is the event time of its rows.
  explicit TypedSourceOperator(NewReader new_reader, std::shared_ptr<const SourceTimes<T>> times = nullptr)
      : new_reader_(std::move(new_reader)), times_(std::move(times)) {}

  Status Open(const OperatorContext& context) override {
    OpenUntyped(context, times_ == nullptr ? nullptr : &times_->policy);
    WEIR_ASSIGN_OR_RETURN(auto reader, new_reader_(*context.splits, context));
    if (has_times()) {
      reader->GiveTimes(times_ == nullptr ? nullptr : times_->time_of, TimeCheck(context.time.ahead_of_broker_max));
    }
    if (context.time.origins) reader->GiveOrigins();
    reader_ = std::move(reader);
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
  const std::shared_ptr<const SourceTimes<T>> times_;
};

}  // namespace weir::internal
