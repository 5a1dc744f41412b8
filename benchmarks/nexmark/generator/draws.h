// The random numbers of one event. Each event has a stream of its own, so any event can be made without those before it.
#pragma once

#include <cstdint>

namespace nexmark {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
constexpr uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// SplitMix64 whose state begins as a hash of (seed, stream). One thread.
class Draws {
 public:
  Draws(uint64_t seed, uint64_t stream) : state_(Mix(Mix(seed + kStep) ^ (stream * kStep))) {}

  uint64_t Next() { return Mix(state_ += kStep); }

  /// Uniform in [0, bound). REQUIRES: bound > 0.
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>((static_cast<Wide>(Next()) * static_cast<Wide>(bound)) >> 64);
  }

  /// Uniform in [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;

  uint64_t state_;
};

}  // namespace nexmark
