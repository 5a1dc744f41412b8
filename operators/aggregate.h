// Running aggregates of a keyed stream: one accumulator a key, kept in a table that checkpoints save.
//
// With Emit::kEveryUpdate the function given to Aggregate is called for every row, after it was added. With
// Emit::kFinalValues only the last value per key matters: rows are pre-aggregated before the exchange, and an update is
// emitted for a key when its part-sums arrive (at the latest at each barrier), not for every row.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "operators/aggregators.h"
#include "operators/callable.h"
#include "runtime/reflect/key_codec.h"
#include "runtime/task/operator.h"
#include "state/state_store.h"

namespace weir {

enum class Emit { kEveryUpdate, kFinalValues };

namespace internal {

/// What travels between pre-aggregation and the aggregate: a key's part of the rows.
template <class K, class A>
struct PartialAggregate {
  K key;
  A accumulator;
};

/// Calls the user's function with (key, row, result) or (key, result), whichever it takes.
template <class F, class K, class T, class R>
auto CallWithRow(F& function, const K& key, const T& row, const R& result) {
  if constexpr (std::is_invocable_v<F&, const K&, const T&, const R&>) {
    return function(key, row, result);
  } else {
    return function(key, result);
  }
}

template <class T, class K, class KeyFunction, class Aggregator, class Out, class F>
class AggregateOperator final : public Operator {
 public:
  AggregateOperator(KeyFunction key, Aggregator aggregator, F function)
      : key_(std::move(key)), aggregator_(std::move(aggregator)), function_(std::move(function)) {}

  Status Open(const OperatorContext& context) override {
    table_ = &context.state->AddValue<K, AccumulatorOf<Aggregator, T>>("accumulators");
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    auto made = std::make_unique<Batch<Out>>();
    made->rows.reserve(in.rows.size());
    for (size_t i = 0; i < in.rows.size(); ++i) {
      const T& row = in.rows[i];
      const K key(std::invoke(key_, row));
      auto& accumulator = table_->Mutable(key, in.hashes[i]);
      aggregator_.Add(accumulator, row);
      made->rows.push_back(CallWithRow(function_, key, row, aggregator_.Get(std::as_const(accumulator))));
    }
    made->TakeColumns(in);
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  KeyFunction key_;
  Aggregator aggregator_;
  F function_;
  ValueTable<K, AccumulatorOf<Aggregator, T>>* table_ = nullptr;
};

/// Adds rows up per key before they cross the exchange. Holds what the barrier flushes, so it needs no state.
template <class T, class K, class KeyFunction, class Aggregator>
class PreAggregateOperator final : public Operator {
  using A = AccumulatorOf<Aggregator, T>;

 public:
  PreAggregateOperator(KeyFunction key, Aggregator aggregator)
      : key_(std::move(key)), aggregator_(std::move(aggregator)) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    for (const T& row : static_cast<Batch<T>&>(*batch).rows) {
      aggregator_.Add(parts_[K(std::invoke(key_, row))], row);
    }
    return parts_.size() >= kKeysMax ? Flush(out) : Status::Ok();
  }

  Status Flush(Emitter& out) override {
    auto made = std::make_unique<Batch<PartialAggregate<K, A>>>();
    made->rows.reserve(parts_.size());
    made->hashes.reserve(parts_.size());
    for (auto& [key, accumulator] : parts_) {
      made->hashes.push_back(HashKey(key));
      made->rows.push_back({key, std::move(accumulator)});
    }
    parts_.clear();
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  struct Hasher {
    using is_avalanching = void;
    size_t operator()(const K& key) const { return HashKey(key); }
  };
  static constexpr size_t kKeysMax = 64 * 1024;
  KeyFunction key_;
  Aggregator aggregator_;
  boost::unordered_flat_map<K, A, Hasher> parts_;
};

/// Merges part-sums into the table and emits each key's new value.
template <class T, class K, class Aggregator, class Out, class F>
class MergeOperator final : public Operator {
  using A = AccumulatorOf<Aggregator, T>;

 public:
  MergeOperator(Aggregator aggregator, F function)
      : aggregator_(std::move(aggregator)), function_(std::move(function)) {}

  Status Open(const OperatorContext& context) override {
    table_ = &context.state->AddValue<K, A>("accumulators");
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<PartialAggregate<K, A>>&>(*batch);
    auto made = std::make_unique<Batch<Out>>();
    made->rows.reserve(in.rows.size());
    for (size_t i = 0; i < in.rows.size(); ++i) {
      A& accumulator = table_->Mutable(in.rows[i].key, in.hashes[i]);
      aggregator_.Merge(accumulator, in.rows[i].accumulator);
      made->rows.push_back(function_(in.rows[i].key, aggregator_.Get(std::as_const(accumulator))));
    }
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  Aggregator aggregator_;
  F function_;
  ValueTable<K, A>* table_ = nullptr;
};

}  // namespace internal
}  // namespace weir
