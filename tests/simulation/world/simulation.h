// One seed: a world, a job in it, everything that happens to them, and the judge. A run has two parts: trouble, drawn
// from the seed, and then calm, in which the job must come to rest with everything committed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "environment/simulated_job.h"
#include "state/rocksdb_base_store.h"
#include "tests/simulation/world/broker_faults.h"
#include "tests/simulation/world/judge.h"
#include "tests/simulation/world/scenario.h"

namespace weir::simulation {

struct RunCounts {
  uint64_t trace_hash = 0;       ///< Equal for equal scenarios.
  uint64_t operators = 0;        ///< Of the job.
  uint64_t steps = 0;
  uint64_t rows = 0;
  uint64_t checkpoints = 0;
  uint64_t broker_faults = 0;
  uint64_t disturbances = 0;
  uint64_t processes = 0;        ///< Started.
  uint64_t rebuilds = 0;         ///< Engines built anew inside a process.
  uint64_t fenced = 0;           ///< Processes that found a successor.
  uint64_t rocksdb = 0;          ///< One if the base store was RocksDB.
  Duration virtual_time{};
};

/// What a run came to.
struct RunReport {
  RunCounts counts;
  Problems problems;             ///< Empty: all is well.
};

/// One thread.
class Simulation {
 public:
  explicit Simulation(Scenario scenario);
  ~Simulation();
  Simulation(const Simulation&) = delete;

  RunReport Run();

 private:
  /// A process and what the world does to it.
  struct Life {
    std::unique_ptr<SimulatedProcess> process;
    uint64_t number = 0;
    Instant paused_until{};
    bool had_rival = false;      ///< Another process of the job ran at some time of its life.
    bool stopping = false;
    CheckpointId committed{};
  };

  void CreateTopics();
  /// A good row into each partition, in jobs whose event time would else depend on the clock.
  void AppendFirstRows();
  void Append(InputPartition partition, InputModel::Row row);
  int64_t AnyTime(InputPartition partition);
  /// Never more than `rows_max` in all.
  void AppendRows(uint32_t count, uint32_t rows_max);
  void BeginReplay();
  void EndReplay(CheckpointId committed);
  void Trouble();
  void Calm();
  void RunUntilReplayed();
  void ComeToRest();
  void RunUntilAllIsOut();
  void RunFor(Duration duration);
  void StopAndJudge();
  void Vandalize();
  int64_t AnyAuction();
  int32_t AnyPartition();
  void RemoveReadInput();

  void Disturb();
  void StartProcess();
  void EndLife(size_t index);
  void EndAllLives();
  /// Steps one process that has something to do, or lets time pass until one has.
  void Step();
  void LookAfter(size_t index);
  void Ended(size_t index, const EngineOutcome& outcome);
  void Fail(Damage damage, std::string text);
  /// Into the log of a seed that is run alone.
  void Note(const std::string& event) const { log_.Debug("simulation", event); }
  bool replay_only() const { return scenario_.replay_only && scenario_.replay_rows_per_barrier > 0; }
  bool failed() const { return !report_.problems.empty() || !judge_.problems().empty(); }
  Duration AnyDuration(Duration least, Duration most);
  Life& AnyLife() { return lives_[dice_.Below(lives_.size())]; }

  const Scenario scenario_;
  const JobShape shape_;
  SimulatedWorld world_;
  std::unique_ptr<RocksDbBaseStoreFactory> rocksdb_;   ///< Null: the simulated one.
  const JobGraph graph_;
  const Logger log_{"---"};
  SeededRandom dice_;            ///< What happens; the world has a source of its own.
  BrokerFaults faults_;
  InputModel input_;
  Judge judge_;
  std::map<InputPartition, int64_t> times_;   ///< Where the rows of each partition are.
  bool replaying_ = false;
  uint64_t rows_to_replay_ = 0;
  std::vector<Life> lives_;
  uint64_t steps_to_disturbance_ = 0;
  uint64_t disturbances_left_ = 0;
  uint64_t ended_from_outside_ = 0;   ///< Processes that were killed or asked to stop.
  bool refusal_expected_ = false;
  bool refused_ = false;
  int64_t marker_end_seen_ = -1;
  uint64_t look_at_step_ = 0;
  RunReport report_;
};

}  // namespace weir::simulation
