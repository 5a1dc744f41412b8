// Joins two keyed streams: rows of one key whose event times are within bounds of each other.
//
//   orders.KeyBy(&Order::id)
//       .IntervalJoin(payments.KeyBy(&Payment::order), weir::Between{-5s, +10s})   // payment.time in [order.time - 5s, + 10s]
//       .Inner("paid", [](const Order& order, const Payment& payment) { return Paid{...}; })
//   ...  .Left("state", [](const Order& order, const Payment* payment) { ... })      // null: none came, its time is over
//   auto [paid, unpaid] = ....InnerAndUnmatched("paid", ...);                         // unpaid: Stream<Order>
//
// A pair is emitted when its second row comes, with the later of both times; what an unmatched left row becomes is emitted
// when the watermark has passed the last right row that could match, with that time (or its own, if that is later).
//
// Class exact, and why. A row is held as long as a row on time of the other side may still match: a left row of time t until
// the watermark has passed t + upper, a right row until it has passed t - lower. The operator's watermark w is the least
// of all splits', so w <= the watermark of a row's own split when that row comes. A row on time (t >= its own split's
// watermark >= w) therefore finds all of its partners that came before it, in every run, however fast other splits were; and
// those that come after it find it. For a row that is late for its own split this is not so: its partners may be gone or
// not, which depends on the other splits. So exactly these rows, which are the same in every run, are not joined but go out
// whole on the late port of their side, before the exchange (late_gate.h). There is nothing to choose beyond that: whoever
// wants to wait longer for late rows gives the source a larger BoundedDisorder, which delays no pair.
//
// The one exception to "in every run": where a split of another source had been idle and wakes, w may have gone past its
// watermark. Such rows go out on the late port of the join itself, under the same name (passed_time.h).
//
// Rows are never held back here for the sake of the slower side: pacing is the sources' business.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/join/between.h"
#include "operators/join/join_node.h"
#include "operators/join/join_results.h"
#include "operators/join/late_gate.h"
#include "operators/join/timed_join.h"
#include "operators/stream.h"

namespace weir {
namespace internal {

/// A row stands at its own time.
class IntervalTimes {
 public:
  explicit IntervalTimes(JoinBounds bounds) : bounds_(bounds) {}
  const JoinBounds& bounds() const { return bounds_; }
  int64_t span() const { return bounds_.span(); }
  std::string Text() const { return bounds_.Text(); }

  template <JoinKind kKind, class L, class R, class F>
  using ResultOf = std::remove_cvref_t<std::invoke_result_t<
      F&, const L&, std::conditional_t<kKind == JoinKind::kLeft, const R*, const R&>>>;

  /// It is too late for a row of this time.
  bool IsOver(EventTime time, EventTime watermark) const { return time < watermark; }
  /// Result<bool> visit(EventTime at, bool last), for the times from `from` on, until one is false: the answer.
  template <class Visit>
  Result<bool> ForEach(EventTime time, EventTime, Visit visit) { return visit(time, true); }
  template <class F, class... Rows>
  auto Call(F& function, EventTime, const Rows&... rows) { return function(rows...); }

 private:
  const JoinBounds bounds_;
};

}  // namespace internal

/// Of KeyedStream::IntervalJoin.
template <class K, class L, class KeyL, class R, class KeyR>
class IntervalJoined {
 public:
  IntervalJoined(internal::JoinInput<L, KeyL> left, internal::JoinInput<R, KeyR> right, Between between)
      : left_(std::move(left)), right_(std::move(right)), between_(between) {}

  /// Out f(const L&, const R&), for each pair.
  template <class F>
  auto Inner(std::string id, F function) const {
    static_assert(std::is_invocable_v<F&, const L&, const R&>,
                  "Inner takes a function of a left and a right row: Out f(const Left&, const Right&).");
    if constexpr (std::is_invocable_v<F&, const L&, const R&>) {
      return Join<internal::JoinKind::kInner>(std::move(id), std::move(function));
    }
  }

  /// Out f(const L&, const R*), for each pair, and with null for each left row that has none.
  template <class F>
  auto Left(std::string id, F function) const {
    static_assert(std::is_invocable_v<F&, const L&, const R*>,
                  "Left takes a function of a left and a right row that may be null: Out f(const Left&, const Right*).");
    if constexpr (std::is_invocable_v<F&, const L&, const R*>) {
      return Join<internal::JoinKind::kLeft>(std::move(id), std::move(function));
    }
  }

  /// As Inner; the left rows that have no pair are a stream of their own. `auto [paid, unpaid] = ...`.
  template <class F>
  auto InnerAndUnmatched(std::string id, F function) const {
    static_assert(std::is_invocable_v<F&, const L&, const R&>,
                  "InnerAndUnmatched takes a function of a left and a right row: Out f(const Left&, const Right&).");
    if constexpr (std::is_invocable_v<F&, const L&, const R&>) {
      return Join<internal::JoinKind::kInnerAndUnmatched>(std::move(id), std::move(function));
    }
  }

 private:
  template <internal::JoinKind kKind, class F>
  auto Join(std::string id, F function) const {
    using Times = internal::IntervalTimes;
    using Joining = internal::TimedJoinOperator<kKind, L, R, K, KeyL, KeyR, Times, F>;
    using Out = typename Times::template ResultOf<kKind, L, R, F>;
    constexpr bool kFits = internal::RequireJoinRow<L>() && internal::RequireJoinRow<R>() && internal::RequireJoinResult<Out>();
    if constexpr (kFits) {
      const std::string problem = internal::ProblemOf(left_, right_, between_.Problem());
      const auto bounds = problem.empty() ? internal::JoinBounds::Of(between_) : internal::JoinBounds{};
      internal::JoinNode node(*left_.builder, std::move(id), "interval_join",
                              {.event_time = true, .span_ms = bounds.span(), .step_ms = bounds.span()});
      const auto gate = [] { return std::make_unique<internal::LateGate>(); };
      internal::AddInput(node, internal::JoinNode::Side::kLeft, left_, gate);
      internal::AddInput(node, internal::JoinNode::Side::kRight, right_, gate);
      const uint32_t join = node.AddJoin(internal::LabelOf<Out>(), problem,
                                         [bounds, left = left_.key, right = right_.key, function] {
        return std::make_unique<Joining>(Times(bounds), left, right, function);
      });
      auto results = internal::ResultsOf<Out, L, R>(left_.builder, join, node);
      if constexpr (kKind != internal::JoinKind::kInnerAndUnmatched) {
        return results;
      } else {
        return MatchedAndUnmatched<Out, L, R>{results, internal::UnmatchedOf<L>(left_.builder, join)};
      }
    }
  }

  internal::JoinInput<L, KeyL> left_;
  internal::JoinInput<R, KeyR> right_;
  Between between_;
};

template <class K, class T, class KeyFunction>
template <class K2, class R, class KeyR>
auto KeyedStream<K, T, KeyFunction>::IntervalJoin(const KeyedStream<K2, R, KeyR>& right, Between between) const {
  static_assert(std::is_same_v<K, K2>, "Both sides of a join have the same type of key: make KeyBy return it on each.");
  if constexpr (std::is_same_v<K, K2>) {
    return IntervalJoined<K, T, KeyFunction, R, KeyR>({builder_, node_, key_}, {right.builder_, right.node_, right.key_},
                                                      between);
  }
}

}  // namespace weir
