// The typed face of a pipeline: streams of rows and what can be done with them. Building is lazy: each call adds a node to
// the job graph; nothing runs, and mistakes are collected, until the environment takes the pipeline.
//
//   pipeline.Source("bids", weir::kafka::Source<Bid>{.topic = "bids"})
//       .Filter([](const Bid& bid) { return bid.price > 0; })
//       .KeyBy(&Bid::auction)
//       .Aggregate("totals", weir::Count{}, [](int64_t auction, int64_t bids) { return Total{auction, bids}; })
//       .Sink("out", weir::kafka::Sink<Total>{.topic = "totals"});
//
// Functions must not keep references to rows, and must be safe to copy: each task has its own copy.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/aggregate.h"
#include "operators/filter.h"
#include "operators/flat_map.h"
#include "operators/graph_builder.h"
#include "operators/key_by.h"
#include "operators/map.h"
#include "operators/process.h"
#include "operators/process/connected_stream.h"
#include "operators/reduce.h"
#include "operators/sink.h"
#include "operators/source.h"
#include "operators/union.h"

namespace weir {

template <class K, class T, class KeyFunction>
class KeyedStream;
struct Between;

/// A handle; copies mean the same stream. A stream may be consumed several times: each consumer sees all rows.
template <class T>
class Stream {
 public:
  Stream(std::shared_ptr<internal::GraphBuilder> builder, uint32_t node) : builder_(std::move(builder)), node_(node) {}

  /// How many tasks run the operator that makes this stream; the job's default unless said.
  Stream Parallelism(uint32_t parallelism) const {
    builder_->SetParallelism(node_, parallelism);
    return *this;
  }

  /// U f(const T&). Class exact.
  template <class F>
  auto Map(F function) const {
    static_assert(std::is_invocable_v<F&, const T&>, "Map takes a function of one row: U f(const Row&).");
    if constexpr (std::is_invocable_v<F&, const T&>) {
      using U = internal::ResultOf<F, const T&>;
      return Add<U>("map", [function] { return std::make_unique<internal::MapOperator<T, U, F>>(function); });
    }
  }

  /// bool f(const T&). Class exact.
  template <class F>
  Stream Filter(F function) const {
    static_assert(std::is_invocable_r_v<bool, F&, const T&>, "Filter takes a function of one row: bool f(const Row&).");
    if constexpr (std::is_invocable_r_v<bool, F&, const T&>) {
      return Add<T>("filter", [function] { return std::make_unique<internal::FilterOperator<T, F>>(function); });
    }
  }

  /// void f(const T&, Collector<U>&). Class exact.
  template <class U, class F>
  Stream<U> FlatMap(F function) const {
    static_assert(std::is_invocable_v<F&, const T&, Collector<U>&>,
                  "FlatMap<U> takes a function of a row and a collector: void f(const Row&, weir::Collector<U>&).");
    if constexpr (std::is_invocable_v<F&, const T&, Collector<U>&>) {
      return Add<U>("flat_map", [function] { return std::make_unique<internal::FlatMapOperator<T, U, F>>(function); });
    }
  }

  /// Rows of this and the other streams, in order of arrival. Class arrival only as far as what follows depends on order.
  template <class... Others>
  Stream Union(const Stream& other, const Others&... others) const {
    static_assert((std::is_same_v<Others, Stream> && ...), "Union takes streams of the same row type.");
    const uint32_t node = builder_->Add({.kind = "union", .row = internal::LabelOf<T>()},
                                        {node_, other.node_, others.node_...}, Partitioning::kForward,
                                        [] { return std::make_unique<internal::UnionOperator>(); });
    return {builder_, node};
  }

  /// Groups rows by a member (`&Bid::auction`) or a function of a row. A string_view key is kept as a std::string.
  template <class KeyFunction>
  auto KeyBy(KeyFunction key) const {
    static_assert(std::is_invocable_v<const KeyFunction&, const T&>,
                  "KeyBy takes a member of the row or a function of one row: K key(const Row&).");
    if constexpr (std::is_invocable_v<const KeyFunction&, const T&>) {
      using Found = internal::FieldOf<KeyFunction, T>;
      using K = std::conditional_t<std::is_same_v<Found, std::string_view>, std::string, Found>;
      constexpr bool kFits = RequireStateKey<K>();
      if constexpr (kFits) {
        return KeyedStream<K, T, KeyFunction>(builder_, node_, std::move(key));
      }
    }
  }

  /// Windows over all rows, whatever their key; one task fires them. See operators/window/windowed_stream.h.
  template <class W>
  auto Window(W window) const;

  /// Writes the rows to a connector's sink, for example weir::kafka::Sink<T>{...}.
  template <class Config>
  void Sink(std::string id, const Config& config, uint32_t parallelism = 0) const {
    TypedSink<T> typed = config.ToSink();
    const internal::NodeSpec spec{.id = id, .kind = "sink", .sink = std::move(typed.connector)};
    const uint32_t node = builder_->Add(spec, {node_}, Partitioning::kForward, [typed = std::move(typed)] {
      return std::make_unique<internal::TypedSinkOperator<T>>(typed);
    });
    if (parallelism != 0) builder_->SetParallelism(node, parallelism);
  }

  /// For KeyedStream::Connect.
  BroadcastStream<T> Broadcast() const { return {node_}; }

  /// The rows that the Process function which makes this stream sends to a side output.
  template <class U>
  Stream<U> Side(const SideOutput<U>& side) const {
    return {builder_, builder_->AddSide(node_, side.name, internal::LabelOf<U>(),
                                        [] { return std::make_unique<internal::UnionOperator>(); })};
  }

  /// Adds an operator of one's own. For connectors and tests.
  template <class U, class Make>
  Stream<U> Add(std::string_view kind, Make make) const {
    return {builder_, builder_->Add({.kind = kind, .row = internal::LabelOf<U>()}, {node_}, Partitioning::kForward,
                                    std::move(make))};
  }

 private:
  template <class U>
  friend class Stream;
  template <class, class, class>
  friend class KeyedStream;

  void SetSides(std::shared_ptr<internal::SideOutputs> sides) const { builder_->SetSides(node_, std::move(sides)); }

  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t node_;
};

}  // namespace weir

#include "operators/keyed_stream.h"
