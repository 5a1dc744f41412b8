// Runs scenarios one after the other on the calling thread, and says what was met on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/log.h"
#include "tests/simulation/world/simulation.h"

namespace weir::simulation {

/// What happened in many runs.
class SeedStatistics {
 public:
  void Add(const RunCounts& counts) { counts_.push_back(counts); }
  uint64_t runs() const { return counts_.size(); }
  /// Medians, sums and seeds a minute.
  std::string Text(double seconds) const;

 private:
  std::vector<RunCounts> counts_;
};

/// Runs one scenario, with the engine's log from `level` on; if a broken invariant ends the process, says which it was.
RunReport RunScenario(const Scenario& scenario, LogLevel level = LogLevel::kError);

/// The command that runs this seed again, without what was changed in its scenario.
std::string WayToRepeat(const Scenario& scenario);

/// Seed, job and knobs, the first problems, and how to run it again.
std::string DescribeFailure(const Scenario& scenario, const Problems& problems);

/// Where a run of seeds begins: by WEIR_TEST_SEED, else anywhere.
uint64_t FirstSeed();

/// The first of `count` seeds from 1 on whose run, once `change` was applied to its scenario, shows damage of a kind that
/// `counts` accepts; nothing if none does.
struct DamagedSeed {
  uint64_t seed = 0;
  Problem problem;
};
std::optional<DamagedSeed> FindDamage(JobKind kind, uint64_t count, const std::function<void(Scenario&)>& change,
                                      const std::function<bool(Damage)>& counts);

}  // namespace weir::simulation
