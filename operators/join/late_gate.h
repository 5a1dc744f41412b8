// Internal: stands before each input of an operator that works by event time, and sends away the rows that come too late.
//
// What is too late is decided here, before the exchange, by the row's own split alone (BatchBase::late): so equal input has
// equal late rows, whatever the parallelism, the size of batches, restarts and the speed of other splits. What is behind the
// gate need not know of late rows at all.
#pragma once

#include <cstdint>
#include <functional>

#include "runtime/task/operator.h"

namespace weir::internal {

class LateGate final : public Operator {
 public:
  /// `open_until`: the watermark at which it is too late for a row of this time; the row passes as long as its own split's
  /// watermark is less. Null: a late row is too late.
  explicit LateGate(std::function<EventTime(EventTime)> open_until = nullptr) : open_until_(std::move(open_until)) {}

  Status Process(uint32_t input, BatchPtr batch, Emitter& out) override;
  std::optional<uint64_t> rows_processed() const override { return passed_; }

 private:
  const std::function<EventTime(EventTime)> open_until_;
  uint64_t passed_ = 0;
};

}  // namespace weir::internal
