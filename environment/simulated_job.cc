#include "environment/simulated_job.h"

#include "runtime/base/hash.h"

namespace weir {

SimulatedWorld::SimulatedWorld(uint64_t seed, MemoryOptions options)
    : random_(seed), broker_(clock_, std::move(options)) {}

SimulatedProcess::SimulatedProcess(SimulatedWorld& world, const JobGraph& graph, EngineOptions options,
                                   BaseStoreFactory* base)
    : world_(world), graph_(graph), options_(std::move(options)), broker_(world.broker().Connect()),
      files_(world.disk().NewProcess()), base_(base != nullptr ? base : &simulated_base_) {
  StartEngine();
}

SimulatedProcess::~SimulatedProcess() { Kill(); }

void SimulatedProcess::StartEngine() {
  executor_ = std::make_unique<SimulatedExecutor>(world_.clock(), world_.random());
  EngineSeams seams;
  seams.clock = &world_.clock();
  seams.files = files_.get();
  seams.random = &world_.random();
  seams.executor = executor_.get();
  seams.log = broker_.get();
  seams.base = base_;
  engine_ = std::make_unique<Engine>(graph_, options_, seams, Logger(graph_.job));
  executor_->Start();
  engine_->Start();
}

void SimulatedProcess::Kill() {
  broker_->Kill();
  files_->Kill();
  executor_->Stop();
}

void SimulatedProcess::Rebuild() {
  earlier_trace_hash_ = trace_hash();
  executor_->Stop();
  engine_.reset();
  StartEngine();
}

uint64_t SimulatedProcess::trace_hash() const { return HashInteger(earlier_trace_hash_ ^ executor_->trace_hash()); }

}  // namespace weir
