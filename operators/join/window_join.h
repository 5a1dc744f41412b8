// Joins two keyed streams window by window: rows of one key that are in the same window.
//
//   persons.KeyBy(&Person::id)
//       .WindowJoin(auctions.KeyBy(&Auction::seller), weir::Tumbling{10s})
//       .Inner("sold", [](const Person& person, const Auction& auction, weir::Window window) { return Sold{...}; })
//
//   Inner               each pair of a window
//   Left                each pair, and with null each left row that has none in the window
//   InnerAndUnmatched   as Inner; left rows that have none are a stream of their own
//   Semi                each left row that has a partner in the window, once however many these are
//   Anti                each left row that has none
//
// Functions may take the window as their last argument or not. A row of the result has the time of its window's last
// millisecond. What a pair is known to be is emitted at once; what an unmatched row becomes, when the window is over.
//
// Class exact: a row counts in all its windows or, where the first of them was over for the row's own split when it was read,
// in none and is late (windows do the same: operators/window/window.h). Rows are held until the operator's watermark has
// come to the window's end, and that watermark is never ahead of the row's own split's: a row that is not late finds all of its
// partners, or is found by them, in every run. (Unless a split had been idle and woke: interval_join.h.)
//
// A row is kept once for each of its windows that is open: of Sliding{.size = 10s, .slide = 1s} ten times. Semi and Anti keep
// of right rows only that there is one.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/join/join_node.h"
#include "operators/join/join_results.h"
#include "operators/join/late_gate.h"
#include "operators/join/timed_join.h"
#include "operators/stream.h"
#include "operators/window/window_rule.h"

namespace weir {
namespace internal {

/// A row stands at the last millisecond of each of its windows.
class WindowTimes {
 public:
  explicit WindowTimes(const WindowRule& rule) : rule_(rule), finder_(rule) {}
  JoinBounds bounds() const { return {0, 0}; }
  int64_t span() const { return rule_.slice; }
  std::string Text() const { return rule_.Text(); }

  template <class F, class... Rows>
  static constexpr bool kTakes = std::is_invocable_v<F&, Rows...> || std::is_invocable_v<F&, Rows..., Window>;
  template <class F, class... Rows>
  static auto CallOf(F& function, Window window, const Rows&... rows) {
    if constexpr (std::is_invocable_v<F&, const Rows&..., Window>) return function(rows..., window);
    else return function(rows...);
  }

  template <JoinKind kKind, class L, class R, class F>
  static auto ResultFor(F& function, const L& left, const R& right) {
    if constexpr (kKind == JoinKind::kSemi || kKind == JoinKind::kAnti) return CallOf(function, Window{}, left);
    else if constexpr (kKind == JoinKind::kLeft) return CallOf(function, Window{}, left, &right);
    else return CallOf(function, Window{}, left, right);
  }
  template <JoinKind kKind, class L, class R, class F>
  using ResultOf = std::remove_cvref_t<decltype(ResultFor<kKind>(std::declval<F&>(), std::declval<const L&>(),
                                                                 std::declval<const R&>()))>;

  bool IsOver(EventTime time, EventTime watermark) const { return rule_.EndOf(time.millis) <= watermark.millis; }
  template <class Visit>
  Result<bool> ForEach(EventTime time, EventTime from, Visit visit) {
    const int64_t first = finder_.EndOf(time.millis);
    const int64_t last = rule_.LastWindowOf(first);
    for (int64_t end = from == kMinEventTime ? first : from.millis + 1; end <= last; end += rule_.slice) {
      WEIR_ASSIGN_OR_RETURN(const bool go_on, visit(EventTime{end - 1}, end == last));
      if (!go_on) return false;
    }
    return true;
  }
  template <class F, class... Rows>
  auto Call(F& function, EventTime at, const Rows&... rows) {
    const int64_t end = at.millis + 1;
    return CallOf(function, Window{rule_.StartOf(end), end}, rows...);
  }

 private:
  const WindowRule rule_;
  SliceFinder finder_;
};

}  // namespace internal

/// Of KeyedStream::WindowJoin.
template <class K, class L, class KeyL, class R, class KeyR>
class WindowJoined {
 public:
  WindowJoined(internal::JoinInput<L, KeyL> left, internal::JoinInput<R, KeyR> right, const internal::WindowRule& rule)
      : left_(std::move(left)), right_(std::move(right)), rule_(rule) {}

  /// Out f(const L&, const R&) or Out f(const L&, const R&, weir::Window), for each pair.
  template <class F>
  auto Inner(std::string id, F function) const {
    constexpr bool kFits = internal::WindowTimes::kTakes<F, const L&, const R&>;
    static_assert(kFits, "Inner takes a function of a left and a right row, and of the window if wanted: "
                         "Out f(const Left&, const Right&, weir::Window).");
    if constexpr (kFits) return Join<internal::JoinKind::kInner>(std::move(id), std::move(function));
  }

