// How a source's rows are read once its type is known. Connectors of bytes get DecodingReader; a connector that
// makes rows itself (the generator) implements this.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operators/poison_record.h"
#include "runtime/channel/batch.h"
#include "runtime/io/codec.h"
#include "runtime/io/connector.h"
#include "runtime/task/operator.h"
#include "runtime/time/time_policy.h"

namespace weir {

/// What reads a source's splits, as far as it knows no row type. One thread, the source task's. The same contract as
/// RecordReader.
class SplitReader {
 public:
  virtual ~SplitReader();
  virtual Status Add(const SplitAssignment& assignment) = 0;
  virtual Position PositionOf(size_t index) const = 0;
  virtual int64_t LagOf(size_t index) const = 0;
};

namespace internal {

/// Whether rows get times, and which of them are none. What needs no row type of it.
class TimeCheck {
 public:
  TimeCheck() = default;
  explicit TimeCheck(Duration ahead_of_record_max);
  /// OK, or why `time` cannot be the event time of a row whose record has the time `record_ms` (kNoTimestamp: none).
  Status Check(EventTime time, int64_t record_ms) const {
    const bool sane = time.millis <= kEventTimeMillisMax && time.millis >= -kEventTimeMillisMax &&
                      (record_ms == kNoTimestamp || time.millis - record_ms <= ahead_ms_max_);
    return sane ? Status::Ok() : Refuse(time, record_ms);
  }

 private:
  Status Refuse(EventTime time, int64_t record_ms) const;
  int64_t ahead_ms_max_ = kEventTimeMillisMax;
};

/// Why a record without a time cannot be a row of a source that takes its times from there.
Status NoRecordTime();
/// The same of a row whose time was to be told by a function that has thrown, within the handler of that exception.
Status TimeFunctionThrew();

}  // namespace internal

/// With rows in place of bytes.
template <class T>
class RowReader : public SplitReader {
 public:
  using TimeOf = std::function<EventTime(const T& row)>;

  /// Appends at most `rows_max` rows of split `index` to `rows`, and what could not become a row to `poison`;
  /// both count towards the result's rows. Columns that were asked for are filled in.
  virtual Result<ReadResult> Read(size_t index, size_t rows_max, Batch<T>& rows, Batch<PoisonRecord>& poison) = 0;

  /// From now on rows get times: `time_of`, or the time of their record where that is null.
  void GiveTimes(TimeOf time_of, internal::TimeCheck check) {
    times_ = true;
    time_of_ = std::move(time_of);
    check_ = check;
  }
  /// From now on rows say where they were read; the split's number is filled in by the caller.
  void GiveOrigins() { origins_ = true; }

 protected:
  /// Fills in the columns of the row that was appended last. A failure: it must not stay.
  Status AddColumns(Batch<T>& rows, int64_t record_ms, int64_t offset) {
    if (times_) {
      if (!time_of_ && record_ms == kNoTimestamp) return internal::NoRecordTime();
      EventTime time{record_ms};
      try {
        if (time_of_) time = time_of_(rows.rows.back());
      } catch (...) {
        return internal::TimeFunctionThrew();
      }
      WEIR_RETURN_IF_ERROR(check_.Check(time, record_ms));
      rows.times.push_back(time);
    }
    if (origins_) rows.origins.push_back({0, offset});
    return {};
  }
  bool has_columns() const { return times_ || origins_; }

 private:
  bool times_ = false;
  bool origins_ = false;
  TimeOf time_of_;
  internal::TimeCheck check_;
};

/// What a typed source configuration turns into.
template <class T>
struct TypedSource {
  std::shared_ptr<const SourceConnector> connector;
  /// `splits` is what the connector opened. Called by the worker that will use the reader.
  std::function<Result<std::unique_ptr<RowReader<T>>>(SplitSource& splits, const OperatorContext& context)> new_reader;
};

/// Fields of a row that are not in the record's bytes but say where it stood.
template <class T>
struct RecordPlace {
  int64_t T::*partition = nullptr;   ///< Gets SplitSource::Placement: for Kafka the partition.
  int64_t T::*offset = nullptr;
};

namespace internal {

/// The records of a DecodingReader: all of it that knows no row type.
class RecordSplits {
 public:
  RecordSplits(std::unique_ptr<RecordReader> records, const OperatorContext& context);
  ~RecordSplits();

