// Rare branches of the commit protocol, of recovery and of state, named so that a test can tell that it took them. What
// a simulated run never reached it says nothing about. Costs a relaxed increment; never on a per-record path.
//
//   Landmark outcome_unknown{"commit.outcome_unknown"};   // at namespace scope, where it is used
//   outcome_unknown.Hit();
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace weir {

/// Registers itself. The name is unique in the program and outlives it.
class Landmark {
 public:
  explicit Landmark(const char* name);
  Landmark(const Landmark&) = delete;

  void Hit() { hits_.fetch_add(1, std::memory_order_relaxed); }

  /// Hits of all landmarks of this process so far, by name.
  static std::map<std::string, uint64_t> Hits();

 private:
  const char* const name_;
  std::atomic<uint64_t> hits_{0};
};

}  // namespace weir
