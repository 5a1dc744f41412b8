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

/// One thread, the source task's. The same contract as RecordReader, with rows in place of bytes.
template <class T>
class RowReader {
 public:
  virtual ~RowReader() = default;
  virtual Status Add(const SplitAssignment& assignment) = 0;
  /// Appends at most `rows_max` rows of split `index` to `rows`, and what could not become a row to `poison`;
  /// both count towards the result's rows.
  virtual Result<ReadResult> Read(size_t index, size_t rows_max, Batch<T>& rows, Batch<PoisonRecord>& poison) = 0;
  virtual Position PositionOf(size_t index) const = 0;
  virtual int64_t LagOf(size_t index) const = 0;
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

/// Decodes the records of a RecordReader. A record that cannot be decoded is charged to the poison budget.
template <class T>
class DecodingReader final : public RowReader<T> {
 public:
  DecodingReader(std::unique_ptr<RecordReader> records, std::unique_ptr<RowDecoder> decoder, RecordPlace<T> place,
                 const OperatorContext& context)
      : records_(std::move(records)), decoder_(std::move(decoder)), place_(place), splits_(*context.splits),
        operator_id_(context.operator_id), budget_(*context.poison) {}

  Status Add(const SplitAssignment& assignment) override {
    WEIR_RETURN_IF_ERROR(records_->Add(assignment));
    names_.push_back(assignment.split.value());
    placements_.push_back(splits_.Placement(assignment.split));
    return {};
  }

  Result<ReadResult> Read(size_t index, size_t rows_max, Batch<T>& rows, Batch<PoisonRecord>& poison) override {
    auto arena = std::make_shared<Arena>();
    Status refused;
    rows.rows.reserve(rows_max);
    const auto visit = [&](const RawRecord& record) {
      T& row = rows.rows.emplace_back();
      Status status = decoder_->Decode(record.value, &row, *arena);
      if (status.ok()) [[likely]] {
        if (place_.partition != nullptr) row.*place_.partition = placements_[index];
        if (place_.offset != nullptr) row.*place_.offset = record.offset.value();
        return;
      }
      rows.rows.pop_back();
      if (!refused.ok()) return;
      refused = Refuse(index, record, status, poison);
    };
    WEIR_ASSIGN_OR_RETURN(const ReadResult read, records_->Read(index, rows_max, visit));
    WEIR_RETURN_IF_ERROR(refused);
    if (!arena->empty()) rows.arenas.push_back(std::move(arena));
    return read;
  }

  Position PositionOf(size_t index) const override { return records_->PositionOf(index); }
  int64_t LagOf(size_t index) const override { return records_->LagOf(index); }

 private:
  Status Refuse(size_t index, const RawRecord& record, const Status& why, Batch<PoisonRecord>& poison) {
    std::string reason = why.message();
    if (record.value.size() > kPoisonBytesMax) {
      reason += " (the first " + std::to_string(kPoisonBytesMax) + " of " + std::to_string(record.value.size()) + " bytes)";
    }
    poison.rows.push_back({operator_id_, names_[index], record.offset.value(), std::move(reason),
                           Base64(record.key.substr(0, kPoisonBytesMax)), Base64(record.value.substr(0, kPoisonBytesMax))});
    return budget_.Charge("split " + names_[index] + " offset " + std::to_string(record.offset.value()) + ": " +
                          why.message());
  }

  const std::unique_ptr<RecordReader> records_;
  const std::unique_ptr<RowDecoder> decoder_;
  const RecordPlace<T> place_;
  SplitSource& splits_;
  const std::string operator_id_;
  PoisonBudget& budget_;
  std::vector<std::string> names_;
  std::vector<uint32_t> placements_;
};

}  // namespace weir
