// What a join gives: its rows, the left rows that found no partner, and the rows of each side that came too late.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "operators/join/join_node.h"
#include "operators/key_by.h"
#include "operators/stream.h"
#include "operators/union.h"

namespace weir {

namespace internal {

/// The rows that are late: by the gate before the exchange, and on a port of the operator behind it.
template <class T>
Stream<T> LateOutputOf(const std::shared_ptr<GraphBuilder>& builder, uint32_t gate, uint32_t behind, uint32_t port) {
  const uint32_t node = builder->AddBehindPort({.kind = "late_output", .row = LabelOf<T>()}, gate, kLatePort,
                                               [] { return std::make_unique<UnionOperator>(); });
  builder->AddInput(node, behind, port);
  return {builder, node};
}

}  // namespace internal

/// A stream of joined rows.
template <class Out, class L, class R>
class JoinResults : public Stream<Out> {
 public:
  JoinResults(std::shared_ptr<internal::GraphBuilder> builder, uint32_t node, uint32_t left_gate, uint32_t right_gate)
      : Stream<Out>(builder, node), builder_(std::move(builder)), join_(node), left_gate_(left_gate), right_gate_(right_gate) {}

  /// Late rows as a stream; without it they go to the ledger. They are still late there.
  Stream<L> LateLeft() const { return Late<L>(left_gate_, internal::JoinNode::Side::kLeft); }
  Stream<R> LateRight() const { return Late<R>(right_gate_, internal::JoinNode::Side::kRight); }

 private:
  template <class T>
  Stream<T> Late(uint32_t gate, internal::JoinNode::Side side) const {
    return internal::LateOutputOf<T>(builder_, gate, join_, internal::JoinNode::LatePortOf(side));
  }

  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t join_;
  uint32_t left_gate_;
  uint32_t right_gate_;
};

/// auto [matched, unmatched] = ...
template <class Out, class L, class R>
struct MatchedAndUnmatched {
  JoinResults<Out, L, R> matched;
  Stream<L> unmatched;
};

namespace internal {

/// One side of a join while it is built.
template <class T, class KeyFunction>
struct JoinInput {
  std::shared_ptr<GraphBuilder> builder;
  uint32_t node;
  KeyFunction key;
};

template <class L, class R>
std::string ProblemOf(const L& left, const R& right, std::string problem) {
  if (left.builder == right.builder) return problem;
  return "its two streams are of different pipelines: a join takes both from one";
}

template <class T, class KeyFunction, class MakeGate>
void AddInput(JoinNode& node, JoinNode::Side side, const JoinInput<T, KeyFunction>& input, MakeGate make_gate) {
  const RowType* late_row = nullptr;
  if constexpr (kIsRow<T>) late_row = &RowTypeOf<T>();
  node.AddInput(side, input.node, late_row, make_gate,
                [key = input.key] { return std::make_unique<KeyByOperator<T, KeyFunction>>(key); });
}

template <class Out, class L, class R>
JoinResults<Out, L, R> ResultsOf(const std::shared_ptr<GraphBuilder>& builder, uint32_t join, const JoinNode& node) {
  return {builder, join, node.gate(JoinNode::Side::kLeft), node.gate(JoinNode::Side::kRight)};
}

template <class L>
Stream<L> UnmatchedOf(const std::shared_ptr<GraphBuilder>& builder, uint32_t join) {
  return {builder, builder->AddBehindPort({.kind = "unmatched", .row = LabelOf<L>()}, join, kFirstSidePort,
                                          [] { return std::make_unique<UnionOperator>(); })};
}

}  // namespace internal
}  // namespace weir
