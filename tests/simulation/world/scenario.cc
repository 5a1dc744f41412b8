#include "tests/simulation/world/scenario.h"

#include <fmt/format.h>

#include <initializer_list>

#include "runtime/base/hash.h"

namespace weir::simulation {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// It takes a hundred times as long as the simulated store.
constexpr uint64_t kSeedsARocksDb = 50;

constexpr Duration kLongCheckpointTimeout = seconds(40);
constexpr Duration kLongTransactionTimeout = seconds(90);

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  template <class T>
  T Between(T least, T most) {
    return least + static_cast<T>(random_.Below(static_cast<uint64_t>(most - least) + 1));
  }
  bool OneIn(uint64_t n) { return random_.OneIn(n); }
  template <class T>
  T OneOf(std::initializer_list<T> choices) {
    return *(choices.begin() + random_.Below(choices.size()));
  }
  /// Half of the faults are absent, so that seeds differ in kind and not only in number.
  uint32_t Odds(uint32_t least, uint32_t most) { return OneIn(2) ? 0 : Between(least, most); }

 private:
  SeededRandom random_;
};

BrokerFaultOdds DrawFaults(Dice& dice) {
  BrokerFaultOdds odds;
  if (dice.OneIn(3)) return odds;
  odds.metadata = dice.Odds(10, 100);
  odds.init = dice.Odds(3, 20);
  odds.produce = dice.Odds(5, 100);
  odds.produce_refused = dice.OneIn(3) ? dice.Odds(100, 500) : 0;
  odds.fetch = dice.Odds(5, 100);
  odds.commit_lost = dice.Odds(5, 50);
  odds.commit_answer_lost = dice.Odds(5, 50);
  odds.commit_false_ok = dice.OneIn(2) ? dice.Odds(10, 60) : 0;
  odds.commit_slices = dice.Odds(3, 30);
  odds.commit_delayed = dice.Odds(5, 50);
  odds.commit_late_markers = dice.Odds(3, 30);
  odds.client = dice.OneIn(4) ? dice.Between(50u, 1000u) : 0;
  return odds;
}

DisturbanceWeights DrawWeights(Dice& dice) {
  DisturbanceWeights weights;
  weights.kill = dice.Between(1u, 6u);
  weights.kill_at_change = dice.Odds(1, 6);
  weights.power_cut = dice.Odds(1, 6);
  weights.successor = dice.Odds(1, 4);
  weights.pause = dice.Odds(1, 2);
  weights.pause_with_successor = dice.Odds(1, 4);
  weights.broker_down = dice.Odds(1, 2);
  weights.fail_change = dice.Odds(1, 2);
  weights.fail_sync = dice.Odds(1, 2);
  weights.stop = dice.Odds(1, 2);
  weights.retention = dice.Odds(1, 2);
  return weights;
}

EngineOptions DrawEngine(Dice& dice) {
  EngineOptions engine;
  engine.checkpoint_directory = kCheckpointDirectory;
  engine.parallelism = dice.Between(1u, kParallelismMax);
  engine.checkpoints_retained = dice.Between(1u, 3u);
  engine.checkpoint_interval = milliseconds(dice.Between(2, 60));
  engine.checkpoint_min_pause = dice.OneIn(4) ? milliseconds(dice.Between(1, 30)) : milliseconds(0);
  engine.checkpoint_timeout = dice.OneIn(4) ? Duration(seconds(1)) : kLongCheckpointTimeout;
  engine.commit_deadline = dice.OneIn(3) ? Duration(milliseconds(200)) : Duration(seconds(30));
  engine.transaction_timeout = dice.OneIn(3) ? Duration(milliseconds(dice.Between(1000, 3000))) : kLongTransactionTimeout;
  engine.discovery_interval = dice.OneIn(3) ? Duration(milliseconds(50)) : Duration(seconds(30));
  engine.status_interval = dice.OneIn(3) ? Duration(milliseconds(50)) : Duration::zero();
  engine.roll_after_deltas = dice.Between(1u, 3u);
  return engine;
}