  Status Add(const SplitAssignment& assignment);
  /// The arena for the rows of the next Read; empty.
  Arena& NextArena();
  /// Hands records to `visit`, which calls Refuse for those that it cannot decode, and gives the arena to `rows` if
  /// something was put into it. Fails where the budget says stop.
  Result<ReadResult> Read(size_t index, size_t rows_max, const RawVisitor& visit, BatchBase& rows);
  /// Puts a record of split `index` into `poison` and charges it to the budget, unless this Read fails already.
  void Refuse(size_t index, const RawRecord& record, const Status& why, Batch<PoisonRecord>& poison);

  const RecordReader& records() const { return *records_; }
  uint32_t placement(size_t index) const { return placements_[index]; }

 private:
  const std::unique_ptr<RecordReader> records_;
  SplitSource& splits_;
  const std::string operator_id_;
  PoisonBudget& budget_;
  std::vector<std::string> names_;
  std::vector<uint32_t> placements_;
  std::shared_ptr<Arena> arena_;
  Status stop_;   // what the budget said in this Read
};

}  // namespace internal

/// Decodes the records of a RecordReader. A record that cannot be decoded is charged to the poison budget.
template <class T>
class DecodingReader final : public RowReader<T> {
 public:
  DecodingReader(std::unique_ptr<RecordReader> records, std::unique_ptr<RowDecoder> decoder, RecordPlace<T> place,
                 const OperatorContext& context)
      : splits_(std::move(records), context), decoder_(std::move(decoder)), place_(place) {}

  Status Add(const SplitAssignment& assignment) override { return splits_.Add(assignment); }

  Result<ReadResult> Read(size_t index, size_t rows_max, Batch<T>& rows, Batch<PoisonRecord>& poison) override {
    Arena& arena = splits_.NextArena();
    rows.rows.reserve(rows_max);
    const auto visit = [&](const RawRecord& record) {
      T& row = rows.rows.emplace_back();
      Status status = decoder_->Decode(record.value, &row, arena);
      if (status.ok()) [[likely]] {
        if (place_.partition != nullptr) row.*place_.partition = splits_.placement(index);
        if (place_.offset != nullptr) row.*place_.offset = record.offset.value();
        if (!this->has_columns()) return;
        status = this->AddColumns(rows, record.timestamp_ms, record.offset.value());
        if (status.ok()) return;
      }
      rows.rows.pop_back();
      splits_.Refuse(index, record, status, poison);
    };
    return splits_.Read(index, rows_max, std::cref(visit), rows);
  }

  Position PositionOf(size_t index) const override { return splits_.records().PositionOf(index); }
  int64_t LagOf(size_t index) const override { return splits_.records().LagOf(index); }

 private:
  internal::RecordSplits splits_;
  const std::unique_ptr<RowDecoder> decoder_;
  const RecordPlace<T> place_;
};

/// A source whose connector opens a RecordSource.
template <class T>
TypedSource<T> DecodedSource(std::shared_ptr<const SourceConnector> connector,
                             std::function<std::unique_ptr<RowDecoder>()> new_decoder, RecordPlace<T> place) {
  return {std::move(connector),
          [new_decoder = std::move(new_decoder), place](
              SplitSource& splits, const OperatorContext& context) -> Result<std::unique_ptr<RowReader<T>>> {
            WEIR_ASSIGN_OR_RETURN(auto records, static_cast<RecordSource&>(splits).NewReader(*context.waker));
            return std::unique_ptr<RowReader<T>>(
                std::make_unique<DecodingReader<T>>(std::move(records), new_decoder(), place, context));
          }};
}

}  // namespace weir
