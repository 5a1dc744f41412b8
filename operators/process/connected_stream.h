// Two streams in front of one function. Made by KeyedStream::Connect.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/graph_builder.h"
#include "operators/key_by.h"
#include "operators/process/process_operators.h"

namespace weir {

template <class T>
class Stream;

/// A stream of which every task is to get all rows. Made by Stream::Broadcast.
template <class B>
struct BroadcastStream {
  uint32_t node = 0;
};

namespace internal {

/// What `plan` and the engine are told of a function's operator.
template <class K, class Out, class F>
NodeSpec ProcessSpec(const std::string& id, std::string_view kind) {
  constexpr bool kTimers = kHasOnTimer<F, K, Out>;
  NodeSpec spec{.id = id, .kind = kind, .row = LabelOf<Out>(), .stateful = true,
                .repeatability = kHasOnWallTimer<F, K, Out> ? Repeatability::kNone : Repeatability::kArrival};
  spec.time.event_time = kTimers || F::kUsesEventTime;
  spec.time.origins = true;   // for the ledger
  spec.finds_poison = true;
  return spec;
}

/// What is wrong with the states of a function, empty if nothing.
template <class F>
std::string StateProblem(const std::string& id, const F& function) {
  const StateMembers members;
  const F copy(function);
  return members.Problem(id);
}

}  // namespace internal

/// Two keyed streams with keys of one type, whose rows of one key meet in one task and share its state.
template <class K, class L, class R, class LeftKey, class RightKey>
class ConnectedStreams {
 public:
  ConnectedStreams(std::shared_ptr<internal::GraphBuilder> builder, uint32_t left, uint32_t right, LeftKey left_key,
                   RightKey right_key)
      : builder_(std::move(builder)), left_(left), right_(right), left_key_(std::move(left_key)),
        right_key_(std::move(right_key)) {}

  /// A KeyedFunction with void OnLeft(const K&, const L&, Context&, Collector<Out>&), and OnRight for the other stream.
  /// Rows of the two come in any order. Class arrival.
  template <class Out, class F>
  auto Process(std::string id, F function) const {
    if constexpr (internal::RequireKeyedFunction<F, K, Out>()) {
      constexpr bool kLeft = requires(F& f, const K& k, const L& row, Context& ctx, Collector<Out>& out) {
        f.OnLeft(k, row, ctx, out);
      };
      constexpr bool kRight = requires(F& f, const K& k, const R& row, Context& ctx, Collector<Out>& out) {
        f.OnRight(k, row, ctx, out);
      };
      static_assert(kLeft && kRight, "Process on two streams takes a function with void OnLeft(const K&, const Left&, "
                                     "weir::Context&, weir::Collector<Out>&) and the same as OnRight with the other row.");
      if constexpr (kLeft && kRight) {
        internal::NodeSpec spec = internal::ProcessSpec<K, Out, F>(id, "co_process");
        spec.problem = internal::StateProblem(id, function);
        auto sides = std::make_shared<internal::SideOutputs>();
        const uint32_t node = builder_->Add(
            spec, {internal::AddKeyBy<L>(*builder_, left_, left_key_), internal::AddKeyBy<R>(*builder_, right_, right_key_)},
            Partitioning::kKeyGroup, [left = left_key_, right = right_key_, function, sides] {
              return std::make_unique<internal::ProcessTwo<L, R, K, LeftKey, RightKey, Out, F>>(left, right, function, sides);
            });
        builder_->SetSides(node, sides);
        return Stream<Out>(builder_, node);
      }
    }
  }

 private:
  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t left_;
  uint32_t right_;
  LeftKey left_key_;
  RightKey right_key_;
};

/// A keyed stream, and one of rules, rates, settings that every task needs whole.
template <class K, class T, class B, class KeyFunction>
class BroadcastConnected {
 public:
  BroadcastConnected(std::shared_ptr<internal::GraphBuilder> builder, uint32_t keyed, uint32_t broadcast, KeyFunction key)
      : builder_(std::move(builder)), keyed_(keyed), broadcast_(broadcast), key_(std::move(key)) {}

  /// A KeyedFunction with OnRow for the keyed rows, and void OnBroadcast(const B&), which may change BroadcastState members
  /// and nothing else, and emits nothing: it is called in every task. One entry of a broadcast state should be changed by
  /// rows of one split only: the order between splits may differ from task to task. Class arrival.
  template <class Out, class F>
  auto Process(std::string id, F function) const {
    if constexpr (internal::RequireKeyedFunction<F, K, Out>()) {
      constexpr bool kRow = requires(F& f, const K& k, const T& row, Context& ctx, Collector<Out>& out) {
        f.OnRow(k, row, ctx, out);
      };
      constexpr bool kBroadcast = requires(F& f, const B& row) { f.OnBroadcast(row); };
      static_assert(kRow && kBroadcast, "Process with a broadcast stream takes a function with void OnRow(const K&, const Row&, "
                                        "weir::Context&, weir::Collector<Out>&) and void OnBroadcast(const BroadcastRow&).");
      if constexpr (kRow && kBroadcast) {
        internal::NodeSpec spec = internal::ProcessSpec<K, Out, F>(id, "process");
        spec.problem = internal::StateProblem(id, function);
        auto sides = std::make_shared<internal::SideOutputs>();
        const uint32_t node = builder_->Add(
            spec, {internal::AddKeyBy<T>(*builder_, keyed_, key_), broadcast_}, Partitioning::kKeyGroup,
            [key = key_, function, sides] {
              return std::make_unique<internal::ProcessWithBroadcast<T, B, K, KeyFunction, Out, F>>(key, function, sides);
            });
        builder_->SetPartitioning(node, 1, Partitioning::kBroadcast);
        builder_->SetSides(node, sides);
        return Stream<Out>(builder_, node);
      }
    }
  }

 private:
  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t keyed_;
  uint32_t broadcast_;
  KeyFunction key_;
};

}  // namespace weir
