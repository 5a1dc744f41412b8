// Keeps the rows for which the function is true.
//   bids.Filter([](const Bid& bid) { return bid.price > 100; })
#pragma once

#include <memory>
#include <utility>

#include "operators/callable.h"
#include "runtime/task/operator.h"

namespace weir::internal {

template <class T, class F>
class FilterOperator final : public Operator {
 public:
  explicit FilterOperator(F function) : function_(std::move(function)) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    size_t kept = 0;
    for (size_t i = 0; i < in.rows.size(); ++i) {
      if (!std::invoke(function_, std::as_const(in.rows[i]))) continue;
      if (kept != i) {
        in.rows[kept] = std::move(in.rows[i]);
        if (!in.times.empty()) in.times[kept] = in.times[i];
        if (!in.hashes.empty()) in.hashes[kept] = in.hashes[i];
      }
      ++kept;
    }
    in.rows.erase(in.rows.begin() + static_cast<std::ptrdiff_t>(kept), in.rows.end());
    if (!in.times.empty()) in.times.resize(kept);
    if (!in.hashes.empty()) in.hashes.resize(kept);
    return out.Emit(kMainPort, std::move(batch));
  }

 private:
  F function_;
};

}  // namespace weir::internal
