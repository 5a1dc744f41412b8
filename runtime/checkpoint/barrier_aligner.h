// Decides when a task with several inputs takes a barrier: after every input has delivered it or ended. Until then
// the inputs that are ahead are held, so that no record of epoch n+1 reaches state that belongs to epoch n.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/base/ids.h"

namespace weir {

/// What to do after an event. `release` is only non-empty together with `take`.
struct Alignment {
  std::optional<CheckpointId> take;  ///< Take this barrier now: freeze, then pass it on.
  std::vector<uint32_t> release;     ///< Then read these inputs again.
};

/// Pure; one thread. An input is read until it delivers a barrier or ends; a held one must not be read.
///
///   if (aligner.OnBarrier(input, n).take) TakeBarrier(n);   // nothing is held any more
class BarrierAligner {
 public:
  /// `last`: the checkpoint restored, zero for none; the first barrier is one more. REQUIRES: inputs > 0.
  BarrierAligner(uint32_t inputs, CheckpointId last);

  /// Barrier `n` arrived on `input`, which is held from now on unless this completed the alignment.
  /// A barrier out of turn, or anything from a held or ended input, is a broken invariant.
  Alignment OnBarrier(uint32_t input, CheckpointId n);
  /// Nothing follows on `input`; it counts as aligned from now on.
  Alignment OnEnd(uint32_t input);

  bool Holds(size_t input) const { return inputs_[input] == Input::kHeld; }
  /// Some input waits for others: the task's status line says so.
  bool aligning() const { return held_ > 0; }
  bool all_ended() const { return ended_ == inputs_.size(); }
  /// The barrier that comes next, or is being aligned.
  CheckpointId expected() const { return expected_; }

 private:
  enum class Input : uint8_t { kReading, kHeld, kEnded };
  Alignment AlignIfComplete();

  std::vector<Input> inputs_;
  size_t held_ = 0;
  size_t ended_ = 0;
  CheckpointId expected_;
};

}  // namespace weir
