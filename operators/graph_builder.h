// Adds nodes to a job graph on behalf of the typed streams.
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "operators/process/side_output.h"
#include "runtime/graph/job_graph.h"
#include "runtime/reflect/row_type.h"
#include "runtime/time/time_policy.h"

namespace weir::internal {

/// A row type as the graph knows it. It lives as long as the process.
struct RowLabel {
  std::string_view name = {};   ///< For `plan`; empty for rows that are no plain structs.
  const std::type_info* type = nullptr;
};
template <class T>
RowLabel LabelOf() {
  if constexpr (kIsRow<T>) {
    return {RowTypeOf<T>().name, &typeid(T)};
  } else {
    return {{}, &typeid(T)};
  }
}

/// Its views need to live only as long as the call that it is passed to.
struct NodeSpec {
  std::string_view id = {};   ///< Empty: made from the kind and a number. Stateful operators and sinks always say one.
  std::string_view kind = {};
  RowLabel row = {};
  bool stateful = false;
  bool prepares = false;
  Repeatability repeatability = Repeatability::kExact;
  TimeNeeds time = {};
  bool drops_times = false;
  bool finds_poison = false;
  std::vector<LateRows> late = {};
  std::shared_ptr<const SourceConnector> source = {};
  std::shared_ptr<const SinkConnector> sink = {};
  std::string problem = {};

  ~NodeSpec();   // in graph_builder.cc: a pipeline has one in every other line
};

/// One thread.
class GraphBuilder {
 public:
  explicit GraphBuilder(std::string job);
  ~GraphBuilder();

  uint32_t Add(const NodeSpec& spec, std::initializer_list<uint32_t> inputs, Partitioning partitioning,
               std::function<std::unique_ptr<Operator>()> make);
  /// As Add, with rows of another port than the main one.
  uint32_t AddBehindPort(const NodeSpec& spec, uint32_t input, uint32_t port,
                         std::function<std::unique_ptr<Operator>()> make);
  /// Rows of a port of `from` come to `node` as well. They are of the type of its other inputs.
  void AddInput(uint32_t node, uint32_t from, uint32_t port) {
    graph_.nodes[node].inputs.push_back({from, port, Partitioning::kForward});
  }
  /// A source's rows get event times: its operators are made so from now on.
  void SetTimes(uint32_t node, const TimePolicy& policy, std::function<std::unique_ptr<Operator>()> make);
  void SetPartitioning(uint32_t node, uint32_t input, Partitioning partitioning) {
    graph_.nodes[node].inputs[input].partitioning = partitioning;
  }
  /// `sides`: what the node's operators read at their start.
  void SetSides(uint32_t node, std::shared_ptr<SideOutputs> sides) { sides_[node] = std::move(sides); }
  /// A node that passes a side output on; what is wrong with it becomes a problem of that node.
  uint32_t AddSide(uint32_t node, const std::string& name, const RowLabel& row,
                   std::function<std::unique_ptr<Operator>()> make);
  void SetParallelism(uint32_t node, uint32_t parallelism) { graph_.nodes[node].parallelism = parallelism; }
  const JobGraph& graph() const { return graph_; }

 private:
  JobGraph graph_;
  std::map<uint32_t, std::shared_ptr<SideOutputs>> sides_;   // by node
};

}  // namespace weir::internal
