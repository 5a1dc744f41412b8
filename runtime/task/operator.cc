#include "runtime/task/operator.h"

namespace weir {

Operator::~Operator() = default;

Status Operator::Open(const OperatorContext&) { return {}; }
bool Operator::keeps_rows() const { return false; }
Status Operator::GoOn(Emitter&) { return Internal("an operator that keeps no rows cannot go on with them"); }
Result<bool> Operator::OnWatermark(EventTime, Emitter&) { return true; }
int64_t Operator::NextWallTimer() const { return kNoWallTimer; }
Result<bool> Operator::OnWallTime(int64_t, Emitter&) { return true; }
std::optional<uint64_t> Operator::rows_processed() const { return std::nullopt; }
Status Operator::Flush(Emitter&) { return {}; }
Status Operator::Finish(Emitter&) { return {}; }
Status Operator::Seal(CheckpointId) { return {}; }
Result<bool> Operator::TakeSealed(CheckpointId, SealedEpoch*) { return true; }
Result<bool> Operator::Drain() { return true; }

Status SourceOperator::Process(uint32_t, BatchPtr, Emitter&) { return Internal("a source has no input"); }

}  // namespace weir
