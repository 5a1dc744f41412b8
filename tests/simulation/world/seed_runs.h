// Runs seeds one after the other and reports on them: the first one that fails with the way to run it again, and what
// was met on the way.
//
//   WEIR_SEED=17                  only this seed, with the engine's log on standard error
//   WEIR_SIMULATED_SECONDS=600    fresh seeds for so long, instead of a fixed number
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/world/simulation.h"

namespace weir::simulation {

/// What happened in many runs.
class SeedStatistics {
 public:
  void Add(const RunReport& report);
  /// Medians, sums and seeds a minute.
  std::string Text(double seconds) const;

 private:
  std::vector<RunReport> reports_;
};

/// Runs one scenario; if a broken invariant ends the process, says which seed it was.
RunReport RunScenario(const Scenario& scenario);

/// How the test that runs seeds of this job is called.
std::string_view TestNameOf(JobKind kind);

/// "seed 17 job auction-totals ...", all problems, and how to run it again.
std::string DescribeFailure(const Scenario& scenario, const RunReport& report);

/// Where a run of seeds begins: by WEIR_TEST_SEED, else anywhere.
uint64_t FirstSeed();

/// Runs `count` seeds of a job from FirstSeed() on, prints statistics, and returns what is wrong with the first seed that
/// failed; empty if none did. Under one of the variables above runs what it asks for.
std::string RunSeeds(JobKind kind, uint64_t count);

/// The first of `count` seeds from 1 on whose run, once `change` was applied to its scenario, shows damage of a kind that
/// `counts` accepts; nothing if none does.
struct DamagedSeed {
  uint64_t seed = 0;
  Problem problem;
};
std::optional<DamagedSeed> FindDamage(JobKind kind, uint64_t count, const std::function<void(Scenario&)>& change,
                                      const std::function<bool(Damage)>& counts);

}  // namespace weir::simulation
