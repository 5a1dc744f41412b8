#include <fmt/format.h>

#include "runtime/graph/job_graph.h"

namespace weir {
namespace {

std::string_view PartitioningName(Partitioning partitioning) {
  switch (partitioning) {
    case Partitioning::kForward: return "forward";
    case Partitioning::kKeyGroup: return "by key";
    case Partitioning::kBroadcast: return "to all";
    case Partitioning::kRebalance: return "in turn";
  }
  return "?";
}

std::string PortName(uint32_t port) {
  if (port == kMainPort) return "";
  if (port == kPoisonPort) return " (poison)";
  if (IsLatePort(port)) return " (late)";
  return fmt::format(" (side output {})", port - kFirstSidePort);
}

std::string DescribeNode(const GraphNode& node) {
  std::string text = fmt::format("{} \"{}\"", node.kind, node.id);
  if (node.source != nullptr) text += " from " + node.source->Describe();
  if (node.sink != nullptr) text += " to " + node.sink->Describe();
  if (!node.times.empty()) text += ", event time " + node.times;
  if (!node.row.empty()) text += " -> " + node.row;
  if (node.stateful) text += ", keyed state";
  return text + fmt::format(" ({})", RepeatabilityName(node.repeatability));
}

}  // namespace

std::string PlanAsText(const JobGraph& graph, const PhysicalPlan& plan) {
  std::string text = fmt::format("job {}\n", graph.job);
  for (size_t s = 0; s < plan.stages.size(); ++s) {
    const Stage& stage = plan.stages[s];
    text += fmt::format("stage {} x {} task{}\n", s, stage.parallelism, stage.parallelism == 1 ? "" : "s");
    for (const uint32_t index : stage.nodes) {
      const GraphNode& node = graph.nodes[index];
      text += "  " + DescribeNode(node) + "\n";
      for (const GraphEdge& edge : node.inputs) {
        if (plan.stage_of_node[edge.from] == s) continue;
        const Partitioning partitioning =
            EffectivePartitioning(edge, plan.ParallelismOf(edge.from), stage.parallelism);
        text += fmt::format("    <- {}{} from stage {}, {}\n", graph.nodes[edge.from].id,
                            PortName(edge.port), plan.stage_of_node[edge.from],
                            PartitioningName(partitioning));
      }
    }
  }
  return text;
}

std::string PlanAsDot(const JobGraph& graph, const PhysicalPlan& plan) {
  std::string dot = fmt::format("digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box];\n", graph.job);
  for (size_t s = 0; s < plan.stages.size(); ++s) {
    dot += fmt::format("  subgraph cluster_{} {{\n    label=\"x {}\";\n", s, plan.stages[s].parallelism);
    for (const uint32_t index : plan.stages[s].nodes) {
      const GraphNode& node = graph.nodes[index];
      dot += fmt::format("    n{} [label=\"{}\\n{}\\n{}\"];\n", index, node.id, node.kind,
                         RepeatabilityName(node.repeatability));
    }
    dot += "  }\n";
  }
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const GraphEdge& edge : graph.nodes[i].inputs) {
      const bool chained = plan.stage_of_node[edge.from] == plan.stage_of_node[i];
      const Partitioning partitioning = EffectivePartitioning(edge, plan.ParallelismOf(edge.from),
                                                              plan.ParallelismOf(static_cast<uint32_t>(i)));
      dot += fmt::format("  n{} -> n{} [label=\"{}\"{}];\n", edge.from, i,
                         chained ? "chained" : PartitioningName(partitioning),
                         edge.port == kMainPort ? "" : ", style=dashed");
    }
  }
  return dot + "}\n";
}

}  // namespace weir
