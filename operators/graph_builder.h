// Adds nodes to a job graph on behalf of the typed streams.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "runtime/graph/job_graph.h"
#include "runtime/reflect/row_type.h"

namespace weir::internal {

/// Name of a row type for `plan`; empty for rows that are no plain structs.
template <class T>
std::string RowName() {
  if constexpr (kIsRow<T>) {
    return std::string(RowTypeOf<T>().name);
  } else {
    return {};
  }
}

struct NodeSpec {
  std::string id = {};       ///< Empty: made from the kind and a number. Stateful operators and sinks always say one.
  std::string kind = {};
  std::string row = {};
  bool stateful = false;
  Repeatability repeatability = Repeatability::kExact;
  std::shared_ptr<const SourceConnector> source = {};
  std::shared_ptr<const SinkConnector> sink = {};
  std::string problem = {};
};

/// One thread.
class GraphBuilder {
 public:
  explicit GraphBuilder(std::string job) { graph_.job = std::move(job); }

  uint32_t Add(NodeSpec spec, std::initializer_list<uint32_t> inputs, Partitioning partitioning,
               std::function<std::unique_ptr<Operator>()> make);
  void SetParallelism(uint32_t node, uint32_t parallelism) { graph_.nodes[node].parallelism = parallelism; }
  const JobGraph& graph() const { return graph_; }

 private:
  JobGraph graph_;
};

}  // namespace weir::internal
