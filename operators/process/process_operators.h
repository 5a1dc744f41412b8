// The three operators that call a KeyedFunction.
#pragma once

#include <memory>
#include <utility>

#include "operators/process/keyed_process.h"

namespace weir::internal {

/// Rows of one keyed stream.
template <class T, class K, class KeyFunction, class Out, class F>
class ProcessRows final : public KeyedProcess<K, Out, F> {
 public:
  ProcessRows(KeyFunction key, const F& function, std::shared_ptr<const SideOutputs> sides)
      : KeyedProcess<K, Out, F>(function, std::move(sides)), key_(std::move(key)) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    return this->KeyedRows(static_cast<Batch<T>&>(*batch), key_, out,
                           [this](const K& key, const T& row, Collector<Out>& collector) {
                             this->function().OnRow(key, row, this->context(), collector);
                           });
  }

 private:
  const KeyFunction key_;
};

/// Rows of two streams with keys of one type.
template <class L, class R, class K, class LeftKey, class RightKey, class Out, class F>
class ProcessTwo final : public KeyedProcess<K, Out, F> {
 public:
  ProcessTwo(LeftKey left_key, RightKey right_key, const F& function, std::shared_ptr<const SideOutputs> sides)
      : KeyedProcess<K, Out, F>(function, std::move(sides)), left_key_(std::move(left_key)),
        right_key_(std::move(right_key)) {}

  Status Process(uint32_t input, BatchPtr batch, Emitter& out) override {
    if (input == 0) {
      return this->KeyedRows(static_cast<Batch<L>&>(*batch), left_key_, out,
                             [this](const K& key, const L& row, Collector<Out>& collector) {
                               this->function().OnLeft(key, row, this->context(), collector);
                             });
    }
    return this->KeyedRows(static_cast<Batch<R>&>(*batch), right_key_, out,
                           [this](const K& key, const R& row, Collector<Out>& collector) {
                             this->function().OnRight(key, row, this->context(), collector);
                           });
  }

 private:
  const LeftKey left_key_;
  const RightKey right_key_;
};

/// Rows of a keyed stream, and of one that every task gets all of.
template <class T, class B, class K, class KeyFunction, class Out, class F>
class ProcessWithBroadcast final : public KeyedProcess<K, Out, F> {
 public:
  ProcessWithBroadcast(KeyFunction key, const F& function, std::shared_ptr<const SideOutputs> sides)
      : KeyedProcess<K, Out, F>(function, std::move(sides)), key_(std::move(key)) {}

  Status Process(uint32_t input, BatchPtr batch, Emitter& out) override {
    if (input == 1) return Broadcast(static_cast<const Batch<B>&>(*batch));
    return this->KeyedRows(static_cast<Batch<T>&>(*batch), key_, out,
                           [this](const K& key, const T& row, Collector<Out>& collector) {
                             this->function().OnRow(key, row, this->context(), collector);
                           });
  }

 private:
  /// All tasks see the same rows, so none of them emits anything for one.
  Status Broadcast(const Batch<B>& in) {
    this->access().writable = true;
    this->ForgetKey();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      try {
        this->function().OnBroadcast(in.rows[i]);
      } catch (...) {
        return ThrownByUser("a broadcast row " + RowText(in.rows[i]) + ": " + DescribeException());
      }
      ++this->processed_;
    }
    this->access().writable = false;
    return {};
  }

  const KeyFunction key_;
};

}  // namespace weir::internal
