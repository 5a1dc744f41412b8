// What can be done with a windowed stream.
//
//   bids.KeyBy(&Bid::auction).Window(weir::Tumbling{.size = 10s})
//       .EarlyEvery(1s)                                          // optional: class none
//       .Aggregate("bids", weir::Count{}, [](int64_t auction, weir::Window w, int64_t n) { return Row{auction, w, n}; });
//   bids.Window(weir::Session{.gap = 5s})                        // of the whole stream: the functions take no key
//       .Process<Row>("visits", [](weir::Window w, std::span<const Bid> bids, weir::Collector<Row>& out) { ... });
//
// Each operator is two: the first adds rows up per window and key before they cross the exchange, the second holds the state
// and fires. A result has the event time of its window's last millisecond.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "operators/aggregators.h"
#include "operators/collector.h"
#include "operators/key_by.h"
#include "operators/stream.h"
#include "operators/union.h"
#include "operators/window/count_window.h"
#include "operators/window/session_window.h"
#include "operators/window/slice_window.h"
#include "operators/window/window_aggregators.h"
#include "operators/window/window_node.h"
#include "operators/window/window_parts.h"

namespace weir {

/// Results of windows, and the rows that came too late for theirs.
template <class Out, class T>
class WindowResults : public Stream<Out> {
 public:
  WindowResults(std::shared_ptr<internal::GraphBuilder> builder, uint32_t node, uint32_t late_node)
      : Stream<Out>(builder, node), builder_(std::move(builder)), late_node_(late_node) {}

  /// The late rows as a stream; without it they go to the ledger. They are still late there.
  Stream<T> LateOutput() const {
    const internal::NodeSpec spec{.kind = "late_output", .row = internal::LabelOf<T>()};
    return {builder_, builder_->AddBehindPort(spec, late_node_, kLatePort,
                                              [] { return std::make_unique<internal::UnionOperator>(); })};
  }

 private:
  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t late_node_;
};

/// Of KeyedStream::Window and Stream::Window. `kWhole`: of the whole stream, K means nothing.
template <class K, class T, class KeyFunction, class W, bool kWhole>
class WindowedStream {
 public:
  WindowedStream(std::shared_ptr<internal::GraphBuilder> builder, uint32_t node, KeyFunction key, const W& window)
      : builder_(std::move(builder)), node_(node), key_(std::move(key)), settings_{internal::WindowRule::Of(window)} {}

  /// Also emits what a window has so far, each time that a slice of a key has got `rows` more. Class arrival. Their number is
  /// state: a job that has a checkpoint cannot begin or cease to ask for it.
  WindowedStream EarlyEvery(int64_t rows) const {
    WindowedStream made = *this;
    made.settings_.early_rows = rows > 0 ? rows : -1;
    return made;
  }
  /// Also emits what has changed, every so often by the clock; after a restart once all that there is. Class none.
  WindowedStream EarlyEvery(std::chrono::milliseconds every) const {
    WindowedStream made = *this;
    made.settings_.early_ms = every.count() > 0 ? every.count() : -1;
    return made;
  }
  /// Windows go on taking late rows for this long after their end, and emit their new value for each. Class final value.
  WindowedStream LateUpdates(std::chrono::milliseconds after_end) const {
    WindowedStream made = *this;
    made.settings_.late_updates_ms = after_end.count() > 0 ? after_end.count() : -1;
    return made;
  }

  /// Out f(const K&, weir::Window, const Result&); of the whole stream Out f(weir::Window, const Result&). `aggregator`: see
  /// operators/aggregators.h; one without Merge works, but keeps all rows of a window. Class exact; arrival for sums of
  /// floating-point numbers.
  template <class Aggregator, class F>
  auto Aggregate(std::string id, Aggregator aggregator, F function) const {
    if constexpr (!internal::kMerges<Aggregator, T>) {
      return Results<internal::Repeatable::kByArrival>(
          std::move(id), "window_aggregate", internal::AllRows<T>{},
          internal::FinishLater<K, T, Aggregator, F, kWhole>{std::move(aggregator), std::move(function)});
    } else {
      using A = internal::AccumulatorOf<Aggregator, T>;
      constexpr auto kRepeats = internal::kSumsFloating<Aggregator, A> ? internal::Repeatable::kByArrival
                                                                       : internal::Repeatable::kAlways;
      using Finish = internal::FinishAggregate<K, T, Aggregator, F, kWhole>;
      return Results<kRepeats>(std::move(id), "window_aggregate", aggregator, Finish{aggregator, std::move(function)});
    }
  }

