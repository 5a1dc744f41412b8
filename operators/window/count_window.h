// Windows of a number of rows of a key, in the order of arrival. Needs no event time.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "operators/callable.h"
#include "operators/window/window_output.h"
#include "operators/window/window_rule.h"
#include "runtime/task/operator.h"
#include "state/state_store.h"

namespace weir::internal {

/// What a key's next windows need: accumulators of `slide` rows each, the last one perhaps not full.
template <class A>
struct CountedRows {
  int64_t rows = 0;   ///< So far.
  std::vector<A> slices{};
};

template <class T, class K, class A, class KeyFunction, class Aggregator, class Out, class MakeRows>
class CountWindowOperator final : public Operator {
 public:
  CountWindowOperator(const WindowSettings& settings, KeyFunction key, Aggregator aggregator, MakeRows finish)
      : rule_(settings.rule), key_(std::move(key)), aggregator_(std::move(aggregator)), finish_(std::move(finish)) {}

  Status Open(const OperatorContext& context) override {
    context.state->AddRule(kWindowsRule, rule_.Text());
    table_ = &context.state->AddValue<K, CountedRows<A>>("counted");
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    auto made = std::make_unique<Batch<Out>>();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      const K key(std::invoke(key_, std::as_const(in.rows[i])));
      CountedRows<A>& counted = table_->Mutable(key, in.hashes[i]);
      if (counted.rows % rule_.slice == 0) counted.slices.emplace_back();
      aggregator_.Add(counted.slices.back(), in.rows[i]);
      if (++counted.rows % rule_.slice != 0) continue;
      Fire(key, counted, *made);
      made->FillColumns(in, i, made->rows.size());
      if (static_cast<int64_t>(counted.slices.size()) == rule_.size / rule_.slice) {
        counted.slices.erase(counted.slices.begin());
      }
    }
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  void Fire(const K& key, const CountedRows<A>& counted, Batch<Out>& made) {
    const Window window{std::max<int64_t>(0, counted.rows - rule_.size), counted.rows};
    try {
      if (counted.slices.size() == 1) {
        finish_(key, window, counted.slices.front(), made);
        return;
      }
      A combined = counted.slices.front();
      for (size_t i = 1; i < counted.slices.size(); ++i) aggregator_.Merge(combined, counted.slices[i]);
      finish_(key, window, std::as_const(combined), made);
    } catch (const std::exception& error) {
      throw std::runtime_error(WindowFailure(window, KeyText(key), error.what()));
    }
  }

  const WindowRule rule_;
  KeyFunction key_;
  Aggregator aggregator_;
  MakeRows finish_;
  ValueTable<K, CountedRows<A>>* table_ = nullptr;
};

}  // namespace weir::internal
