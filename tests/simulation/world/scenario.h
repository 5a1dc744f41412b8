// What one seed draws: the job, how it is run, and how much goes wrong around it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/memory/memory_broker.h"
#include "runtime/base/clock.h"
#include "runtime/base/status.h"
#include "runtime/engine/engine_options.h"
#include "tests/simulation/world/simulated_jobs.h"

namespace weir::simulation {

inline constexpr uint32_t kParallelismMax = 4;

/// Once in so many requests on average; zero: never.
struct BrokerFaultOdds {
  uint32_t metadata = 0;
  uint32_t init = 0;
  uint32_t produce = 0;
  uint32_t produce_refused = 0;
  uint32_t fetch = 0;
  uint32_t client = 0;
  uint32_t commit_lost = 0;
  uint32_t commit_answer_lost = 0;
  uint32_t commit_false_ok = 0;
  uint32_t commit_slices = 0;
  uint32_t commit_delayed = 0;
  uint32_t commit_late_markers = 0;
};

/// Relative weights of what happens to the processes.
struct DisturbanceWeights {
  uint32_t kill = 0;
  uint32_t kill_at_change = 0;        ///< In place of a change of the disk.
  uint32_t power_cut = 0;
  uint32_t successor = 0;             ///< A second process starts while the first one runs on.
  uint32_t pause = 0;                 ///< The process stops being stepped for a while.
  uint32_t pause_with_successor = 0;
  uint32_t broker_down = 0;
  uint32_t fail_change = 0;
  uint32_t fail_sync = 0;
  uint32_t stop = 0;                  ///< A clean end, and a new start.
  uint32_t retention = 0;             ///< Input that is read and committed goes.
};

struct Scenario {
  uint64_t seed = 1;
  JobKind kind = JobKind::kAuctionTotals;
  uint32_t rows = 300;
  uint32_t auctions = 10;
  bool crowded = false;               ///< All auctions are of one key group.
  bool skewed = false;                ///< Partitions get very different numbers of rows.
  int32_t input_partitions = 1;
  int32_t output_partitions = 1;
  uint32_t poison_odds = 0;           ///< One undecodable record in so many; zero: none.
  uint32_t rows_per_append_max = 8;
  Duration step_cost_max{};           ///< Time that passes with a step, at most.
  uint32_t disturbances = 0;
  uint32_t steps_between_disturbances_max = 2000;
  BrokerFaultOdds faults;
  DisturbanceWeights weights;
  Duration slow_queues{};                 ///< How late a job of a queue may run.
  uint64_t replay_rows_per_barrier = 0;   ///< Zero: no replay before the live run.
  bool replay_only = false;               ///< Nothing follows the replay: it is drained.
  bool vandal = false;                    ///< At the end something is damaged that must not be: the next start is refused.
  bool any_parallelism = false;           ///< Each process draws its own; else all have that of `engine`.
  EventTimes times;                   ///< Of jobs that are timed, as the next three.
  uint32_t late_odds = 0;             ///< One row in so many comes later than its source was told; zero: none.
  int64_t row_step_ms = 10;           ///< Event time from one row of a partition to the next, about.
  bool empty_at_first = false;        ///< Partitions may have no rows when the job starts.
  bool rocksdb = false;                   ///< The base store is RocksDB, on the simulated disk.
  EngineOptions engine;                   ///< Of the live run.
  MemoryOptions broker;
  /// Only the output is judged, all of it at the end: what readers see of a job whose defences are off.
  bool judge_output_only = false;

  /// It depends on the clock which rows are late.
  bool idles() const { return empty_at_first || engine.idle_after > Duration::zero(); }

  /// All knobs that are not zero, as "name=value name=value".
  std::string Describe() const;
};

/// A number of a scenario by its name: for the command line, for reports, and for making a failing one smaller.
struct Knob {
  std::string name;
  uint64_t least = 0;
  std::function<uint64_t(const Scenario&)> get;
  std::function<void(Scenario&, uint64_t)> set;
};
/// Those whose smaller values explain most come first.
const std::vector<Knob>& Knobs();
/// "rows=40". InvalidArgument names the knobs there are.
Status SetKnob(Scenario& scenario, std::string_view text);

/// Equal seeds draw equal scenarios.
Scenario DrawScenario(JobKind kind, uint64_t seed);

}  // namespace weir::simulation
