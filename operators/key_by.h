// Gives each row the hash of its key: it travels with the batch and serves exchange, key group and table.
//   bids.KeyBy(&Bid::auction)
#pragma once

#include <memory>
#include <utility>

#include "operators/callable.h"
#include "operators/graph_builder.h"
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

/// KeyBy is added with the operator that needs it, so that pre-aggregation can stand before the exchange instead.
template <class T, class KeyFunction>
uint32_t AddKeyBy(GraphBuilder& builder, uint32_t node, const KeyFunction& key) {
  return builder.Add({.kind = "key_by", .prepares = true}, {node}, Partitioning::kForward,
                     [key] { return std::make_unique<KeyByOperator<T, KeyFunction>>(key); });
}

}  // namespace weir::internal