  /// Out f(const L&, const R*) or with the window, for each pair, and with null for each left row that has none.
  template <class F>
  auto Left(std::string id, F function) const {
    constexpr bool kFits = internal::WindowTimes::kTakes<F, const L&, const R*>;
    static_assert(kFits, "Left takes a function of a left row and a right one that may be null, and of the window if "
                         "wanted: Out f(const Left&, const Right*, weir::Window).");
    if constexpr (kFits) return Join<internal::JoinKind::kLeft>(std::move(id), std::move(function));
  }

  /// As Inner; the left rows that have no pair are a stream of their own, once for each window in which they have none.
  template <class F>
  auto InnerAndUnmatched(std::string id, F function) const {
    constexpr bool kFits = internal::WindowTimes::kTakes<F, const L&, const R&>;
    static_assert(kFits, "InnerAndUnmatched takes a function of a left and a right row, and of the window if wanted: "
                         "Out f(const Left&, const Right&, weir::Window).");
    if constexpr (kFits) return Join<internal::JoinKind::kInnerAndUnmatched>(std::move(id), std::move(function));
  }

  /// Out f(const L&) or with the window, for each left row that has a partner in the window.
  template <class F>
  auto Semi(std::string id, F function) const {
    constexpr bool kFits = internal::WindowTimes::kTakes<F, const L&>;
    static_assert(kFits, "Semi takes a function of a left row, and of the window if wanted: Out f(const Left&, weir::Window).");
    if constexpr (kFits) return Join<internal::JoinKind::kSemi>(std::move(id), std::move(function));
  }

  /// As Semi, for each left row that has no partner in the window.
  template <class F>
  auto Anti(std::string id, F function) const {
    constexpr bool kFits = internal::WindowTimes::kTakes<F, const L&>;
    static_assert(kFits, "Anti takes a function of a left row, and of the window if wanted: Out f(const Left&, weir::Window).");
    if constexpr (kFits) return Join<internal::JoinKind::kAnti>(std::move(id), std::move(function));
  }

 private:
  template <internal::JoinKind kKind, class F>
  auto Join(std::string id, F function) const {
    using Times = internal::WindowTimes;
    using Joining = internal::TimedJoinOperator<kKind, L, R, K, KeyL, KeyR, Times, F>;
    using Out = typename Times::template ResultOf<kKind, L, R, F>;
    constexpr bool kFits = internal::RequireJoinRow<L>() && internal::RequireJoinRow<R>() && internal::RequireJoinResult<Out>();
    if constexpr (kFits) {
      const std::string problem = internal::ProblemOf(left_, right_, Problem());
      const auto rule = rule_;
      const auto needs = problem.empty()
                             ? TimeNeeds{.event_time = true, .span_ms = rule.size, .step_ms = rule.slice}
                             : TimeNeeds{.event_time = true};
      internal::JoinNode node(*left_.builder, std::move(id), "window_join", needs);
      const auto gate = [rule] {
        return std::make_unique<internal::LateGate>([rule](EventTime time) { return EventTime{rule.EndOf(time.millis)}; });
      };
      internal::AddInput(node, internal::JoinNode::Side::kLeft, left_, gate);
      internal::AddInput(node, internal::JoinNode::Side::kRight, right_, gate);
      const uint32_t join = node.AddJoin(internal::LabelOf<Out>(), problem,
                                         [rule, left = left_.key, right = right_.key, function] {
        return std::make_unique<Joining>(Times(rule), left, right, function);
      });
      auto results = internal::ResultsOf<Out, L, R>(left_.builder, join, node);
      if constexpr (kKind != internal::JoinKind::kInnerAndUnmatched) {
        return results;
      } else {
        return MatchedAndUnmatched<Out, L, R>{results, internal::UnmatchedOf<L>(left_.builder, join)};
      }
    }
  }

  std::string Problem() const {
    if (!rule_.processing_time) return rule_.Problem();
    return "a window join works by event time: take a window without OnProcessingTime()";
  }

  internal::JoinInput<L, KeyL> left_;
  internal::JoinInput<R, KeyR> right_;
  internal::WindowRule rule_;
};

template <class K, class T, class KeyFunction>
template <class K2, class R, class KeyR, class W>
auto KeyedStream<K, T, KeyFunction>::WindowJoin(const KeyedStream<K2, R, KeyR>& right, W window) const {
  constexpr bool kWindow = std::is_same_v<W, Tumbling> || std::is_same_v<W, Sliding> || std::is_same_v<W, Cumulating>;
  static_assert(kWindow, "WindowJoin takes weir::Tumbling, weir::Sliding or weir::Cumulating.");
  static_assert(std::is_same_v<K, K2>, "Both sides of a join have the same type of key: make KeyBy return it on each.");
  if constexpr (kWindow && std::is_same_v<K, K2>) {
    return WindowJoined<K, T, KeyFunction, R, KeyR>({builder_, node_, key_}, {right.builder_, right.node_, right.key_},
                                                    internal::WindowRule::Of(window));
  }
}

}  // namespace weir
