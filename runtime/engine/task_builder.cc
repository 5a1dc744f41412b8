#include "runtime/engine/task_builder.h"

#include <algorithm>
#include <utility>

#include "runtime/engine/manifest_builder.h"

namespace weir {
namespace {

/// A watermark is worth a message once event time has moved by this part of the shortest slice.
constexpr int64_t kWatermarksPerStep = 10;

/// Builds the tasks of one engine; lives as long as BuildTasks runs.
class TaskBuilder {
 public:
  explicit TaskBuilder(const TaskBuildInput& input) : in_(input) {}

  BuiltTasks Build() {
    const auto& stages = in_.plan->stages;
    for (uint32_t s = 0; s < stages.size(); ++s) {
      first_task_.push_back(static_cast<uint32_t>(specs_.size()));
      for (uint32_t index = 0; index < stages[s].parallelism; ++index) specs_.push_back(NewSpec(s, index));
    }
    for (uint32_t s = 0; s < stages.size(); ++s) JoinStage(s);
    for (uint32_t id = 0; id < specs_.size(); ++id) AddTask(id);
    for (const Joint& joint : joints_) joint.channel->SetWakers(wakers_[joint.from], wakers_[joint.to]);
    return std::move(built_);
  }

 private:
  struct Joint {
    Channel* channel;
    uint32_t from;
    uint32_t to;
  };

  const GraphNode& NodeAt(uint32_t node) const { return in_.graph->nodes[node]; }

  TaskSpec NewSpec(uint32_t stage_index, uint32_t index) {
    const Stage& stage = in_.plan->stages[stage_index];
    TaskSpec spec;
    spec.id = static_cast<uint32_t>(specs_.size());
    spec.name = NodeAt(stage.nodes.front()).id + "-" + std::to_string(index);
    spec.source_node = stage.nodes.front();
    spec.listener = in_.listener;
    spec.clock = in_.seams.clock;
    spec.quota = in_.quota;
    spec.state_budget = in_.state_budget;
    spec.first_epoch = in_.first_epoch;
    spec.io = &in_.seams.executor->NewQueue("io-" + spec.name);
    const CheckpointPaths& paths = *in_.paths;
    const Id128 attempt = in_.attempt;
    spec.checkpoint_directory = [&paths, attempt](CheckpointId n) { return paths.Checkpoint({n, attempt}); };
    for (const uint32_t node : stage.nodes) spec.nodes.push_back(NewNode(spec, node, index, stage.parallelism));
    return spec;
  }

  ChainNode NewNode(const TaskSpec& spec, uint32_t node_index, uint32_t index, uint32_t parallelism) {
    const GraphNode& node = NodeAt(node_index);
    ChainNode made;
    made.op = node.make();
    made.source = dynamic_cast<SourceOperator*>(made.op.get());
    OperatorContext& context = made.context;
    context.operator_id = node.id;
    context.index = TaskIndex{index};
    context.first_epoch = in_.first_epoch;
    context.parallelism = parallelism;
    context.rows_per_step = in_.options->rows_per_step;
    context.has_times = in_.graph->HasTimes(node_index);
    context.groups = RangeOfTask(kDefaultKeyGroups, parallelism, index);
    context.io = spec.io;
    context.clock = in_.seams.clock;
    context.poison = in_.poison;
    context.logger = in_.logger;
    if (node.stateful) AddState(made, spec);
    if (made.source != nullptr) {
      context.splits = in_.sources.at(node_index);
      built_.sources.push_back({spec.id, node_index});
      context.time = TimeOf(node_index);
      for (const SplitAssignment& split : in_.splits.at(node_index)) {
        if (context.splits->Placement(split.split) % parallelism == index) made.splits.push_back(split);
      }
    }
    if (node.sink != nullptr) {
      context.sink = in_.sinks.at(node_index);
      context.sink_context = {in_.graph->job, node.id, in_.incarnation, in_.attempt, TaskIndex{index}, parallelism,
                              in_.gate};
      if (node.sink->transactional()) built_.transactional_tasks.push_back(spec.id);
    }
    return made;
  }

  SourceTimeContext TimeOf(uint32_t source) const {
    const TimeNeeds needs = in_.graph->TimeNeededFrom(source);
    SourceTimeContext time;
    time.needed = needs.event_time;
    time.origins = needs.origins;
    time.ended_splits_hold = in_.options->end_of_sources == RunEnd::kStop;
    time.idle_after = in_.options->idle_after;
    time.ahead_of_broker_max = in_.options->ahead_of_broker_max;
    time.watermark_step_ms = needs.step_ms / kWatermarksPerStep;
    return time;
  }

