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

/// With rows in place of bytes.
template <class T>
class RowReader : public SplitReader {
 public:
  /// Appends at most `rows_max` rows of split `index` to `rows`, and what could not become a row to `poison`;
  /// both count towards the result's rows.
  virtual Result<ReadResult> Read(size_t index, size_t rows_max, Batch<T>& rows, Batch<PoisonRecord>& poison) = 0;
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
      const Status status = decoder_->Decode(record.value, &row, arena);
      if (status.ok()) [[likely]] {
        if (place_.partition != nullptr) row.*place_.partition = splits_.placement(index);
        if (place_.offset != nullptr) row.*place_.offset = record.offset.value();
        return;
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
