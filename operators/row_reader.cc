#include "operators/row_reader.h"

#include <algorithm>

#include "runtime/task/guarded_call.h"

namespace weir {

SplitReader::~SplitReader() = default;

namespace internal {

TimeCheck::TimeCheck(Duration ahead_of_record_max)
    : ahead_ms_max_(std::min<int64_t>(
          kEventTimeMillisMax, std::chrono::duration_cast<std::chrono::milliseconds>(ahead_of_record_max).count())) {}

Status TimeCheck::Refuse(EventTime time, int64_t record_ms) const {
  if (time.millis > kEventTimeMillisMax || time.millis < -kEventTimeMillisMax) {
    return UserError("event time " + std::to_string(time.millis) + " is no time in milliseconds since 1970");
  }
  return UserError("event time " + std::to_string(time.millis) + " is " + std::to_string(time.millis - record_ms) +
                   " ms ahead of its record's own time " + std::to_string(record_ms) +
                   ": it would complete every open window. If such rows are right, raise pipeline.event-time.ahead-max");
}

Status NoRecordTime() {
  return UserError("the record has no timestamp, and the pipeline says no other event time: say .Timestamps(&Row::field, ...)");
}

Status TimeFunctionThrew() { return UserError("the row does not tell its event time: " + DescribeException()); }

RecordSplits::RecordSplits(std::unique_ptr<RecordReader> records, const OperatorContext& context)
    : records_(std::move(records)), splits_(*context.splits), operator_id_(context.operator_id),
      budget_(*context.poison) {}
RecordSplits::~RecordSplits() = default;

Status RecordSplits::Add(const SplitAssignment& assignment) {
  WEIR_RETURN_IF_ERROR(records_->Add(assignment));
  names_.push_back(assignment.split.value());
  placements_.push_back(splits_.Placement(assignment.split));
  return {};
}

Arena& RecordSplits::NextArena() {
  if (arena_ == nullptr || !arena_->empty()) arena_ = std::make_shared<Arena>();
  return *arena_;
}

Result<ReadResult> RecordSplits::Read(size_t index, size_t rows_max, const RawVisitor& visit, BatchBase& rows) {
  stop_ = {};
  WEIR_ASSIGN_OR_RETURN(const ReadResult read, records_->Read(index, rows_max, visit));
  WEIR_RETURN_IF_ERROR(stop_);
  if (!arena_->empty()) rows.arenas.push_back(std::move(arena_));
  return read;
}

void RecordSplits::Refuse(size_t index, const RawRecord& record, const Status& why, Batch<PoisonRecord>& poison) {
  if (!stop_.ok()) return;
  std::string reason = why.message();
  if (record.value.size() > kPoisonBytesMax) {
    reason += " (the first " + std::to_string(kPoisonBytesMax) + " of " + std::to_string(record.value.size()) + " bytes)";
  }
  poison.rows.push_back({operator_id_, names_[index], record.offset.value(), std::move(reason),
                         Base64(record.key.substr(0, kPoisonBytesMax)), Base64(record.value.substr(0, kPoisonBytesMax))});
  stop_ = budget_.Charge("split " + names_[index] + " offset " + std::to_string(record.offset.value()) + ": " +
                         why.message());
}

}  // namespace internal
}  // namespace weir
