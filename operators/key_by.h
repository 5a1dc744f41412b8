// Gives each row the hash of its key: it travels with the batch and serves exchange, key group and table.
//   bids.KeyBy(&Bid::auction)
#pragma once

#include <memory>
#include <utility>

#include "operators/callable.h"
#include "runtime/reflect/key_codec.h"
#include "runtime/task/operator.h"

namespace weir::internal {

template <class T, class KeyFunction>
class KeyByOperator final : public Operator {
 public:
  explicit KeyByOperator(KeyFunction key) : key_(std::move(key)) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    in.hashes.resize(in.rows.size());
    for (size_t i = 0; i < in.rows.size(); ++i) in.hashes[i] = HashKey(std::invoke(key_, std::as_const(in.rows[i])));
    return out.Emit(kMainPort, std::move(batch));
  }

 private:
  KeyFunction key_;
};

}  // namespace weir::internal
