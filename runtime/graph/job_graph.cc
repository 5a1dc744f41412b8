#include "runtime/graph/job_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weir {
namespace {

constexpr uint32_t kParallelismMax = kDefaultKeyGroups;
constexpr std::string_view kReservedPrefix = "weir.";
constexpr std::string_view kNameRule = "an id is a letter or digit followed by up to 99 of A-Z a-z 0-9 . _ -";

std::string IdProblem(const GraphNode& node, size_t index) {
  if (node.id.empty()) {
    return fmt::format("the {} that was added as number {} has no id: give it a stable one, its state and positions "
                       "are found by it", node.kind, index + 1);
  }
  if (!IsValidName(node.id)) return fmt::format("{} '{}': {}", node.kind, node.id, kNameRule);
  if (node.id.starts_with(kReservedPrefix) && node.kind != "ledger") {
    return fmt::format("{} '{}': ids that begin with {} are Weir's own, take another", node.kind, node.id,
                       kReservedPrefix);
  }
  return {};
}

void CheckNode(const JobGraph& graph, size_t index, std::vector<std::string>& problems) {
  const GraphNode& node = graph.nodes[index];
  for (const std::string& problem : node.problems) problems.push_back(problem);
  if (std::string problem = IdProblem(node, index); !problem.empty()) problems.push_back(std::move(problem));
  if (node.parallelism > kParallelismMax) {
    problems.push_back(fmt::format("{} '{}': parallelism {} is more than the {} key groups of a job", node.kind,
                                   node.id, node.parallelism, kParallelismMax));
  }
  if (node.source != nullptr && !node.source->Problem().empty()) {
    problems.push_back(fmt::format("source '{}': {}", node.id, node.source->Problem()));
  }
  if (node.sink != nullptr && !node.sink->Problem().empty()) {
    problems.push_back(fmt::format("sink '{}': {}", node.id, node.sink->Problem()));
  }
  for (const GraphEdge& edge : node.inputs) {
    if (edge.from >= index) {
      problems.push_back(fmt::format("{} '{}' takes input from '{}', which comes after it: a cycle. Streams flow one "
                                     "way; write back through a topic instead", node.kind, node.id,
                                     edge.from < graph.nodes.size() ? graph.nodes[edge.from].id : "?"));
    }
  }
}

/// Per node: what is wanted by it and all that its rows reach with their times.
std::vector<TimeNeeds> TimesNeeded(const JobGraph& graph) {
  std::vector<TimeNeeds> needs;
  for (const GraphNode& node : graph.nodes) needs.push_back(node.time);
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    for (const GraphEdge& edge : graph.nodes[i].inputs) {
      if (edge.from >= i || edge.port == kPoisonPort) continue;
      TimeNeeds& from = needs[edge.from];
      from.event_time = from.event_time || needs[i].event_time;
      from.origins = from.origins || needs[i].origins;
      from.span_ms = std::max(from.span_ms, needs[i].span_ms);
      if (needs[i].step_ms > 0) from.step_ms = from.step_ms == 0 ? needs[i].step_ms : std::min(from.step_ms, needs[i].step_ms);
    }
  }
  return needs;
}

/// A late row that has no form for the ledger must be taken by the pipeline.
void CheckLate(const JobGraph& graph, std::vector<std::string>& problems) {
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    for (const LateRows& late : node.late) {
      if (late.row != nullptr || graph.IsTaken(i, late.port)) continue;
      problems.push_back(fmt::format("{} '{}': its rows are no plain structs, so the ledger of late rows cannot hold them: take "
                                     "them with .LateOutput(), of a join with .LateLeft() and .LateRight()", node.kind, node.id));
    }
  }
}

void CheckTimes(const JobGraph& graph, std::vector<std::string>& problems) {
  const std::vector<TimeNeeds> needs = TimesNeeded(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    if (!needs[i].event_time) continue;
    if (node.source != nullptr && node.times.empty() && !node.source->has_record_times()) {
      problems.push_back(fmt::format("source '{}': an operator after it works by event time, and its records have no time of "
                                     "their own: say .Timestamps(&Row::field, weir::BoundedDisorder{{...}})", node.id));
    }
    if (node.drops_times && !node.time.event_time) {
      problems.push_back(fmt::format("{} '{}': its rows have no event time, and an operator after it works by it: put that "
                                     "operator before it", node.kind, node.id));
    }
  }
}

}  // namespace

