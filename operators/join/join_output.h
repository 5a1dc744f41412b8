// Internal: rows that a join makes, on their way out in pieces, and what the rows of joins must be.
#pragma once

#include <memory>
#include <utility>

#include "runtime/channel/batch.h"
#include "runtime/reflect/schema.h"
#include "runtime/task/operator.h"

namespace weir::internal {

/// Fails to compile, with one sentence, unless rows of type T can wait in state.
template <class T>
consteval bool RequireJoinRow() {
  static_assert(StateValue<T>,
                "The rows of a join wait in state and must own their data: use std::string instead of std::string_view, or "
                "Map to a smaller plain struct before KeyBy.");
  return StateValue<T>;
}

/// What a join makes may outlive the rows it was made of.
template <class Out>
consteval bool RequireJoinResult() {
  static_assert(StateValue<Out>,
                "What the function of a join returns must own its data (std::string, not std::string_view): the rows that it "
                "is made of may be gone before it is written.");
  return StateValue<Out>;
}

template <class Out>
class JoinOutput {
 public:
  explicit JoinOutput(uint32_t port = kMainPort) : port_(port) {}

  Status Add(Out row, EventTime time, Emitter& out) {
    if (made_ == nullptr) {
      made_ = std::make_unique<Batch<Out>>();
      made_->rows.reserve(kRows);
      made_->times.reserve(kRows);
    }
    made_->rows.push_back(std::move(row));
    made_->times.push_back(time);
    return made_->rows.size() < kRows ? Status::Ok() : Emit(out);
  }
  /// Before the call of the operator returns: nothing is kept for the next one.
  Status Emit(Emitter& out) { return made_ == nullptr ? Status::Ok() : out.Emit(port_, std::move(made_)); }

 private:
  static constexpr size_t kRows = 1024;
  const uint32_t port_;
  std::unique_ptr<Batch<Out>> made_;
};

}  // namespace weir::internal
