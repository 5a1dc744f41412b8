#include "runtime/checkpoint/barrier_aligner.h"

#include <fmt/format.h>

#include "runtime/base/mutant.h"
#include "runtime/base/status.h"

namespace weir {

BarrierAligner::BarrierAligner(uint32_t inputs, CheckpointId last)
    : inputs_(inputs, Input::kReading), expected_(Next(last)) {
  WEIR_CHECK(inputs > 0, "a task without inputs has nothing to align");
}

Alignment BarrierAligner::OnBarrier(uint32_t input, CheckpointId n) {
  WEIR_CHECK(input < inputs_.size() && inputs_[input] == Input::kReading,
             fmt::format("barrier {} came from input {}, which is held or ended", n.value(), input));
  if (Planted(Mutant::kUnionForgetsABarrier) && n < expected_) return {};
  WEIR_CHECK(n == expected_,
             fmt::format("barrier {} came on input {} where {} was due", n.value(), input, expected_.value()));
  inputs_[input] = Input::kHeld;
  ++held_;
  return AlignIfComplete();
}

Alignment BarrierAligner::OnEnd(uint32_t input) {
  WEIR_CHECK(input < inputs_.size() && inputs_[input] == Input::kReading,
             fmt::format("the end came from input {}, which is held or ended already", input));
  inputs_[input] = Input::kEnded;
  ++ended_;
  return held_ > 0 ? AlignIfComplete() : Alignment{};
}

Alignment BarrierAligner::AlignIfComplete() {
  const size_t forgotten = Planted(Mutant::kUnionForgetsABarrier) && inputs_.size() > 1 ? 1 : 0;
  if (held_ + ended_ + forgotten < inputs_.size()) return {};
  Alignment complete{expected_, {}};
  for (uint32_t input = 0; input < inputs_.size(); ++input) {
    if (inputs_[input] != Input::kHeld) continue;
    inputs_[input] = Input::kReading;
    complete.release.push_back(input);
  }
  held_ = 0;
  expected_ = Next(expected_);
  return complete;
}

}  // namespace weir
