// Runs scenarios in processes of their own, one a core, so that a broken invariant, which ends its process, is a result
// like any other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/simulation/world/simulation.h"

namespace weir::simulation {

/// What became of one scenario.
struct SeedResult {
  uint64_t index = 0;
  RunCounts counts;
  Problems problems;                   ///< The first few.
  std::vector<uint32_t> reached;       ///< PlaceNames() by index: what this run came by.
  /// The process died in this run, saying this. Then counts and reached are empty.
  std::string died;
  bool failed() const { return !problems.empty() || !died.empty(); }
};

struct SeedWork {
  uint64_t count = 0;                  ///< Scenarios 0 to count - 1, in about this order.
  unsigned workers = 1;
  Duration longest = Duration::max();  ///< No run begins later than this.
  bool until_failure = true;           ///< Runs under way are given up at the first failure.
  std::function<Scenario(uint64_t index)> scenario_of;
  std::function<void(const SeedResult&)> on_result;   ///< On the calling thread.
};

/// REQUIRES: the process has no other thread.
void RunInWorkers(const SeedWork& work);

/// Crash points and landmarks of this program, sorted.
const std::vector<std::string>& PlaceNames();

}  // namespace weir::simulation
