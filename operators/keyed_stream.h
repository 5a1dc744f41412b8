// What can be done with a stream whose rows are grouped by key. Included by stream.h only.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/stream.h"

namespace weir {

/// Says of what type the value is that Process(id, ValueState<V>{}, f) keeps for each key; f gets it as a Value<V>. (A
/// KeyedFunction has its states as members.)
template <class V>
struct ValueState {};

/// Rows grouped by key: only here is there keyed state. Every operator takes a stable id, which names its state.
template <class K, class T, class KeyFunction>
class KeyedStream {
 public:
  KeyedStream(std::shared_ptr<internal::GraphBuilder> builder, uint32_t node, KeyFunction key)
      : builder_(std::move(builder)), node_(node), key_(std::move(key)) {}

  /// Pairs of rows of this stream and of `right`, of one key and within bounds of event time. What can be done with them:
  /// operators/join/interval_join.h.
  template <class K2, class R, class KeyR>
  auto IntervalJoin(const KeyedStream<K2, R, KeyR>& right, Between between) const;

  /// Rows of this stream and of `right`, of one key and in the same window: Tumbling, Sliding or Cumulating. What can be done
  /// with them: operators/join/window_join.h.
  template <class K2, class R, class KeyR, class W>
  auto WindowJoin(const KeyedStream<K2, R, KeyR>& right, W window) const;

  /// The rows of each key by time, then split and offset, so that Process and Reduce behind it are of class exact; a row
  /// waits for the watermark to pass it. See operators/join/event_time_order.h.
  auto InEventTimeOrder(std::string id) const;

  /// Tumbling, Sliding, Cumulating, Session, CountWindow or Global (operators/window/window.h) for each key. What can be done
  /// with them: operators/window/windowed_stream.h.
  template <class W>
  auto Window(W window) const;

  /// Folds the rows of each key with an aggregator (operators/aggregators.h) and emits what `function` makes of it:
  /// Out f(key, result), or for every row Out f(key, row, result). Class final value; arrival for sums of floating-point
  /// numbers and for an aggregator without Merge, whose last value may depend on the order of the rows. Exact where every
  /// update is emitted and each key's rows come from one split.
  template <class Aggregator, class F>
  auto Aggregate(std::string id, Aggregator aggregator, F function, Emit emit = Emit::kEveryUpdate) const {
    using A = internal::AccumulatorOf<Aggregator, T>;
    using R = std::remove_cvref_t<decltype(aggregator.Get(std::declval<const A&>()))>;
    constexpr bool kWithRow = std::is_invocable_v<F&, const K&, const T&, const R&>;
    constexpr bool kPlain = std::is_invocable_v<F&, const K&, const R&>;
    static_assert(kWithRow || kPlain, "Aggregate takes a function of the key and the result, or of the key, the row and "
                                      "the result: Out f(const K&, const Result&).");
    if constexpr (kWithRow || kPlain) {
      using Out = std::remove_cvref_t<decltype(internal::CallWithRow(function, std::declval<const K&>(),
                                                                     std::declval<const T&>(), std::declval<const R&>()))>;
      // One that is given the row may point into that.
      static_assert(kWithRow || StateValue<Out>, "What the function of a key and a result returns must own its data "
                                                 "(std::string, not std::string_view).");
      if constexpr (kPlain && internal::kMerges<Aggregator, T>) {
        if (emit == Emit::kFinalValues) return FinalValues<Aggregator, Out>(std::move(id), aggregator, function);
      }
      internal::NodeSpec spec{.id = id, .kind = "aggregate", .row = internal::LabelOf<Out>(),
                              .stateful = true,
                              .repeatability = ordered_ ? Repeatability::kExact : LastValueOf<Aggregator>()};
      if (emit == Emit::kFinalValues) {
        spec.problem = "aggregate '" + id + "' asks for final values, which needs an aggregator with Merge and a "
                       "function of key and result";
      }
      return AddKeyed<Out>(spec, [key = key_, aggregator, function] {
        return std::make_unique<internal::AggregateOperator<T, K, KeyFunction, Aggregator, Out, F>>(key, aggregator,
                                                                                                    function);
      });
    }
  }

  /// void f(T& kept, const T& next): folds the rows of each key into one, emitted after every change. Class arrival.
  template <class F>
  Stream<T> Reduce(std::string id, F function) const {
    static_assert(std::is_invocable_v<F&, T&, const T&>, "Reduce takes a function: void f(Row& kept, const Row& next).");
    return AddKeyed<T>({.id = id, .kind = "reduce", .row = internal::LabelOf<T>(), .stateful = true,
                        .repeatability = ByArrival()},
                       [key = key_, function] {
                         return std::make_unique<internal::ReduceOperator<T, K, KeyFunction, F>>(key, function);
                       });
  }

