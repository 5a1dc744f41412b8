#include "operators/graph_builder.h"

namespace weir::internal {

uint32_t GraphBuilder::Add(NodeSpec spec, std::initializer_list<uint32_t> inputs, Partitioning partitioning,
                           std::function<std::unique_ptr<Operator>()> make) {
  const auto index = static_cast<uint32_t>(graph_.nodes.size());
  GraphNode node;
  const bool named = spec.stateful || spec.source != nullptr || spec.sink != nullptr;
  node.id = spec.id.empty() && !named ? spec.kind + "-" + std::to_string(index) : std::move(spec.id);
  node.kind = std::move(spec.kind);
  node.row = std::move(spec.row);
  node.stateful = spec.stateful;
  node.repeatability = spec.repeatability;
  node.source = std::move(spec.source);
  node.sink = std::move(spec.sink);
  node.make = std::move(make);
  if (!spec.problem.empty()) node.problems.push_back(std::move(spec.problem));
  for (const uint32_t input : inputs) node.inputs.push_back({input, kMainPort, partitioning});
  graph_.nodes.push_back(std::move(node));
  return index;
}

}  // namespace weir::internal
