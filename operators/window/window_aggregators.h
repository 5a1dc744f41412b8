// Internal: what windows fold rows with besides the user's aggregators, and what they make of the result.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "operators/aggregators.h"
#include "operators/collector.h"
#include "operators/repeatable.h"
#include "operators/window/window.h"

namespace weir::internal {

/// The key of a window over a whole stream.
struct WholeStream {
  template <class T>
  uint8_t operator()(const T&) const { return 0; }
};

/// Keeps the rows of a window.
template <class T>
struct AllRows {
  using Accumulator = std::vector<T>;
  void Add(std::vector<T>& rows, const T& row) const { rows.push_back(row); }
  void Merge(std::vector<T>& into, const std::vector<T>& from) const { into.insert(into.end(), from.begin(), from.end()); }
  const std::vector<T>& Get(const std::vector<T>& rows) const { return rows; }
};

template <class T>
struct FoldedRow {
  bool any = false;
  T row{};
};

template <class T, class F>
struct Reducer {
  using Accumulator = FoldedRow<T>;
  mutable F function;
  void Add(Accumulator& kept, const T& row) const {
    if (kept.any) function(kept.row, row);
    else kept = {true, row};
  }
  void Merge(Accumulator& into, const Accumulator& from) const {
    if (from.any) Add(into, from.row);
  }
  const T& Get(const Accumulator& kept) const { return kept.row; }
};

template <bool kWhole, class F, class K, class... Args>
decltype(auto) CallWindowFunction(F& function, const K& key, Args&&... args) {
  if constexpr (kWhole) return function(std::forward<Args>(args)...);
  else return function(key, std::forward<Args>(args)...);
}

template <bool kWhole, class F, class K, class... Args>
inline constexpr bool kTakesWindow = kWhole ? std::is_invocable_v<F&, Args...> : std::is_invocable_v<F&, const K&, Args...>;

template <class K, class T, class Aggregator, class F, bool kWhole>
struct FinishAggregate {
  using A = AccumulatorOf<Aggregator, T>;
  using R = decltype(std::declval<const Aggregator&>().Get(std::declval<const A&>()));
  static_assert(kTakesWindow<kWhole, F, K, Window, R>,
                "A window's function takes the key, the window and the result: Out f(const K&, weir::Window, const Result&); "
                "without KeyBy: Out f(weir::Window, const Result&).");
  using Row = std::remove_cvref_t<decltype(CallWindowFunction<kWhole>(
      std::declval<F&>(), std::declval<const K&>(), std::declval<Window>(), std::declval<R>()))>;
  Aggregator aggregator;
  F function;
  void operator()(const K& key, Window window, const A& accumulator, Batch<Row>& out) {
    out.rows.push_back(CallWindowFunction<kWhole>(function, key, window, aggregator.Get(accumulator)));
  }
};

/// Of an aggregator that cannot merge: the rows were kept, and are added up now.
template <class K, class T, class Aggregator, class F, bool kWhole>
struct FinishLater {
  using Inner = FinishAggregate<K, T, Aggregator, F, kWhole>;
  using Row = typename Inner::Row;
  Aggregator aggregator;
  F function;
  void operator()(const K& key, Window window, const std::vector<T>& rows, Batch<Row>& out) {
    AccumulatorOf<Aggregator, T> accumulator{};
    for (const T& row : rows) aggregator.Add(accumulator, row);
    out.rows.push_back(CallWindowFunction<kWhole>(function, key, window, aggregator.Get(std::as_const(accumulator))));
  }
};

template <class K, class T>
struct FinishReduced {
  using Row = T;
  void operator()(const K&, Window, const FoldedRow<T>& folded, Batch<T>& out) { out.rows.push_back(folded.row); }
};

template <class K, class T, class Out, class F, bool kWhole>
struct FinishProcess {
  static_assert(kTakesWindow<kWhole, F, K, Window, std::span<const T>, Collector<Out>&>,
                "Process of a window takes a function: void f(const K&, weir::Window, std::span<const Row>, "
                "weir::Collector<Out>&); without KeyBy it has no key.");
  using Row = Out;
  F function;
  void operator()(const K& key, Window window, const std::vector<T>& rows, Batch<Out>& out) {
    Collector<Out> collector(out);
    CallWindowFunction<kWhole>(function, key, window, std::span<const T>(rows), collector);
  }
};

}  // namespace weir::internal
