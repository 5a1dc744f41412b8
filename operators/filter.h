// Keeps the rows for which the function is true.
//   bids.Filter([](const Bid& bid) { return bid.price > 100; })
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "operators/callable.h"
#include "runtime/task/operator.h"

namespace weir::internal {

template <class T, class F>
class FilterOperator final : public Operator {
 public:
  explicit FilterOperator(F function) : function_(std::move(function)) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    kept_.assign(in.rows.size(), false);
    size_t kept = 0;
    for (size_t i = 0; i < in.rows.size(); ++i) {
      if (!std::invoke(function_, std::as_const(in.rows[i]))) continue;
      if (kept != i) in.rows[kept] = std::move(in.rows[i]);
      kept_[i] = true;
      ++kept;
    }
    if (kept < in.rows.size()) {
      in.rows.erase(in.rows.begin() + static_cast<std::ptrdiff_t>(kept), in.rows.end());
      in.KeepColumns(kept_);
    }
    return out.Emit(kMainPort, std::move(batch));
  }

 private:
  F function_;
  std::vector<bool> kept_;   // By row of the batch; here for its memory.
};

}  // namespace weir::internal