std::string_view RepeatabilityName(Repeatability repeatability) {
  switch (repeatability) {
    case Repeatability::kExact: return "exact";
    case Repeatability::kFinalValue: return "final value";
    case Repeatability::kArrival: return "arrival";
    case Repeatability::kNone: return "none";
  }
  return "none";
}

std::vector<std::string> JobGraph::Problems() const {
  std::vector<std::string> problems;
  if (!IsValidName(job)) {
    problems.push_back(fmt::format("job id '{}': {}", job, kNameRule));
  }
  std::map<std::string, size_t> uses;
  bool has_source = false;
  bool has_sink = false;
  for (size_t i = 0; i < nodes.size(); ++i) {
    CheckNode(*this, i, problems);
    ++uses[nodes[i].id];
    has_source = has_source || nodes[i].inputs.empty();
    has_sink = has_sink || nodes[i].kind == "sink";
  }
  CheckTimes(*this, problems);
  CheckLate(*this, problems);
  for (const auto& [id, count] : uses) {
    if (count > 1 && !id.empty()) {
      problems.push_back(fmt::format("id '{}' is used by {} operators: state and positions are found by it, give each "
                                     "its own", id, count));
    }
  }
  if (!has_source) problems.push_back("the pipeline has no source");
  if (!has_sink) problems.push_back("the pipeline has no sink: nothing it computes would be seen");
  return problems;
}

TimeNeeds JobGraph::TimeNeededFrom(uint32_t node) const { return TimesNeeded(*this)[node]; }

bool JobGraph::IsTaken(uint32_t node, uint32_t port) const {
  for (const GraphNode& consumer : nodes) {
    for (const GraphEdge& edge : consumer.inputs) {
      if (edge.from == node && edge.port == port) return true;
    }
  }
  return false;
}

bool JobGraph::HasTimes(uint32_t node) const {
  const std::vector<TimeNeeds> needs = TimesNeeded(*this);
  std::vector<bool> made(nodes.size(), false);   // whose rows have times
  for (size_t i = 0; i <= node; ++i) {
    bool has = nodes[i].source != nullptr && (!nodes[i].times.empty() || needs[i].event_time);
    for (const GraphEdge& edge : nodes[i].inputs) has = has || made[edge.from];
    if (i == node) return has;
    made[i] = has && !nodes[i].drops_times;
  }
  return false;
}

bool JobGraph::uses_event_time() const {
  return std::any_of(nodes.begin(), nodes.end(), [](const GraphNode& node) { return node.time.event_time; });
}

bool JobGraph::has_transactional_sink() const {
  for (const GraphNode& node : nodes) {
    if (node.sink != nullptr && node.sink->transactional()) return true;
  }
  return false;
}

bool JobGraph::needs_log() const {
  for (const GraphNode& node : nodes) {
    if (node.source != nullptr && node.source->needs_log()) return true;
    if (node.sink != nullptr && node.sink->needs_log()) return true;
  }
  return false;
}

Partitioning EffectivePartitioning(const GraphEdge& edge, uint32_t from_parallelism, uint32_t to_parallelism) {
  if (to_parallelism == 1) return from_parallelism == 1 ? Partitioning::kForward : Partitioning::kRebalance;
  if (edge.partitioning == Partitioning::kForward && from_parallelism != to_parallelism) {
    return Partitioning::kRebalance;
  }
  return edge.partitioning;
}

PhysicalPlan MakePhysicalPlan(const JobGraph& graph, uint32_t default_parallelism) {
  PhysicalPlan plan;
  plan.stage_of_node.resize(graph.nodes.size());
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    const uint32_t parallelism = node.parallelism == 0 ? default_parallelism : node.parallelism;
    if (node.inputs.size() == 1) {
      const GraphEdge& edge = node.inputs[0];
      const uint32_t stage = plan.stage_of_node[edge.from];
      const uint32_t from_parallelism = plan.stages[stage].parallelism;
      if (from_parallelism == parallelism &&
          EffectivePartitioning(edge, from_parallelism, parallelism) == Partitioning::kForward) {
        plan.stages[stage].nodes.push_back(i);
        plan.stage_of_node[i] = stage;
        continue;
      }
    }
    plan.stage_of_node[i] = static_cast<uint32_t>(plan.stages.size());
    plan.stages.push_back({{i}, parallelism});
  }
  return plan;
}

}  // namespace weir
