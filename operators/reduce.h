// Folds the rows of a key into one row of the same type, and emits it after every change.
//   bids.KeyBy(&Bid::auction).Reduce("highest", [](Bid& kept, const Bid& next) { if (next.price > kept.price) kept = next; })
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "operators/callable.h"
#include "runtime/reflect/key_codec.h"
#include "runtime/task/operator.h"
#include "state/state_store.h"

namespace weir::internal {

/// The kept row, and whether there is one.
template <class T>
struct Reduced {
  bool any = false;
  T row{};
};

template <class T, class K, class KeyFunction, class F>
class ReduceOperator final : public Operator {
 public:
  ReduceOperator(KeyFunction key, F function) : key_(std::move(key)), function_(std::move(function)) {}

  Status Open(const OperatorContext& context) override {
    table_ = &context.state->AddValue<K, Reduced<T>>("reduced");
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    for (size_t i = 0; i < in.rows.size(); ++i) {
      T& row = in.rows[i];
      Reduced<T>& reduced = table_->Mutable(K(std::invoke(key_, std::as_const(row))), in.hashes[i]);
      if (reduced.any) {
        function_(reduced.row, std::as_const(row));
      } else {
        reduced = {true, row};
      }
      row = reduced.row;
    }
    return out.Emit(kMainPort, std::move(batch));
  }

 private:
  KeyFunction key_;
  F function_;
  ValueTable<K, Reduced<T>>* table_ = nullptr;
};

}  // namespace weir::internal