  void AddState(ChainNode& made, const TaskSpec& spec) {
    const OperatorContext& context = made.context;
    StateStoreOptions options;
    options.operator_id = context.operator_id;
    options.index = context.index;
    options.groups = context.groups;
    options.work_directory = in_.paths->Work(in_.attempt, context.operator_id, context.index);
    options.files = in_.seams.files;
    options.base = in_.seams.base;
    options.io = spec.io;
    options.roll_after_deltas = in_.options->roll_after_deltas;
    options.defences = in_.options->state_defences;
    // Tasks live in a vector of unique_ptr that is filled later: found by their number when a snapshot is done.
    const auto node = static_cast<uint32_t>(spec.nodes.size());
    std::shared_ptr<Task*> task = TaskSlot(spec.id);
    options.on_snapshot = [task, node](CheckpointId n, Result<StateSnapshot> snapshot) {
      (*task)->OnSnapshot(node, n, std::move(snapshot));
    };
    made.state = std::make_unique<StateStore>(std::move(options));
    made.context.state = made.state.get();
    if (in_.restored != nullptr) {
      const Manifest& manifest = *in_.restored;
      made.restored = {manifest.n, in_.paths->Checkpoint({manifest.n, manifest.attempt}),
                       SnapshotsOf(manifest, context.operator_id, context.groups)};
    }
  }

  std::shared_ptr<Task*> TaskSlot(uint32_t id) {
    if (slots_.size() <= id) slots_.resize(id + 1);
    if (slots_[id] == nullptr) slots_[id] = std::make_shared<Task*>(nullptr);
    return slots_[id];
  }

  /// Adds the inputs of a stage's nodes: calls within the stage, channels from other stages.
  void JoinStage(uint32_t stage_index) {
    const Stage& stage = in_.plan->stages[stage_index];
    for (uint32_t position = 0; position < stage.nodes.size(); ++position) {
      const GraphNode& node = NodeAt(stage.nodes[position]);
      for (uint32_t input = 0; input < node.inputs.size(); ++input) {
        const GraphEdge& edge = node.inputs[input];
        if (in_.plan->stage_of_node[edge.from] == stage_index) {
          Chain(stage_index, edge, position, input);
        } else {
          Join(edge, stage_index, input);
        }
      }
    }
  }

  uint32_t PositionInStage(uint32_t node) const {
    const Stage& stage = in_.plan->stages[in_.plan->stage_of_node[node]];
    const auto found = std::ranges::find(stage.nodes, node);
    WEIR_CHECK(found != stage.nodes.end(), "a node is in its stage");
    return static_cast<uint32_t>(found - stage.nodes.begin());
  }

  void Chain(uint32_t stage_index, const GraphEdge& edge, uint32_t position, uint32_t input) {
    for (uint32_t index = 0; index < in_.plan->stages[stage_index].parallelism; ++index) {
      TaskSpec& spec = specs_[first_task_[stage_index] + index];
      spec.nodes[PositionInStage(edge.from)].consumers.push_back({edge.port, Consumer::Kind::kNode, position, input});
    }
  }

  void Join(const GraphEdge& edge, uint32_t to_stage, uint32_t input) {
    const uint32_t from_stage = in_.plan->stage_of_node[edge.from];
    const uint32_t from_parallelism = in_.plan->stages[from_stage].parallelism;
    const uint32_t to_parallelism = in_.plan->stages[to_stage].parallelism;
    const Partitioning partitioning = EffectivePartitioning(edge, from_parallelism, to_parallelism);
    for (uint32_t from = 0; from < from_parallelism; ++from) {
      TaskSpec& sender = specs_[first_task_[from_stage] + from];
      std::vector<Channel*> targets;
      for (uint32_t to = 0; to < to_parallelism; ++to) {
        if (partitioning == Partitioning::kForward && to != from) continue;
        TaskSpec& receiver = specs_[first_task_[to_stage] + to];
        built_.channels.push_back(std::make_unique<Channel>(in_.options->channel_messages_max));
        targets.push_back(built_.channels.back().get());
        joints_.push_back({targets.back(), sender.id, receiver.id});
        receiver.inputs.push_back({targets.back(), input});
      }
      sender.nodes[PositionInStage(edge.from)].consumers.push_back(
          {edge.port, Consumer::Kind::kOutlet, static_cast<uint32_t>(sender.outlets.size()), input});
      sender.outlets.push_back(std::make_unique<Outlet>(partitioning, kDefaultKeyGroups, std::move(targets)));
    }
  }

  void AddTask(uint32_t id) {
    // Tasks of one parallel index share a worker, so that a forward exchange stays on one core.
    const uint32_t worker = specs_[id].nodes.front().context.index.value();
    built_.tasks.push_back(std::make_unique<Task>(std::move(specs_[id])));
    Task& task = *built_.tasks.back();
    *TaskSlot(id) = &task;
    Waker& waker = in_.seams.executor->Add(task, worker);
    if (task.is_source() && in_.pacing != nullptr) task.JoinPacing(*in_.pacing, waker);
    task.SetWaker(&waker);
    wakers_.push_back(&waker);
  }

  const TaskBuildInput& in_;
  BuiltTasks built_;
  std::vector<TaskSpec> specs_;
  std::vector<uint32_t> first_task_;   ///< By stage.
  std::vector<Joint> joints_;
  std::vector<Waker*> wakers_;         ///< By task.
  std::vector<std::shared_ptr<Task*>> slots_;
};

}  // namespace

uint32_t BuiltTasks::SourceTaskFor(uint32_t node, uint32_t placement) const {
  std::vector<uint32_t> of_node;
  for (const SourceTask& source : sources) {
    if (source.node == node) of_node.push_back(source.task);
  }
  return of_node[placement % of_node.size()];
}

BuiltTasks BuildTasks(const TaskBuildInput& input) { return TaskBuilder(input).Build(); }

}  // namespace weir