  /// void f(T& kept, const T& next) folds the rows of a window into one, in any order and in any groups: it must be
  /// associative and commutative. Emits the folded row, or what `out` makes of it: Out out(const K&, weir::Window, const T&).
  template <class F>
  auto Reduce(std::string id, F function) const {
    static_assert(std::is_invocable_v<F&, T&, const T&>, "Reduce takes a function: void f(Row& kept, const Row& next).");
    return Results<internal::Repeatable::kAlways>(std::move(id), "window_reduce", internal::Reducer<T, F>{function},
                                                  internal::FinishReduced<K, T>{});
  }
  template <class F, class FOut>
  auto Reduce(std::string id, F function, FOut out) const {
    static_assert(std::is_invocable_v<F&, T&, const T&>, "Reduce takes a function: void f(Row& kept, const Row& next).");
    using Finish = internal::FinishAggregate<K, T, internal::Reducer<T, F>, FOut, kWhole>;
    const internal::Reducer<T, F> reducer{function};
    return Results<internal::Repeatable::kAlways>(std::move(id), "window_reduce", reducer, Finish{reducer, std::move(out)});
  }

  /// void f(const K&, weir::Window, std::span<const T>, Collector<Out>&); of the whole stream without the key. Keeps all rows
  /// of a window: slice by slice where windows overlap, those of each in the order in which they arrived. Class arrival.
  template <class Out, class F>
  auto Process(std::string id, F function) const {
    using Finish = internal::FinishProcess<K, T, Out, F, kWhole>;
    return Results<internal::Repeatable::kByArrival>(std::move(id), "window_process", internal::AllRows<T>{},
                                                     Finish{std::move(function)});
  }

 private:
  template <internal::Repeatable kRepeats, class Aggregator, class Finish>
  auto Results(std::string id, std::string_view kind, Aggregator aggregator, Finish finish) const {
    using A = internal::AccumulatorOf<Aggregator, T>;
    using Out = typename Finish::Row;
    static_assert(StateValue<Out>, "What a window's function makes must own its data: std::string, not std::string_view.");
    internal::WindowNode node(*builder_, settings_, std::move(id), kind, kRepeats);
    node.whole = kWhole;
    node.row = internal::LabelOf<Out>();
    if constexpr (kIsRow<T>) node.late_row = &RowTypeOf<T>();
    const uint32_t from = node_;
    uint32_t results = 0;
    uint32_t first = 0;
    if constexpr (std::is_same_v<W, CountWindow>) {
      first = node.AddKeyBy(from, [key = key_] { return std::make_unique<internal::KeyByOperator<T, KeyFunction>>(key); });
      results = node.AddCount(first, [settings = settings_, key = key_, aggregator, finish] {
        return std::make_unique<internal::CountWindowOperator<T, K, A, KeyFunction, Aggregator, Out, Finish>>(
            settings, key, aggregator, finish);
      });
    } else {
      constexpr bool kSession = std::is_same_v<W, Session>;
      using Part = std::conditional_t<kSession, internal::SessionPart<K, A>, internal::SlicePart<K, A>>;
      using Second = std::conditional_t<kSession, internal::SessionWindow<K, A, Aggregator, Out, Finish>,
                                        internal::SliceWindow<K, A, Aggregator, Out, Finish>>;
      first = node.AddParts(from, [settings = settings_, key = key_, aggregator] {
        return std::make_unique<internal::WindowParts<T, K, KeyFunction, Aggregator, Part>>(settings, key, aggregator);
      });
      results = node.AddWindow(first, [settings = settings_, aggregator, finish] {
        return std::make_unique<Second>(settings, aggregator, finish);
      });
    }
    return WindowResults<Out, T>(builder_, results, first);
  }

  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t node_;
  KeyFunction key_;
  internal::WindowSettings settings_;
};

template <class T>
template <class W>
auto Stream<T>::Window(W window) const {
  return WindowedStream<uint8_t, T, internal::WholeStream, W, true>(builder_, node_, {}, window);
}

template <class K, class T, class KeyFunction>
template <class W>
auto KeyedStream<K, T, KeyFunction>::Window(W window) const {
  return WindowedStream<K, T, KeyFunction, W, false>(builder_, node_, key_, window);
}

}  // namespace weir
