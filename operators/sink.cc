#include "operators/sink.h"

namespace weir::internal {

UntypedSinkOperator::UntypedSinkOperator(std::function<std::unique_ptr<RowEncoder>()> new_encoder)
    : new_encoder_(std::move(new_encoder)) {}
UntypedSinkOperator::~UntypedSinkOperator() = default;

Status UntypedSinkOperator::Open(const OperatorContext& context) {
  operator_id_ = context.operator_id;
  budget_ = context.poison;
  epoch_ = context.first_epoch;
  encoder_ = new_encoder_();
  WEIR_ASSIGN_OR_RETURN(writer_, context.sink->NewWriter(context.sink_context, *context.io, *context.waker));
  record_bytes_max_ = writer_->record_bytes_max();
  return {};
}

Status UntypedSinkOperator::Seal(CheckpointId n) {
  WEIR_CHECK(!sealing_.has_value() && n == epoch_, "epochs are sealed in order");
  sealing_ = n;
  return Drain().status();
}

Result<bool> UntypedSinkOperator::Drain() {
  WEIR_ASSIGN_OR_RETURN(const bool written, pending_.WriteTo(*writer_, epoch_));
  if (!written) return false;
  WEIR_RETURN_IF_ERROR(writer_->Write(epoch_, {}).status());
  if (sealing_.has_value()) {
    WEIR_RETURN_IF_ERROR(writer_->Seal(*sealing_));
    sealing_.reset();
    epoch_ = Next(epoch_);
  }
  return true;
}

Result<bool> UntypedSinkOperator::TakeSealed(CheckpointId n, SealedEpoch* sealed) {
  if (sealing_.has_value()) return false;
  return writer_->TakeSealed(n, sealed);
}

Status UntypedSinkOperator::TooLarge(size_t bytes) const {
  return UserError("the encoded row has " + std::to_string(bytes) + " bytes, the sink takes " +
                   std::to_string(record_bytes_max_) + ": raise the topic's max.message.bytes or write less");
}

Status UntypedSinkOperator::Refuse(size_t begin, size_t key_bytes, Status why) {
  const std::string_view row = std::string_view(pending_.bytes()).substr(begin);
  if (why.ok()) why = TooLarge(row.size());
  if (refused_ == nullptr) refused_ = std::make_unique<Batch<PoisonRecord>>();
  refused_->rows.push_back({operator_id_, "", -1, why.message(), Base64(row.substr(0, key_bytes)),
                            Base64(row.substr(key_bytes, kPoisonBytesMax))});
  pending_.Cancel();
  return budget_->Charge("sink " + operator_id_ + ": " + why.message());
}

Status UntypedSinkOperator::Pass(Emitter& out) {
  if (refused_ != nullptr) WEIR_RETURN_IF_ERROR(out.Emit(kPoisonPort, std::move(refused_)));
  return pending_.WriteTo(*writer_, epoch_).status();
}

}  // namespace weir::internal
