// How many bids may have been loaded by a moment. Pure.
//
// Loading takes the asked time at an even rate. A pace that is held slows down near its end and lets only a
// trickle pass until it is released, so that there is input for as long as somebody needs it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace demo {

class Pace {
 public:
  struct Config {
    uint64_t records = 0;
    double seconds = 0;
    bool held = false;
  };
  explicit Pace(Config config) : config_(config) {}

  /// Called with rising times since the start, many times a second; returns the number due by now.
  uint64_t DueAt(double seconds, bool released) {
    const double progress = config_.seconds <= 0 ? 1.0 : std::min(1.0, seconds / config_.seconds);
    const auto even = static_cast<uint64_t>(progress * static_cast<double>(config_.records));
    const uint64_t held_back = config_.held && !released ? config_.records / kHeldShare : 0;
    const uint64_t freely = std::min(even, config_.records - held_back);
    if (freely < even) {
      // Of what is left, so that it never runs out.
      const double passed = std::max(0.0, seconds - last_seconds_) * kTricklePerSecond;
      trickle_ += passed * std::max(0.0, static_cast<double>(held_back) - trickle_);
    }
    last_seconds_ = seconds;
    due_ = std::max(due_, freely + (freely < even ? static_cast<uint64_t>(trickle_) : 0));
    return due_;
  }

 private:
  static constexpr uint64_t kHeldShare = 20;
  static constexpr double kTricklePerSecond = 0.02;
  const Config config_;
  double last_seconds_ = 0;
  double trickle_ = 0;
  uint64_t due_ = 0;
};

}  // namespace demo
