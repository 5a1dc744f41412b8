#include "operators/join/join_node.h"

#include <utility>

namespace weir::internal {

const char* NameOf(JoinKind kind) {
  switch (kind) {
    case JoinKind::kInner: return "Inner";
    case JoinKind::kLeft: return "Left";
    case JoinKind::kInnerAndUnmatched: return "InnerAndUnmatched";
    case JoinKind::kSemi: return "Semi";
    case JoinKind::kAnti: return "Anti";
  }
  return "";
}

JoinNode::JoinNode(GraphBuilder& builder, std::string id, std::string_view kind, TimeNeeds needs)
    : builder_(builder), id_(std::move(id)), kind_(kind), needs_(needs) {}
JoinNode::~JoinNode() = default;

void JoinNode::AddInput(Side side, uint32_t from, const RowType* late_row, Make make_gate, Make make_key_by) {
  const auto index = static_cast<size_t>(side);
  // A wrong id is reported once, for the join itself.
  const std::string id = id_.empty() ? "" : id_ + (side == Side::kLeft ? ".left" : ".right");
  // Rows that the ledger cannot hold are the gate's complaint alone.
  if (late_row != nullptr) late_.push_back({LatePortOf(side), late_row, id});
  gates_[index] = builder_.Add({.id = id, .kind = "late_gate", .prepares = true, .time = {.event_time = true},
                                .late = {{kLatePort, late_row, id}}},
                               {from}, Partitioning::kForward, std::move(make_gate));
  keyed_[index] = builder_.Add({.kind = "key_by", .prepares = true}, {gates_[index]}, Partitioning::kForward, std::move(make_key_by));
}

uint32_t JoinNode::AddJoin(const RowLabel& row, const std::string& problem, Make make) {
  return builder_.Add({.id = id_, .kind = kind_, .row = row, .stateful = true, .time = needs_,
                       .late = late_, .problem = problem.empty() ? "" : std::string(kind_) + " '" + id_ + "': " + problem},
                      {keyed_[0], keyed_[1]}, Partitioning::kKeyGroup, std::move(make));
}

}  // namespace weir::internal
