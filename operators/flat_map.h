// One row in, any number of rows out.
//   lines.FlatMap<Word>([](const Line& line, weir::Collector<Word>& out) { ... out.Emit({word}); ... })
#pragma once

#include <memory>
#include <utility>

#include "operators/callable.h"
#include "operators/collector.h"
#include "runtime/task/operator.h"

namespace weir::internal {

template <class T, class U, class F>
class FlatMapOperator final : public Operator {
 public:
  explicit FlatMapOperator(F function) : function_(std::move(function)) {}

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    auto made = std::make_unique<Batch<U>>();
    made->rows.reserve(in.rows.size());
    made->times.reserve(in.times.size());
    for (size_t i = 0; i < in.rows.size(); ++i) {
      const size_t before = made->rows.size();
      Collector<U> collector(*made);
      std::invoke(function_, std::as_const(in.rows[i]), collector);
      if (made->rows.size() != before) made->FillColumns(in, i, made->rows.size());
      // A row that explodes must not build one huge batch.
      if (made->rows.size() >= kRowsPerPiece) {
        made->arenas = in.arenas;
        WEIR_RETURN_IF_ERROR(out.Emit(kMainPort, std::exchange(made, std::make_unique<Batch<U>>())));
      }
    }
    made->arenas = std::move(in.arenas);
    return out.Emit(kMainPort, std::move(made));
  }

 private:
  static constexpr size_t kRowsPerPiece = 4096;
  F function_;
};

}  // namespace weir::internal