  /// void f(const K&, const T&, Value<V>&, Collector<Out>&). Class arrival.
  template <class Out, class V, class F>
  Stream<Out> Process(std::string id, ValueState<V>, F function) const {
    static_assert(std::is_invocable_v<F&, const K&, const T&, Value<V>&, Collector<Out>&>,
                  "Process takes a function: void f(const K&, const Row&, weir::Value<V>&, weir::Collector<Out>&).");
    return AddKeyed<Out>({.id = id, .kind = "process", .row = internal::LabelOf<Out>(), .stateful = true,
                          .repeatability = ByArrival()},
                         [key = key_, function] {
                           return std::make_unique<internal::ProcessOperator<T, K, V, KeyFunction, Out, F>>(key, function);
                         });
  }

  /// A KeyedFunction (operators/process/keyed_function.h) with void OnRow(const K&, const T&, Context&, Collector<Out>&),
  /// any number of states, timers and side outputs. Class arrival; none with timers of processing time.
  template <class Out, class F>
  auto Process(std::string id, F function) const {
    if constexpr (internal::RequireKeyedFunction<F, K, Out>()) {
      constexpr bool kRow = requires(F& f, const K& k, const T& row, Context& ctx, weir::Collector<Out>& out) {
        f.OnRow(k, row, ctx, out);
      };
      static_assert(kRow, "Process takes a function with: void OnRow(const K&, const Row&, weir::Context&, "
                          "weir::Collector<Out>&).");
      if constexpr (kRow) {
        internal::NodeSpec spec = internal::ProcessSpec<K, Out, F>(id, "process");
        // Rows may come in one order in every run; where between them a timer fires, depends on the watermarks.
        constexpr bool kTimers = internal::kHasOnTimer<F, K, Out>;
        if (!kTimers && spec.repeatability == Repeatability::kArrival) spec.repeatability = ByArrival();
        spec.problem = internal::StateProblem(id, function);
        auto sides = std::make_shared<internal::SideOutputs>();
        const Stream<Out> made = AddKeyed<Out>(spec, [key = key_, function, sides] {
          return std::make_unique<internal::ProcessRows<T, K, KeyFunction, Out, F>>(key, function, sides);
        });
        made.SetSides(std::move(sides));
        return made;
      }
    }
  }

  /// This stream and another one with keys of the same type, for one function.
  template <class R, class RightKey>
  ConnectedStreams<K, T, R, KeyFunction, RightKey> Connect(const KeyedStream<K, R, RightKey>& other) const {
    return {builder_, node_, other.node_, key_, other.key_};
  }
  /// This stream, and all rows of another one in every task.
  template <class B>
  BroadcastConnected<K, T, B, KeyFunction> Connect(const BroadcastStream<B>& other) const {
    return {builder_, node_, other.node, key_};
  }

 private:
  /// Whether the last value of a key is the same for rows, or parts of them, in another order.
  template <class Aggregator>
  static constexpr Repeatability LastValueOf() {
    constexpr bool kAnyOrder =
        internal::kMerges<Aggregator, T> && !internal::kSumsFloating<Aggregator, internal::AccumulatorOf<Aggregator, T>>;
    return kAnyOrder ? Repeatability::kFinalValue : Repeatability::kArrival;
  }
  /// What depends on the order of a key's rows repeats only where that order does.
  Repeatability ByArrival() const { return ordered_ ? Repeatability::kExact : Repeatability::kArrival; }

  template <class, class, class>
  friend class KeyedStream;

  template <class Out, class Make>
  Stream<Out> AddKeyed(const internal::NodeSpec& spec, Make make) const {
    const uint32_t keyed = internal::AddKeyBy<T>(*builder_, node_, key_);
    return {builder_, builder_->Add(spec, {keyed}, Partitioning::kKeyGroup, std::move(make))};
  }

  template <class Aggregator, class Out, class F>
  Stream<Out> FinalValues(std::string id, Aggregator aggregator, F function) const {
    const uint32_t parts = builder_->Add({.kind = "pre_aggregate", .prepares = true}, {node_}, Partitioning::kForward,
                                         [key = key_, aggregator] {
      return std::make_unique<internal::PreAggregateOperator<T, K, KeyFunction, Aggregator>>(key, aggregator);
    });
    return {builder_, builder_->Add({.id = id, .kind = "aggregate", .row = internal::LabelOf<Out>(),
                                     .stateful = true, .repeatability = LastValueOf<Aggregator>(),
                                     .drops_times = true},
                                    {parts}, Partitioning::kKeyGroup, [aggregator, function] {
      return std::make_unique<internal::MergeOperator<T, K, Aggregator, Out, F>>(aggregator, function);
    })};
  }

  template <class, class, class>
  friend class KeyedStream;

  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t node_;
  KeyFunction key_;
  bool ordered_ = false;   // Rows of a key come in the same order in every run: see InEventTimeOrder.
};

}  // namespace weir
