// The untyped job graph: what a pipeline builds and the engine runs. A node makes its operators itself, so nothing
// here knows a row type.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "runtime/io/connector.h"
#include "runtime/task/operator.h"
#include "runtime/task/partitioning.h"

namespace weir {

struct RowType;

/// How far a result repeats for equal input (printed by `plan`).
enum class Repeatability { kExact, kFinalValue, kArrival, kNone };
std::string_view RepeatabilityName(Repeatability repeatability);

struct GraphEdge {
  uint32_t from = 0;               ///< Index of the producing node.
  uint32_t port = kMainPort;
  Partitioning partitioning = Partitioning::kForward;
};

/// What an operator wants of event time. Of all such operators the source tasks are told the sum.
struct TimeNeeds {
  bool event_time = false;         ///< Rows with times, and watermarks.
  bool origins = false;            ///< Where rows were read.
  int64_t span_ms = 0;             ///< Its longest window or bound: rows that are ahead by more only wait.
  int64_t step_ms = 0;             ///< Its shortest slice or gap: event time in which nothing is completed. Zero: none.
};

/// Rows that an operator finds late, on one of its ports for such.
struct LateRows {
  uint32_t port = kLatePort;
  const RowType* row = nullptr;    ///< Null where they are no plain structs: the ledger cannot hold them.
  std::string name;                ///< As the ledger calls the operator.
};

struct GraphNode {
  std::string id;                  ///< Stable; names state, positions and staged output in checkpoints.
  std::string kind;                ///< "map", "aggregate": for people.
  std::string row;                 ///< Name of the row type that it emits; empty where that is no plain struct.
  const std::type_info* row_type = nullptr;   ///< The same for comparing; null for what passes between an operator's own nodes.
  bool prepares = false;           ///< It belongs to the operator behind it: key-by, pre-aggregation, gate for late rows.
  std::string side;                ///< Of a node that passes a side output on: its name.
  uint32_t parallelism = 0;        ///< 0: the job's default.
  bool stateful = false;
  Repeatability repeatability = Repeatability::kExact;
  TimeNeeds time;
  bool drops_times = false;        ///< Its rows have no event time, whatever came in.
  std::string times;               ///< Sources: where event time comes from, for people; empty: nobody said.
  std::vector<LateRows> late;      ///< Rows that it may find late.
  bool finds_poison = false;       ///< It may send records to kPoisonPort. Sources and sinks always may.
  std::vector<GraphEdge> inputs;
  std::function<std::unique_ptr<Operator>()> make;
  std::shared_ptr<const SourceConnector> source;   ///< Null unless it is a source.
  std::shared_ptr<const SinkConnector> sink;       ///< Null unless it is a sink with a connector.
  std::vector<std::string> problems;               ///< What was already wrong when it was added.
};

/// Nodes in the order they were added, so that every edge points back. One thread while it is built, then immutable.
struct JobGraph {
  std::string job;
  std::vector<GraphNode> nodes;

  /// All that is wrong with it, one sentence each; empty if it can run.
  std::vector<std::string> Problems() const;
  /// What the operators downstream of `node` want of event time, all together; the node's own wishes too.
  TimeNeeds TimeNeededFrom(uint32_t node) const;
  bool uses_event_time() const;
  /// Whether an operator takes what `node` emits on `port`.
  bool IsTaken(uint32_t node, uint32_t port) const;
  /// Whether rows that come to `node` have event times.
  bool HasTimes(uint32_t node) const;
  bool has_transactional_sink() const;
  bool needs_log() const;
};

/// One chain of operators, run as `parallelism` tasks.
struct Stage {
  std::vector<uint32_t> nodes;     ///< Indices into the graph, the head first.
  uint32_t parallelism = 1;
};

/// How a graph is cut into tasks. An edge inside a stage is a call, an edge between stages an exchange.
struct PhysicalPlan {
  std::vector<Stage> stages;
  std::vector<uint32_t> stage_of_node;

  uint32_t ParallelismOf(uint32_t node) const { return stages[stage_of_node[node]].parallelism; }
};

/// REQUIRES: graph.Problems() is empty.
PhysicalPlan MakePhysicalPlan(const JobGraph& graph, uint32_t default_parallelism);

/// The edge as it runs: a keyed edge into one task is a forward edge, a forward edge between unequal parallelisms
/// rebalances.
Partitioning EffectivePartitioning(const GraphEdge& edge, uint32_t from_parallelism, uint32_t to_parallelism);

/// For people: stages, operators, exchanges, repeatability.
std::string PlanAsText(const JobGraph& graph, const PhysicalPlan& plan);
/// For Graphviz.
std::string PlanAsDot(const JobGraph& graph, const PhysicalPlan& plan);

}  // namespace weir
