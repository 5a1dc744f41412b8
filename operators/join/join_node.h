// Internal: the nodes of a join in the job graph. Each input has a gate for late rows and a key, then comes the join.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "operators/graph_builder.h"

namespace weir::internal {

enum class JoinKind : uint8_t {
  kInner,
  kLeft,                ///< Unmatched left rows become rows of the result.
  kInnerAndUnmatched,   ///< Unmatched left rows leave by a port of their own.
  kSemi,                ///< Left rows that have a partner, once.
  kAnti,                ///< Left rows that have none.
};

/// As users write it.
const char* NameOf(JoinKind kind);

class JoinNode {
 public:
  using Make = std::function<std::unique_ptr<Operator>()>;
  enum class Side { kLeft, kRight };

  JoinNode(GraphBuilder& builder, std::string id, std::string_view kind, TimeNeeds needs);
  ~JoinNode();

  /// Late rows of this side are those of the node `<id>.left` or `<id>.right`, and, so named, those that the join itself finds
  /// late. `late_row`: null where rows are no plain structs.
  void AddInput(Side side, uint32_t from, const RowType* late_row, Make make_gate, Make make_key_by);
  /// After both inputs. `problem`: what is wrong, empty if nothing.
  uint32_t AddJoin(const RowLabel& row, const std::string& problem, Make make);
  uint32_t gate(Side side) const { return gates_[static_cast<size_t>(side)]; }
  /// The port of the join for late rows of this side.
  static constexpr uint32_t LatePortOf(Side side) { return side == Side::kLeft ? kLatePort : kLateRightPort; }

 private:
  GraphBuilder& builder_;
  const std::string id_;
  const std::string_view kind_;
  const TimeNeeds needs_;
  std::vector<LateRows> late_;   // of the join
  uint32_t gates_[2] = {};
  uint32_t keyed_[2] = {};
};

}  // namespace weir::internal
