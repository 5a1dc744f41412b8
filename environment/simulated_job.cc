#include "environment/simulated_job.h"

namespace weir {

SimulatedWorld::SimulatedWorld(uint64_t seed, MemoryOptions options)
    : random_(seed), broker_(clock_, std::move(options)) {}

SimulatedProcess::SimulatedProcess(SimulatedWorld& world, const JobGraph& graph, EngineOptions options)
    : executor_(world.clock(), world.random()), broker_(world.broker().Connect()), files_(world.disk().NewProcess()) {
  EngineSeams seams;
  seams.clock = &world.clock();
  seams.files = files_.get();
  seams.random = &world.random();
  seams.executor = &executor_;
  seams.log = broker_.get();
  seams.base = &base_;
  engine_ = std::make_unique<Engine>(graph, std::move(options), seams, Logger(graph.job));
  executor_.Start();
  engine_->Start();
}

SimulatedProcess::~SimulatedProcess() { Kill(); }

void SimulatedProcess::Kill() {
  broker_->Kill();
  files_->Kill();
  executor_.Stop();
}

}  // namespace weir
