// One row in, one row out.
//   bids.Map([](const Bid& bid) { return InEuros{bid.auction, bid.price * 908 / 1000}; })
#pragma once

#include <memory>
#include <utility>

#include "operators/callable.h"
#include "runtime/task/operator.h"

namespace weir::internal {

template <class T, class U, class F>
class MapOperator final : public Operator {
 public:
  explicit MapOperator(F function) : function_(std::move(function)) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    auto made = std::make_unique<Batch<U>>();
    made->rows.reserve(in.rows.size());
    for (const T& row : in.rows) made->rows.push_back(std::invoke(function_, row));
    made->TakeColumns(in);
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  F function_;
};

}  // namespace weir::internal
