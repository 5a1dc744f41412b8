#include "environment/operator_run.h"

#include <map>
#include <string>
#include <utility>

#include "runtime/base/hash.h"
#include "runtime/engine/manifest_builder.h"

namespace weir::internal {

/// Records that cannot be processed are taken, however many they are.
class OperatorRun::AnyPoison final : public PoisonBudget {
 public:
  Status Charge(const std::string&) override { return {}; }
};

/// What the tasks of one start tell.
class OperatorRun::Ear final : public TaskListener {
 public:
  void OnReady(uint32_t) override { ++ready; }
  void OnSinksSealed(uint32_t, CheckpointId) override {}
  void OnAcknowledged(TaskAcknowledgement acknowledgement) override { acknowledged.push_back(std::move(acknowledgement)); }
  void OnFailed(uint32_t, Status status) override {
    if (failure.ok()) failure = std::move(status);
  }
  void OnInputEnded(uint32_t) override {}
  void OnReport(TaskReport) override {}

  size_t ready = 0;
  std::vector<TaskAcknowledgement> acknowledged;
  Status failure;
};

OperatorRun::OperatorRun(OperatorCut cut, uint32_t parallelism, uint32_t splits, size_t channel_messages_max, uint64_t seed)
    : random_(seed), files_(disk_.NewProcess()), any_poison_(std::make_unique<AnyPoison>()), cut_(std::move(cut)),
      paths_("/checkpoints", cut_.graph.job), parallelism_(parallelism) {
  options_.channel_messages_max = channel_messages_max;
  options_.roll_after_deltas = 3;   // so that a short test also sees bases merged
  for (const auto& input : cut_.inputs) input->SetSplits(splits);
  Start(nullptr);
}

OperatorRun::~OperatorRun() { End(); }

void OperatorRun::Start(const Manifest* restored) {
  attempt_ = {1, attempt_.low + 1};
  epoch_ = restored == nullptr ? CheckpointId{1} : Next(restored->n);
  drained_ = false;
  executor_ = std::make_unique<SimulatedExecutor>(clock_, random_);
  ear_ = std::make_unique<Ear>();
  plan_ = cut_.PlanFor(parallelism_);
  TaskBuildInput input;
  input.graph = &cut_.graph;
  input.plan = &plan_;
  input.options = &options_;
  input.seams = {&clock_, files_.get(), &random_, executor_.get(), nullptr, &base_};
  input.paths = &paths_;
  input.attempt = attempt_;
  input.first_epoch = epoch_;
  input.restored = restored;
  for (size_t i = 0; i < cut_.inputs.size(); ++i) {
    input.sources[cut_.feeders[i]] = &fed_splits_;
    input.splits[cut_.feeders[i]] = cut_.inputs[i]->Assignments(restored);
  }
  input.poison = any_poison_.get();
  input.listener = ear_.get();
  built_ = BuildTasks(input);
  executor_->Start();
  for (const auto& task : built_.tasks) task->Open();
  while (ear_->ready < built_.tasks.size() && executor_->RunOne()) {
  }
  if (!ear_->failure.ok()) return;
  for (const auto& task : built_.tasks) task->Run();
}

void OperatorRun::End() {
  executor_->Stop();
  for (const auto& input : cut_.inputs) input->ForgetReaders();
  built_ = {};
  executor_.reset();
}

void OperatorRun::RunAll() {
  while (executor_->RunOne()) {
  }
}

void OperatorRun::Advance(Duration duration) {
  const Instant until = clock_.Now() + duration;
  for (RunAll(); executor_->NextTimer() <= until; RunAll()) clock_.AdvanceTo(executor_->NextTimer());
  clock_.AdvanceTo(until);
  RunAll();
}

std::shared_ptr<const OperatorCheckpoint> OperatorRun::TakeBarrier(BarrierKind kind) {
  const CheckpointId n = epoch_;
  epoch_ = Next(n);
  const Status made_directory = files_->CreateDirectories(paths_.Checkpoint({n, attempt_}));
  WEIR_CHECK(made_directory.ok(), made_directory.ToString());
  ear_->acknowledged.clear();
  for (const BuiltTasks::SourceTask& source : built_.sources) built_.tasks[source.task]->TriggerBarrier({n, kind});
  while (ear_->acknowledged.size() < built_.tasks.size() && ear_->failure.ok() && executor_->RunOne()) {
  }
  if (!ear_->failure.ok()) return nullptr;
  WEIR_CHECK(ear_->acknowledged.size() == built_.tasks.size(), "a barrier does not come through");
  drained_ = kind == BarrierKind::kDrain;
  auto made = std::make_shared<OperatorCheckpoint>();
  made->of = this;
  made->manifest = ManifestOf(n);
  for (const auto& input : cut_.inputs) made->fed.push_back(input->Lengths());
  return made;
}

Manifest OperatorRun::ManifestOf(CheckpointId n) {
  Manifest head;
  head.job = cut_.graph.job;
  head.attempt = attempt_;
  head.n = n;
  head.hash_version = kHashVersion;
  std::map<std::string, std::string> identities;
  for (const auto& input : cut_.inputs) identities[input->feeder()] = fed_splits_.Identity();
  ManifestBuilder builder(std::move(head), std::move(identities), {});
  for (TaskAcknowledgement& each : ear_->acknowledged) builder.Add(std::move(each));
  return builder.Finish();
}

void OperatorRun::Restart(const OperatorCheckpoint& from, uint32_t parallelism) {
  End();
  if (parallelism != 0) parallelism_ = parallelism;
  for (size_t i = 0; i < cut_.inputs.size(); ++i) cut_.inputs[i]->CutBack(from.fed[i]);
  for (const auto& output : cut_.outputs) output->ForgetAfter(from.manifest.n);
  Start(&from.manifest);
}

std::vector<BatchPtr> OperatorRun::Take(const std::function<bool(const TakenOutput&, const BatchBase&)>& wanted) {
  std::vector<BatchPtr> batches;
  for (const auto& output : cut_.outputs) {
    std::erase_if(output->pieces, [&](TakenOutput::Piece& piece) {
      if (!wanted(*output, *piece.batch)) return false;
      batches.push_back(std::move(piece.batch));
      return true;
    });
  }
  return batches;
}

const Status& OperatorRun::failure() const { return ear_->failure; }

void OperatorRun::ForEachState(const std::function<void(const StateStore&)>& visit) const {
  for (const auto& task : built_.tasks) {
    for (const ChainNode& node : task->spec().nodes) {
      if (node.state != nullptr) visit(*node.state);
    }
  }
}

}  // namespace weir::internal