void DrawTimes(Dice& dice, bool timed, Scenario& scenario) {
  scenario.engine.idle_after = scenario.engine.pacing_ahead = Duration::zero();
  if (!timed) return;
  scenario.times.disorder_ms = dice.OneOf<int64_t>({0, 10, 60});
  scenario.times.slice_ms = dice.OneOf<int64_t>({10, 50, 300});
  scenario.times.slices = dice.Between<int64_t>(1, 5);
  scenario.times.gap_ms = dice.OneOf<int64_t>({5, 40, 200});
  scenario.row_step_ms = dice.OneOf<int64_t>({1, 10, 40});
  scenario.late_odds = dice.OneIn(3) ? 0 : dice.Between(2u, 30u);
  scenario.engine.pacing_ahead = milliseconds(dice.OneOf<int64_t>({0, 0, 20, 200, 1000}));
  scenario.empty_at_first = dice.OneIn(8);
  scenario.engine.rows_per_step = dice.OneOf<size_t>({8, 32, kRowsPerStep});
  if (dice.OneIn(6)) scenario.engine.idle_after = milliseconds(dice.OneOf<int64_t>({2, 20, 200}));
  // A join of few keys may write thousands of rows in one epoch: with slow steps it never gets them out within a second.
  if (scenario.step_cost_max > microseconds(1)) {
    scenario.engine.checkpoint_timeout = kLongCheckpointTimeout;
    scenario.engine.transaction_timeout = kLongTransactionTimeout;
  }
}

}  // namespace

Scenario DrawScenario(JobKind kind, uint64_t seed) {
  Dice dice(HashInteger(seed * 8 + static_cast<uint64_t>(kind)));
  Scenario scenario;
  scenario.seed = seed;
  scenario.kind = kind;
  scenario.rows = dice.Between(50u, 550u);
  scenario.auctions = dice.Between(1u, 40u);
  scenario.input_partitions = dice.Between(1, 6);
  scenario.output_partitions = dice.Between(1, 4);
  scenario.poison_odds = dice.OneIn(3) ? dice.Between(5u, 100u) : 0;
  scenario.rows_per_append_max = dice.OneOf({1u, 4u, 20u, 100u});
  scenario.step_cost_max = dice.OneOf<Duration>({microseconds(1), microseconds(50), microseconds(300)});
  scenario.disturbances = dice.Between(0u, 12u);
  scenario.steps_between_disturbances_max = dice.OneOf({200u, 800u, 2000u});
  scenario.faults = DrawFaults(dice);
  scenario.weights = DrawWeights(dice);
  scenario.engine = DrawEngine(dice);
  if (dice.OneIn(4)) {
    scenario.replay_rows_per_barrier = dice.Between(1u, 100u);
    // A stop would end an epoch early, and a live successor of a replay that still runs is the user's mistake.
    scenario.weights.stop = scenario.weights.successor = scenario.weights.pause_with_successor = 0;
    scenario.replay_only = dice.OneIn(2);
  }
  scenario.crowded = dice.OneIn(4);
  scenario.skewed = dice.OneIn(3);
  scenario.slow_queues = dice.OneOf<Duration>({Duration::zero(), microseconds(300), milliseconds(20)});
  scenario.vandal = dice.OneIn(20);
  if (dice.OneIn(4)) scenario.broker.producer_queue_records_max = dice.Between<size_t>(1, 30);
  scenario.rocksdb = dice.OneIn(kSeedsARocksDb);
  scenario.any_parallelism = dice.OneIn(4);
  DrawTimes(dice, ShapeOf(kind).timed, scenario);
  return scenario;
}

std::string Scenario::Describe() const {
  std::string text;
  for (const Knob& knob : Knobs()) {
    if (const uint64_t value = knob.get(*this); value != 0) text += fmt::format("{}{}={}", text.empty() ? "" : " ", knob.name, value);
  }
  return text;
}

}  // namespace weir::simulation
