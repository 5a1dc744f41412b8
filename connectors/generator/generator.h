// Rows made by a function, for benchmarks, examples and trying things out, and a sink that takes any row and keeps
// none.
//
//   weir::generator::Source<Bid>{.rows = 1'000'000, .make = [](int64_t i) { return Bid{i % 1000, i}; }}
#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operators/row_reader.h"
#include "operators/stream.h"

namespace weir::generator {

/// Row number i of all is make(i): the same rows at any parallelism and after any restart. Split s of n has the rows
/// s, s + n, s + 2n, ... in this order.
template <class T, class Make = std::function<T(int64_t)>>
struct Source {
  using Row = T;
  int64_t rows = std::numeric_limits<int64_t>::max();   ///< Of all splits together; bounded.
  int64_t splits = 1;
  Make make = {};

  TypedSource<T> ToSource() const;
};

std::shared_ptr<const SourceConnector> NewSourceConnector(int64_t rows, int64_t splits);

/// One thread.
template <class T, class Make>
class Reader final : public RowReader<T> {
 public:
  Reader(int64_t splits, Make make) : split_count_(splits), make_(std::move(make)) {}

  Status Add(const SplitAssignment& assignment) override {
    splits_.push_back({std::stoll(assignment.split.value()), assignment.start.next.value(), assignment.end->value()});
    return {};
  }
  Result<ReadResult> Read(size_t index, size_t rows_max, Batch<T>& rows, Batch<PoisonRecord>&) override {
    Split& split = splits_[index];
    const int64_t until = std::min(split.end, split.next + static_cast<int64_t>(rows_max));
    const auto count = static_cast<size_t>(until - split.next);
    rows.rows.reserve(count);
    for (; split.next < until; ++split.next) {
      rows.rows.push_back(make_(split.number + split.next * split_count_));
      if (!this->has_columns()) continue;
      const Status status = this->AddColumns(rows, kNoTimestamp, split.next);
      if (!status.ok()) return status.WithContext("row " + std::to_string(split.next));
    }
    return ReadResult{count, split.next == split.end ? SplitState::kEnded : SplitState::kMore};
  }
  Position PositionOf(size_t index) const override {
    Position position;
    position.next = Offset{splits_[index].next};
    return position;
  }
  int64_t LagOf(size_t index) const override { return splits_[index].end - splits_[index].next; }

 private:
  struct Split {
    int64_t number;
    int64_t next;
    int64_t end;
  };
  const int64_t split_count_;
  Make make_;
  std::vector<Split> splits_;
};

template <class T, class Make>
TypedSource<T> Source<T, Make>::ToSource() const {
  TypedSource<T> typed;
  typed.connector = NewSourceConnector(rows, splits);
  typed.new_reader = [count = splits, function = make](SplitSource&, const OperatorContext&) {
    return Result<std::unique_ptr<RowReader<T>>>(std::make_unique<Reader<T, Make>>(count, function));
  };
  return typed;
}

/// Counts rows and forgets them.
template <class T>
class DiscardOperator final : public Operator {
 public:
  explicit DiscardOperator(std::shared_ptr<std::atomic<uint64_t>> count) : count_(std::move(count)) {}
  Status Process(uint32_t, BatchPtr batch, Emitter&) override {
    count_->fetch_add(batch->size(), std::memory_order_relaxed);
    return {};
  }

 private:
  const std::shared_ptr<std::atomic<uint64_t>> count_;
};

/// Ends a stream in a counter.
template <class T>
std::shared_ptr<std::atomic<uint64_t>> Discard(const Stream<T>& stream) {
  auto count = std::make_shared<std::atomic<uint64_t>>(0);
  stream.template Add<T>("sink", [count] { return std::make_unique<DiscardOperator<T>>(count); });
  return count;
}

}  // namespace weir::generator
