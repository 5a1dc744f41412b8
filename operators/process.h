// The operator for what no other one does: a function of a row and of one state value of the row's key.
//   .Process<Alert>("alerts", weir::ValueState<Seen>{},
//                   [](const int64_t& auction, const Bid& bid, weir::Value<Seen>& seen, weir::Collector<Alert>& out) {...})
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "operators/callable.h"
#include "operators/collector.h"
#include "runtime/reflect/key_codec.h"
#include "runtime/task/operator.h"
#include "state/state_store.h"

namespace weir {

/// The state value of the current row's key. Valid during the call it is passed to; references die at its next call.
template <class V>
class Value {
 public:
  virtual ~Value() = default;
  /// Null while the key has none. Never write through it.
  virtual const V* Get() const = 0;
  /// The value to change, value-initialised where there was none.
  virtual V& Mutable() = 0;
  /// Forgets the key.
  virtual void Clear() = 0;
};

namespace internal {

template <class K, class V>
class TableValue final : public Value<V> {
 public:
  TableValue(ValueTable<K, V>& table, const K& key, uint64_t hash) : table_(table), key_(key), hash_(hash) {}
  const V* Get() const override { return table_.Find(key_, hash_); }
  V& Mutable() override { return table_.Mutable(key_, hash_); }
  void Clear() override { table_.Erase(key_, hash_); }

 private:
  ValueTable<K, V>& table_;
  const K& key_;
  const uint64_t hash_;
};

template <class T, class K, class V, class KeyFunction, class Out, class F>
class ProcessOperator final : public Operator {
 public:
  ProcessOperator(KeyFunction key, F function) : key_(std::move(key)), function_(std::move(function)) {}

  Status Open(const OperatorContext& context) override {
    table_ = &context.state->AddValue<K, V>("value");
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    auto made = std::make_unique<Batch<Out>>();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      const K key(std::invoke(key_, std::as_const(in.rows[i])));
      TableValue<K, V> value(*table_, key, in.hashes[i]);
      Collector<Out> collector(*made);
      function_(key, std::as_const(in.rows[i]), static_cast<Value<V>&>(value), collector);
      made->FillColumns(in, i, made->rows.size());
    }
    made->arenas = std::move(in.arenas);
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  KeyFunction key_;
  F function_;
  ValueTable<K, V>* table_ = nullptr;
};

}  // namespace internal
}  // namespace weir
