// Several streams of one type as one. The order between them is that of arrival.
//   auto all = web.Union(mobile, tv);
#pragma once

#include <utility>

#include "runtime/task/operator.h"

namespace weir::internal {

class UnionOperator final : public Operator {
 public:
  Status Process(uint32_t, BatchPtr batch, Emitter& out) override { return out.Emit(kMainPort, std::move(batch)); }
};

}  // namespace weir::internal
