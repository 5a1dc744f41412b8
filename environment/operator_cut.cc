#include "environment/operator_cut.h"

#include <algorithm>
#include <map>
#include <utility>

#include "runtime/base/did_you_mean.h"
#include "runtime/base/executor.h"

namespace weir::internal {
namespace {

/// Takes batches as long as it has room.
class Taker final : public Operator {
 public:
  Taker(std::shared_ptr<TakenOutput> output, Taking taking) : output_(std::move(output)), taking_(taking) {}

  Status Open(const OperatorContext& context) override {
    epoch_ = context.first_epoch;
    waker_ = context.waker;
    return {};
  }
  Status Process(uint32_t, BatchPtr batch, Emitter&) override {
    output_->pieces.push_back({epoch_, std::move(batch)});
    full_ = taking_ == Taking::kEverySecondTime;
    return {};
  }
  Status Seal(CheckpointId n) override {
    epoch_ = Next(n);
    return {};
  }
  Result<bool> Drain() override {
    if (!std::exchange(full_, false)) return true;
    waker_->Wake();
    return false;
  }

 private:
  const std::shared_ptr<TakenOutput> output_;
  const Taking taking_;
  CheckpointId epoch_;
  Waker* waker_ = nullptr;
  bool full_ = false;
};

uint32_t Find(const JobGraph& graph, const std::string& id) {
  std::vector<std::string> ids;
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    const bool source = node.source != nullptr;
    const bool sink = node.kind == "sink";
    if (node.id == id && (source || sink || node.prepares)) {
      WEIR_CHECK(!node.prepares, "'" + id + "' is a part of the operator behind it: name that one, it brings its parts along");
      WEIR_CHECK(false, "'" + id + "' is a " + (source ? "source" : "sink") + ": test it in a whole job, weir::test::Job");
    }
    if (node.id == id) return i;
    if (!source && !sink && !node.prepares) ids.push_back(node.id);
  }
  std::string known;
  for (const std::string& each : ids) known += (known.empty() ? "" : ", ") + each;
  WEIR_CHECK(false, "no operator of the pipeline has the id '" + id + "'; it has: " + known + DidYouMean(id, ids));
  return 0;
}

class Cutter {
 public:
  Cutter(const JobGraph& graph, Taking taking) : from_(graph), taking_(taking) { cut_.graph.job = graph.job; }

  OperatorCut Cut(uint32_t op) {
    cut_.op = Copy(op);
    for (const auto& [old_node, new_node] : copies_) AddLedgers(old_node, new_node);
    AddTaker(cut_.op, kMainPort, "");
    AddSides(op);
    return std::move(cut_);
  }

 private:
  /// The node, behind copies of all that belongs to it and feeders of the rest.
  uint32_t Copy(uint32_t old_node) {
    GraphNode node = from_.nodes[old_node];
    for (GraphEdge& edge : node.inputs) {
      edge.from = from_.nodes[edge.from].prepares ? Copy(edge.from) : AddFeeder(edge.from, from_.HasTimes(old_node));
      edge.port = kMainPort;
    }
    // Whole-stream windows run in one task; any other number is the test's to say.
    if (node.parallelism != 1) node.parallelism = 0;
    cut_.graph.nodes.push_back(std::move(node));
    return copies_[old_node] = Last();
  }

  uint32_t AddFeeder(uint32_t producer, bool has_times) {
    const GraphNode& of = from_.nodes[producer];
    const std::string id = "fed-" + std::to_string(cut_.inputs.size());
    auto input = std::make_shared<FedInput>(id, of.row_type, has_times);
    GraphNode feeder;
    feeder.id = id;
    feeder.kind = "source";
    feeder.source = std::make_shared<FedConnector>();
    feeder.times = has_times ? "as fed" : "";
    feeder.make = [input] { return std::make_unique<FedSource>(input); };
    cut_.graph.nodes.push_back(std::move(feeder));
    cut_.inputs.push_back(std::move(input));
    cut_.feeders.push_back(Last());
    return Last();
  }

  void AddTaker(uint32_t node, uint32_t port, const std::string& side) {
    auto output = std::make_shared<TakenOutput>();
    output->port = port;
    output->side = side;
    GraphNode taker;
    taker.id = "taker-" + std::to_string(cut_.outputs.size());
    taker.kind = "taker";
    taker.parallelism = cut_.graph.nodes[node].parallelism;
    taker.inputs = {{node, port, Partitioning::kForward}};
    taker.make = [output, taking = taking_] { return std::make_unique<Taker>(output, taking); };
    cut_.graph.nodes.push_back(std::move(taker));
    cut_.outputs.push_back(std::move(output));
  }

  void AddLedgers(uint32_t old_node, uint32_t new_node) {
    for (const LateRows& late : from_.nodes[old_node].late) {
      AddTaker(new_node, late.port, "");
      cut_.outputs.back()->late = true;
    }
    if (from_.nodes[old_node].finds_poison) AddTaker(new_node, kPoisonPort, "");
  }

  void AddSides(uint32_t op) {
    std::map<uint32_t, std::string> sides;   // by port
    for (const GraphNode& node : from_.nodes) {
      for (const GraphEdge& edge : node.inputs) {
        if (edge.from == op && edge.port >= kFirstSidePort) sides[edge.port] = node.side.empty() ? node.kind : node.side;
      }
    }
    for (const auto& [port, name] : sides) AddTaker(cut_.op, port, name);
  }

  uint32_t Last() const { return static_cast<uint32_t>(cut_.graph.nodes.size() - 1); }

  const JobGraph& from_;
  const Taking taking_;
  OperatorCut cut_;
  std::map<uint32_t, uint32_t> copies_;   // old node to new
};

}  // namespace

void TakenOutput::ForgetAfter(CheckpointId n) {
  std::erase_if(pieces, [n](const Piece& piece) { return piece.epoch > n; });
}

PhysicalPlan OperatorCut::PlanFor(uint32_t parallelism) const {
  PhysicalPlan plan = MakePhysicalPlan(graph, parallelism);
  for (uint32_t node = 0; node < graph.nodes.size(); ++node) {
    const uint32_t stage = plan.stage_of_node[node];
    if (graph.nodes[node].kind != "taker" || plan.stages[stage].nodes.front() == node) continue;
    std::erase(plan.stages[stage].nodes, node);
    plan.stage_of_node[node] = static_cast<uint32_t>(plan.stages.size());
    plan.stages.push_back({{node}, plan.stages[stage].parallelism});
  }
  return plan;
}

OperatorCut CutOut(const JobGraph& graph, const std::string& id, Taking taking) {
  const std::vector<std::string> problems = graph.Problems();
  WEIR_CHECK(problems.empty(), problems.front());
  return Cutter(graph, taking).Cut(Find(graph, id));
}

}  // namespace weir::internal
