// The end of a pipeline: encodes rows and hands them to a sink's writer under the open epoch.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/encoded_rows.h"
#include "operators/poison_record.h"
#include "runtime/channel/batch.h"
#include "runtime/io/codec.h"
#include "runtime/io/connector.h"
#include "runtime/task/operator.h"

namespace weir {

/// What a typed sink configuration turns into.
template <class T>
struct TypedSink {
  std::shared_ptr<const SinkConnector> connector;
  std::function<std::unique_ptr<RowEncoder>()> new_encoder;
  std::function<void(const T& row, std::string& out)> append_key;   ///< Null: records without a key.
};

namespace internal {

template <class T>
class TypedSinkOperator final : public Operator {
 public:
  explicit TypedSinkOperator(const TypedSink<T>& config) : config_(config) {}

  Status Open(const OperatorContext& context) override {
    operator_id_ = context.operator_id;
    budget_ = context.poison;
    epoch_ = context.first_epoch;
    encoder_ = config_.new_encoder();
    WEIR_ASSIGN_OR_RETURN(writer_, context.sink->NewWriter(context.sink_context, *context.io, *context.waker));
    record_bytes_max_ = writer_->record_bytes_max();
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    const auto& in = static_cast<const Batch<T>&>(*batch);
    auto poison = std::make_unique<Batch<PoisonRecord>>();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      const int64_t timestamp = in.times.empty() ? kNoTimestamp : in.times[i].millis;
      WEIR_RETURN_IF_ERROR(Encode(in.rows[i], timestamp, *poison));
    }
    if (poison->size() > 0) WEIR_RETURN_IF_ERROR(out.Emit(kPoisonPort, std::move(poison)));
    return pending_.WriteTo(*writer_, epoch_).status();
  }

  Status Seal(CheckpointId n) override {
    WEIR_CHECK(!sealing_.has_value() && n == epoch_, "epochs are sealed in order");
    sealing_ = n;
    return Drain().status();
  }

  Result<bool> Drain() override {
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

  Result<bool> TakeSealed(CheckpointId n, SealedEpoch* sealed) override {
    if (sealing_.has_value()) return false;
    return writer_->TakeSealed(n, sealed);
  }

 private:
  Status Encode(const T& row, int64_t timestamp, Batch<PoisonRecord>& poison) {
    std::string& bytes = pending_.bytes();
    const size_t begin = bytes.size();
    if (config_.append_key) config_.append_key(row, bytes);
    const size_t key_bytes = bytes.size() - begin;
    Status status = encoder_->Encode(&row, bytes);
    if (status.ok() && bytes.size() - begin > record_bytes_max_) {
      if constexpr (std::is_same_v<T, PoisonRecord>) {
        // Behind the ledger there is none: what can be said of the record is kept, its bytes as far as they fit.
        if (CanCutPoison(row)) {
          pending_.Cancel();
          return Encode(CutPoison(row), timestamp, poison);
        }
      }
      status = UserError("the encoded row has " + std::to_string(bytes.size() - begin) + " bytes, the sink takes " +
                         std::to_string(record_bytes_max_) + ": raise the topic's max.message.bytes or write less");
    }
    if (status.ok()) [[likely]] {
      pending_.End(key_bytes, static_cast<bool>(config_.append_key), timestamp, -1);
      return status;
    }
    if constexpr (std::is_same_v<T, PoisonRecord>) return status.WithContext("the poison ledger takes no record");
    const std::string_view key(bytes.data() + begin, key_bytes);
    const std::string_view value(bytes.data() + begin + key_bytes, bytes.size() - begin - key_bytes);
    poison.rows.push_back({operator_id_, "", -1, status.message(), Base64(key), Base64(value.substr(0, kPoisonBytesMax))});
    pending_.Cancel();
    return budget_->Charge("sink " + operator_id_ + ": " + status.message());
  }

  const TypedSink<T> config_;
  std::string operator_id_;
  PoisonBudget* budget_ = nullptr;
  std::unique_ptr<RowEncoder> encoder_;
  std::unique_ptr<SinkWriter> writer_;
  uint64_t record_bytes_max_ = 0;
  EncodedRows pending_;
  CheckpointId epoch_{1};
  std::optional<CheckpointId> sealing_;
};

}  // namespace internal
}  // namespace weir
