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
#include "runtime/time/time_policy.h"

namespace weir {

/// What a typed sink configuration turns into.
template <class T>
struct TypedSink {
  std::shared_ptr<const SinkConnector> connector;
  std::function<std::unique_ptr<RowEncoder>()> new_encoder;
  std::function<void(const T& row, std::string& out)> append_key;   ///< Null: records without a key.
};

namespace internal {

/// All of the Sink that knows no row type: the writer, the epochs, and the rows that the writer did not take.
class UntypedSinkOperator : public Operator {
 public:
  explicit UntypedSinkOperator(std::function<std::unique_ptr<RowEncoder>()> new_encoder);
  ~UntypedSinkOperator() override;

  Status Open(const OperatorContext& context) override;
  Status Seal(CheckpointId n) override;
  Result<bool> Drain() override;
  Result<bool> TakeSealed(CheckpointId n, SealedEpoch* sealed) override;

 protected:
  /// For a row that was encoded: `bytes` with its key.
  bool Fits(size_t bytes) const { return bytes <= record_bytes_max_; }
  Status TooLarge(size_t bytes) const;
  /// Takes the row back whose key begins at `begin` of pending_.bytes(), and charges it to the poison budget. `why` is
  /// OK for one that is too large.
  Status Refuse(size_t begin, size_t key_bytes, Status why);
  /// The end of Process: emits what was refused, writes the rest.
  Status Pass(Emitter& out);

  std::unique_ptr<RowEncoder> encoder_;
  EncodedRows pending_;

 private:
  const std::function<std::unique_ptr<RowEncoder>()> new_encoder_;
  std::string operator_id_;
  PoisonBudget* budget_ = nullptr;
  std::unique_ptr<SinkWriter> writer_;
  uint64_t record_bytes_max_ = 0;
  std::unique_ptr<Batch<PoisonRecord>> refused_;   // of this batch; null: none
  CheckpointId epoch_{1};
  std::optional<CheckpointId> sealing_;
};

/// Rows without a time that met others with one (behind a Union) have one that is none.
inline int64_t RecordTime(EventTime time) {
  const bool none = time.millis > kEventTimeMillisMax || time.millis < -kEventTimeMillisMax;
  return none ? kNoTimestamp : time.millis;
}

template <class T>
class TypedSinkOperator final : public UntypedSinkOperator {
 public:
  explicit TypedSinkOperator(const TypedSink<T>& config)
      : UntypedSinkOperator(config.new_encoder), append_key_(config.append_key) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    const auto& in = static_cast<const Batch<T>&>(*batch);
    for (size_t i = 0; i < in.rows.size(); ++i) {
      WEIR_RETURN_IF_ERROR(Encode(in.rows[i], in.times.empty() ? kNoTimestamp : RecordTime(in.times[i])));
    }
    return Pass(out);
  }

 private:
  Status Encode(const T& row, int64_t timestamp) {
    std::string& bytes = pending_.bytes();
    const size_t begin = bytes.size();
    if (append_key_) append_key_(row, bytes);
    const size_t key_bytes = bytes.size() - begin;
    Status status = encoder_->Encode(&row, bytes);
    const size_t size = bytes.size() - begin;
    if (status.ok() && Fits(size)) [[likely]] {
      pending_.End(key_bytes, static_cast<bool>(append_key_), timestamp, -1);
      return status;
    }
    if constexpr (std::is_same_v<T, PoisonRecord>) {
      // Behind the ledger there is none: what can be said of the record is kept, its bytes as far as they fit.
      if (!status.ok() && !IsAscii(row)) {
        pending_.Cancel();
        return Encode(AsciiPoison(row), timestamp);
      }
      if (status.ok() && CanCutPoison(row)) {
        pending_.Cancel();
        return Encode(CutPoison(row), timestamp);
      }
      return (status.ok() ? TooLarge(size) : status).WithContext("the poison ledger takes no record");
    } else {
      return Refuse(begin, key_bytes, std::move(status));
    }
  }

  const std::function<void(const T& row, std::string& out)> append_key_;
};

}  // namespace internal
}  // namespace weir
