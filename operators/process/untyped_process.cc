#include "operators/process/untyped_process.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "runtime/time/time_policy.h"

namespace weir::internal {

UntypedProcess::UntypedProcess(std::shared_ptr<const SideOutputs> sides) : side_outputs_(std::move(sides)) {}
UntypedProcess::~UntypedProcess() = default;

void UntypedProcess::OpenContext(const OperatorContext& context, bool timed) {
  if (timed) passed_.Open(context, "weir.passed");
  timed_ = timed;
  operator_id_ = context.operator_id;
  poison_ = context.poison;
  has_times_ = context.has_times;
  rows_per_step_ = context.rows_per_step;
  context_.clock_ = context.clock;
  context_.timers_ = this;
  for (const SideOutputs::Side& side : side_outputs_->taken) {
    context_.sides_.push_back({side.name, side.row, side.port, nullptr, nullptr, 0});
  }
}

void UntypedProcess::BeginWatermark(EventTime watermark) {
  if (watermark != kMaxEventTime) watermark_ = watermark;
  context_.watermark_ = watermark;
}

void UntypedProcess::EndWatermark(EventTime watermark) {
  if (timed_ && watermark != kMaxEventTime) passed_.Pass(watermark);
}

EventTime UntypedProcess::BeginWallTimer(uint64_t hash, EventTime due) {
  const EventTime passed = std::max(watermark_, passed_.Of(hash));
  if (context_.watermark_ != kMaxEventTime) context_.watermark_ = passed;
  EventTime time = kMinEventTime;
  if (has_times_) time = passed != kMinEventTime ? passed : latest_ != kMinEventTime ? latest_ : due;
  BeginTimer(time);
  return time;
}

void UntypedProcess::FillTimer(BatchBase& batch, EventTime time) const {
  const size_t rows = batch.size();
  // Timers may be set to any time, for example to one that never comes. A row's time is one that can be reckoned with.
  if (has_times_) batch.times.resize(rows, std::clamp(time, EventTime{-kEventTimeMillisMax}, EventTime{kEventTimeMillisMax}));
  if (!batch.late.empty()) batch.late.resize(rows, kMinEventTime);
}

void UntypedProcess::EndTimer(EventTime time, BatchBase& made) {
  FillTimer(made, time);
  for (Context::Side& side : context_.sides_) {
    if (side.batch == nullptr) continue;
    FillTimer(*side.batch, time);
    side.complete = side.batch->size();
  }
}

void UntypedProcess::EndRowOfSides(const BatchBase& in, size_t row) {
  for (Context::Side& side : context_.sides_) {
    if (side.batch == nullptr || side.batch->size() == side.complete) continue;
    // Timers before this row have filled what they know.
    if (!in.late.empty()) side.batch->late.resize(side.complete, kMinEventTime);
    side.batch->FillColumns(in, row, side.batch->size());
    side.complete = side.batch->size();
  }
}

Status UntypedProcess::Refuse(const BatchBase& in, size_t row, const std::string& key, const std::string& row_text,
                              const std::string& what) {
  for (Context::Side& side : context_.sides_) {
    if (side.batch != nullptr) side.drop_from(*side.batch, side.complete);
  }
  PoisonRecord record;
  record.operator_id = operator_id_;
  record.reason = what + "; key " + key;
  std::string where;
  if (!in.origins.empty()) {
    record.split = std::to_string(in.origins[row].split);
    record.offset = in.origins[row].offset;
    where = ", split " + record.split + ", offset " + std::to_string(record.offset);
  }
  record.value_base64 = Base64(std::string_view(row_text).substr(0, kPoisonBytesMax));
  if (refused_ == nullptr) refused_ = std::make_unique<Batch<PoisonRecord>>();
  refused_->rows.push_back(std::move(record));
  return poison_->Charge("operator " + operator_id_ + ", key " + key + where + ": " + what);
}

Status UntypedProcess::TimerFailed(const std::string& key, const std::string& when, const std::string& what) const {
  return UserError("a timer of key " + key + " at " + when + ": " + what + "; correct the function and start again: the "
                   "job goes on from its last checkpoint, and the timer fires again");
}

Status UntypedProcess::TooManyPastTimers(const std::string& key, const char* when) const {
  return UserError("key " + key + ": " + std::to_string(kPastTimersMax) + " timers in the past fired " + when + ": OnTimer "
                   "sets one each time. Set timers later than the watermark, or set none where the watermark is there");
}

void UntypedProcess::ThrowNoCallback(const char* set, const char* callback) {
  throw std::logic_error(std::string(set) + " in a function that has no " + callback + ": it would never be called");
}

Status UntypedProcess::EmitAll(BatchPtr made, Emitter& out) {
  // What timers emit was read nowhere; so that all rows of a batch have the same columns, none says where.
  made->origins.clear();
  // Rows of side outputs may point into the same bytes, and whoever takes the main rows may have done with them at once.
  for (Context::Side& side : context_.sides_) {
    if (side.batch != nullptr) side.batch->arenas = made->arenas;
  }
  WEIR_RETURN_IF_ERROR(out.Emit(kMainPort, std::move(made)));
  for (Context::Side& side : context_.sides_) {
    side.complete = 0;
    if (side.batch == nullptr) continue;
    side.batch->origins.clear();
    WEIR_RETURN_IF_ERROR(out.Emit(side.port, std::move(side.batch)));
  }
  if (refused_ != nullptr) return out.Emit(kPoisonPort, std::move(refused_));
  return {};
}

}  // namespace weir::internal
