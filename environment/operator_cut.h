// Internal: one operator with the nodes that belong to it, cut out of a pipeline: a job graph of its own, between inputs that
// are fed and outputs that are taken.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "environment/fed_input.h"
#include "runtime/graph/job_graph.h"

namespace weir::internal {

/// What came out of one port and was not taken yet. One thread.
struct TakenOutput {
  struct Piece {
    CheckpointId epoch;   ///< That it belongs to.
    BatchPtr batch;
  };
  uint32_t port = kMainPort;
  bool late = false;      ///< A port for rows that came too late.
  std::string side;       ///< Of a side output: its name.
  std::deque<Piece> pieces;

  /// What was emitted after barrier n.
  void ForgetAfter(CheckpointId n);
};

/// What takes output is full after each batch, and has room again one step later.
enum class Taking { kAlways, kEverySecondTime };

struct OperatorCut {
  JobGraph graph;
  std::vector<std::shared_ptr<FedInput>> inputs;      ///< In the order of the operator's own.
  std::vector<uint32_t> feeders;                      ///< Nodes of the graph, one an input.
  std::vector<std::shared_ptr<TakenOutput>> outputs;
  uint32_t op = 0;                                    ///< Node of the operator.

  /// What takes output is a stage of its own, behind a channel.
  PhysicalPlan PlanFor(uint32_t parallelism) const;
};

/// Ends the process with a message where `id` names no operator that can be cut out.
OperatorCut CutOut(const JobGraph& graph, const std::string& id, Taking taking);

}  // namespace weir::internal
