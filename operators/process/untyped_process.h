// Internal: all of the Process operators that knows neither rows nor keys.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operators/poison_record.h"
#include "operators/process/context.h"
#include "operators/process/side_output.h"
#include "runtime/task/operator.h"

namespace weir::internal {

/// A step fires about so many timers.
inline constexpr size_t kTimersPerStep = 1024;
/// Timers in the past that follow from one row; more are a function that sets itself another one each time.
inline constexpr size_t kPastTimersMax = 10'000;

class UntypedProcess : public Operator, protected TimerService {
 public:
  std::optional<uint64_t> rows_processed() const override { return processed_; }

 protected:
  explicit UntypedProcess(std::shared_ptr<const SideOutputs> sides);
  ~UntypedProcess() override;

  void OpenContext(const OperatorContext& context);
  Context& context() { return context_; }
  EventTime watermark() const { return context_.watermark_; }
  void SetWatermark(EventTime watermark) { context_.watermark_ = watermark; }

  /// The calls that follow are about row `row` of `in`.
  void BeginRow(const BatchBase& in, size_t row) {
    if (!in.times.empty()) context_.time_ = in.times[row];
    context_.late_ = in.is_late(row);
  }
  /// What was emitted for it, to `made` and to side outputs, has its columns from here on.
  void EndRow(const BatchBase& in, size_t row, BatchBase& made) {
    made.FillColumns(in, row, made.size());
    if (!context_.sides_.empty()) EndRowOfSides(in, row);
  }
  void BeginTimer(EventTime time) {
    context_.time_ = time;
    context_.late_ = false;
  }
  /// As EndRow, for rows of a timer.
  void EndTimer(EventTime time, BatchBase& made);
  /// The event time of what a processing-time timer emits.
  EventTime TimeOfWallTimer() const { return context_.watermark_; }

  /// Takes the row out of what is emitted: it goes to the ledger, or stops the job, as the policy says. What was already
  /// changed of the state and of timers stays changed. `in_row`: the row as text, empty where it cannot be told.
  Status Refuse(const BatchBase& in, size_t row, const std::string& key, const std::string& row_text,
                const std::string& what);
  /// A timer has no row that could go to the ledger.
  Status TimerFailed(const std::string& key, const std::string& when, const std::string& what) const;
  Status TooManyPastTimers(const std::string& key) const;
  [[noreturn]] static void ThrowNoCallback(const char* set, const char* callback);

  /// Passes on what was emitted and refused.
  Status EmitAll(BatchPtr made, Emitter& out);

  uint64_t processed_ = 0;

 private:
  void EndRowOfSides(const BatchBase& in, size_t row);
  void FillTimer(BatchBase& batch, EventTime time) const;

  const std::shared_ptr<const SideOutputs> side_outputs_;
  Context context_;
  std::string operator_id_;
  PoisonBudget* poison_ = nullptr;
  std::unique_ptr<Batch<PoisonRecord>> refused_;   // of this batch; null: none
  bool has_times_ = false;                         // rows have event times
};

/// "a function threw: ..." of the exception that is being handled.
std::string DescribeException();

}  // namespace weir::internal
