#include "operators/graph_builder.h"

#include <algorithm>
#include <utility>

namespace weir::internal {

NodeSpec::~NodeSpec() = default;

GraphBuilder::GraphBuilder(std::string job) { graph_.job = std::move(job); }
GraphBuilder::~GraphBuilder() = default;

uint32_t GraphBuilder::Add(const NodeSpec& spec, std::initializer_list<uint32_t> inputs, Partitioning partitioning,
                           std::function<std::unique_ptr<Operator>()> make) {
  const auto index = static_cast<uint32_t>(graph_.nodes.size());
  GraphNode node;
  const bool named = spec.stateful || spec.source != nullptr || spec.sink != nullptr;
  node.kind = spec.kind;
  node.id = spec.id.empty() && !named ? node.kind + "-" + std::to_string(index) : std::string(spec.id);
  node.row = spec.row.name;
  node.row_type = spec.row.type;
  node.prepares = spec.prepares;
  node.stateful = spec.stateful;
  node.repeatability = spec.repeatability;
  node.time = spec.time;
  node.drops_times = spec.drops_times;
  node.late = spec.late;
  node.finds_poison = spec.finds_poison;
  node.source = spec.source;
  node.sink = spec.sink;
  node.make = std::move(make);
  if (!spec.problem.empty()) node.problems.push_back(spec.problem);
  for (const uint32_t input : inputs) node.inputs.push_back({input, kMainPort, partitioning});
  graph_.nodes.push_back(std::move(node));
  return index;
}

uint32_t GraphBuilder::AddBehindPort(const NodeSpec& spec, uint32_t input, uint32_t port,
                                     std::function<std::unique_ptr<Operator>()> make) {
  const uint32_t node = Add(spec, {input}, Partitioning::kForward, std::move(make));
  graph_.nodes[node].inputs[0].port = port;
  return node;
}

uint32_t GraphBuilder::AddSide(uint32_t node, const std::string& name, const RowLabel& row,
                               std::function<std::unique_ptr<Operator>()> make) {
  NodeSpec spec{.kind = "side_output", .row = row};
  uint32_t port = kFirstSidePort;
  const auto sides = sides_.find(node);
  if (sides == sides_.end()) {
    spec.problem = "side output '" + name + "' is taken of " + graph_.nodes[node].kind + " '" + graph_.nodes[node].id +
                   "', which has none: only Process with a weir::KeyedFunction has";
  } else {
    std::vector<SideOutputs::Side>& taken = sides->second->taken;
    const auto known = std::find_if(taken.begin(), taken.end(), [&](const auto& side) { return side.name == name; });
    if (known == taken.end()) {
      port = kFirstSidePort + static_cast<uint32_t>(taken.size());
      taken.push_back({name, row.type, port});
    } else {
      port = known->port;
      if (*known->row != *row.type) spec.problem = "side output '" + name + "' is taken as rows of two types";
    }
  }
  const uint32_t side = AddBehindPort(spec, node, port, std::move(make));
  graph_.nodes[side].side = name;
  return side;
}

void GraphBuilder::SetTimes(uint32_t node, const TimePolicy& policy, std::function<std::unique_ptr<Operator>()> make) {
  GraphNode& source = graph_.nodes[node];
  if (!source.times.empty()) source.problems.push_back("source '" + source.id + "': its Timestamps are said twice");
  if (const std::string problem = policy.Problem(); !problem.empty()) {
    source.problems.push_back("source '" + source.id + "': " + problem);
  }
  source.times = policy.Describe();
  source.make = std::move(make);
}

}  // namespace weir::internal
