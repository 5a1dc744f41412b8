// The randomness seam: ids of incarnations and attempts, jitter. Seeded in a simulation.
#pragma once

#include <cstdint>
#include <mutex>

#include "runtime/base/ids.h"

namespace weir {

/// Safe from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;

  Id128 NewId() { return {Next(), Next() | 1}; }
  /// Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  /// True once in `n` times on average. REQUIRES: n > 0.
  bool OneIn(uint64_t n) { return Below(n) == 0; }
};

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same numbers everywhere.
class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override;

 private:
  std::mutex mutex_;
  uint64_t state_;
};

/// Numbers from the operating system's entropy.
class SystemRandom : public Random {
 public:
  uint64_t Next() override;
};

}  // namespace weir
