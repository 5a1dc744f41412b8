// Internal: all of the Process operators that knows neither rows nor keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operators/passed_time.h"
#include "operators/poison_record.h"
#include "operators/process/context.h"
#include "operators/process/side_output.h"
#include "runtime/task/guarded_call.h"
#include "runtime/task/operator.h"

namespace weir::internal {

/// Timers in the past that follow from one row, or in one firing from others of their key that were not earlier; more are a
/// function that sets itself another one each time.
inline constexpr size_t kPastTimersMax = 10'000;

class UntypedProcess : public Operator, protected TimerService {
 public:
  std::optional<uint64_t> rows_processed() const override { return processed_; }

 protected:
  explicit UntypedProcess(std::shared_ptr<const SideOutputs> sides);
  ~UntypedProcess() override;

  /// `timed`: the function has timers or asks for event time, so it matters through a restart how far that has come.
  void OpenContext(const OperatorContext& context, bool timed);
  Context& context() { return context_; }
  /// Of the key that a call is about: what has come since the start, or before it, if that was more.
  EventTime watermark() const { return context_.watermark_; }
  /// Of the task, since the start, without that of the end.
  EventTime last_watermark() const { return watermark_; }
  /// It has come, and is worked off from now on; and it has been.
  void BeginWatermark(EventTime watermark);
  void EndWatermark(EventTime watermark);

  /// The calls that follow are about row `row` of `in`.
  void BeginRow(const BatchBase& in, size_t row) {
    context_.time_ = in.times.empty() ? kMinEventTime : in.times[row];
    context_.late_ = in.is_late(row);
    if (timed_) BeginTimedRow(in.hashes[row]);
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
  /// The same for a timer of processing time. Returns the event time of what it emits: how far that has come for the key, or
  /// what is nearest to it where it is not known.
  EventTime BeginWallTimer(uint64_t hash, EventTime due);
  /// A step fires about so many timers.
  size_t rows_per_step() const { return rows_per_step_; }
  /// There is no event time yet that such a timer could have. A first watermark or row comes soon after a start.
  bool knows_no_time() const { return has_times_ && latest_ == kMinEventTime && passed_.most() == kMinEventTime; }

  /// Takes the row out of what is emitted: it goes to the ledger, or stops the job, as the policy says. What was already
  /// changed of the state and of timers stays changed. `in_row`: the row as text, empty where it cannot be told.
  Status Refuse(const BatchBase& in, size_t row, const std::string& key, const std::string& row_text,
                const std::string& what);
  /// A timer has no row that could go to the ledger.
  Status TimerFailed(const std::string& key, const std::string& when, const std::string& what) const;
  Status TooManyPastTimers(const std::string& key, const char* when) const;
  [[noreturn]] static void ThrowNoCallback(const char* set, const char* callback);

  /// Passes on what was emitted and refused.
  Status EmitAll(BatchPtr made, Emitter& out);

  uint64_t processed_ = 0;

 private:
  void BeginTimedRow(uint64_t hash) {
    latest_ = std::max(latest_, context_.time_);
    if (watermark_ < passed_.most()) [[unlikely]] context_.watermark_ = std::max(watermark_, passed_.Of(hash));
  }
  void EndRowOfSides(const BatchBase& in, size_t row);
  void FillTimer(BatchBase& batch, EventTime time) const;

  const std::shared_ptr<const SideOutputs> side_outputs_;
  Context context_;
  std::string operator_id_;
  PoisonBudget* poison_ = nullptr;
  std::unique_ptr<Batch<PoisonRecord>> refused_;   // of this batch; null: none
  bool has_times_ = false;                         // rows have event times
  size_t rows_per_step_ = 0;
  bool timed_ = false;                             // passed_ is there
  PassedTime passed_;
  EventTime watermark_ = kMinEventTime;            // since the start, less than kMaxEventTime
  EventTime latest_ = kMinEventTime;               // of a row, since the start
};

}  // namespace weir::internal
