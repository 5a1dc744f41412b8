#include "operators/graph_builder.h"

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
  node.row = spec.row;
  node.stateful = spec.stateful;
  node.repeatability = spec.repeatability;
  node.source = spec.source;
  node.sink = spec.sink;
  node.make = std::move(make);
  if (!spec.problem.empty()) node.problems.push_back(spec.problem);
  for (const uint32_t input : inputs) node.inputs.push_back({input, kMainPort, partitioning});
  graph_.nodes.push_back(std::move(node));
  return index;
}

}  // namespace weir::internal
