// Draws that depend on a number alone: SplitMix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>
#include <string>

namespace demo {

class Draw {
 public:
  explicit Draw(uint64_t state) : state_(state) {}
  /// Of the n-th record of a run.
  static Draw Of(uint64_t seed, uint64_t n) { return Draw(Draw(seed + n * 0x632be59bd9b4e019).Next()); }

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  void AppendLetters(uint64_t count, std::string* out) {
    for (; count > 0; --count) *out += static_cast<char>('a' + Below(26));
  }

 private:
  uint64_t state_;
};

}  // namespace demo
