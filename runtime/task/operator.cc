#include "runtime/task/operator.h"

namespace weir {

Operator::~Operator() = default;

Status Operator::Open(const OperatorContext&) { return {}; }
Status Operator::Flush(Emitter&) { return {}; }
Status Operator::Finish(Emitter&) { return {}; }
Status Operator::Seal(CheckpointId) { return {}; }
Result<bool> Operator::TakeSealed(CheckpointId, SealedEpoch*) { return true; }
Result<bool> Operator::Drain() { return true; }

Status SourceOperator::Process(uint32_t, BatchPtr, Emitter&) { return Internal("a source has no input"); }

}  // namespace weir
