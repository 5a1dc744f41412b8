// One job in a simulated world: virtual time, a disk that forgets unsynced bytes, an in-memory broker, and an executor
// that runs everything on the calling thread in an order drawn from a seed. The engine is the production one.
//
// Processes come and go (Start, Kill, PowerCut); the world - broker, disk, clock - stays.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connectors/memory/memory_broker.h"
#include "runtime/base/simulated_file_system.h"
#include "runtime/engine/engine.h"
#include "runtime/graph/job_graph.h"
#include "runtime/task/simulated_executor.h"
#include "state/simulated_base_store.h"

namespace weir {

/// The outside of a simulated job. One thread.
class SimulatedWorld {
 public:
  explicit SimulatedWorld(uint64_t seed, MemoryOptions options = {});

  SimulatedClock& clock() { return clock_; }
  Random& random() { return random_; }
  MemoryBroker& broker() { return broker_; }
  SimulatedDisk& disk() { return disk_; }

 private:
  SimulatedClock clock_;
  SeededRandom random_;
  MemoryBroker broker_;
  SimulatedDisk disk_;
};

/// One process, which runs one engine at a time. Killing it makes every call of its engine through a seam an error
/// without effect. Several may share a world: successors, and zombies that do not know of them. One thread.
class SimulatedProcess {
 public:
  /// `world` and `graph` outlive it, and so does `base`, which replaces the simulated base store if it is given.
  SimulatedProcess(SimulatedWorld& world, const JobGraph& graph, EngineOptions options, BaseStoreFactory* base = nullptr);
  ~SimulatedProcess();

  Engine& engine() { return *engine_; }
  const Engine& engine() const { return *engine_; }
  SimulatedFileSystem& files() { return *files_; }
  SimulatedExecutor& executor() { return *executor_; }

  /// Does one piece of work at this instant; false if there is none.
  bool RunOne() { return executor_->RunOne(); }
  Instant NextTimer() const { return executor_->NextTimer(); }
  /// SIGKILL: nothing of it has an effect from here on.
  void Kill();
  /// What the production owner does when its engine asks to be rebuilt: the process, with its locks and its connection,
  /// lives on and runs a new engine.
  void Rebuild();
  /// Of all that its engines did; equal for equal seeds.
  uint64_t trace_hash() const;

 private:
  void StartEngine();

  SimulatedWorld& world_;
  const JobGraph& graph_;
  const EngineOptions options_;
  std::unique_ptr<MemoryClient> broker_;
  std::unique_ptr<SimulatedFileSystem> files_;
  SimulatedBaseStoreFactory simulated_base_;
  BaseStoreFactory* const base_;
  std::unique_ptr<SimulatedExecutor> executor_;
  std::unique_ptr<Engine> engine_;
  uint64_t earlier_trace_hash_ = 0;
};

}  // namespace weir
