// Internal: the batch that a join is at. A row of a key with very many partners is worked off over several steps: here is how
// far it has come, and how much a step may look at. And which rows are late for the join.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "operators/passed_time.h"
#include "runtime/task/operator.h"
#include "state/ordered_table.h"

namespace weir::internal {

/// One thread.
class JoinRows {
 public:
  void Open(const OperatorContext& context) {
    passed_.Open(context);
    matches_per_step_ = static_cast<int64_t>(context.rows_per_step) * kMatchesOfRow;
  }
  /// Every row before it is taken, and everything that it completes is done.
  void Pass(EventTime watermark) {
    WEIR_CHECK(batch_ == nullptr, "no watermark comes before the rows are taken");
    passed_.Pass(watermark);
  }

  /// A batch of this input comes. Then Take, in as many steps as it needs.
  void Begin(BatchPtr batch, uint32_t input) {
    WEIR_CHECK(batch_ == nullptr, "no batch comes before the last one is taken");
    batch_ = std::move(batch);
    input_ = input;
    row_ = 0;
  }
  bool any() const { return batch_ != nullptr; }
  uint32_t input() const { return input_; }

  /// Result<bool> take(row, hash, time) is false where Match was; it is called again with the same row then. Rows for which
  /// it is too late by `times` go out.
  template <class Row, class Times, class Taker>
  Status Take(const Times& times, Emitter& out, Taker take) {
    auto& in = static_cast<Batch<Row>&>(*batch_);
    matches_left_ = matches_per_step_;
    for (; row_ < in.rows.size(); ++row_) {
      if (matches_left_ <= 0) return {};
      if (in.times[row_] < passed_.most() && times.IsOver(in.times[row_], passed_.Of(in.hashes[row_]))) [[unlikely]] {
        late_.push_back(static_cast<uint32_t>(row_));
        continue;
      }
      WEIR_ASSIGN_OR_RETURN(const bool taken, take(in.rows[row_], in.hashes[row_], in.times[row_]));
      if (!taken) return {};
    }
    processed_ += in.rows.size() - late_.size();
    const BatchPtr done = std::move(batch_);
    if (late_.empty()) return {};
    BatchPtr late = passed_.TakeLate(in, late_);
    late_.clear();
    return out.Emit(input_ == 0 ? kLatePort : kLateRightPort, std::move(late));
  }

  /// At which of its times the row at hand goes on; kMinEventTime: it has only just come.
  EventTime goes_on_at() const { return paused_.has_value() ? at_ : kMinEventTime; }
  /// Whether it had matches there when it paused.
  bool had_matches() const { return paused_.has_value() && matched_; }

  /// RowAct visit(time, partner): shows the partners of the row at hand, which stands at `at`. False if there are more than a
  /// step may look at.
  template <class Table, class K, class Visit>
  bool Match(Table& others, const K& key, uint64_t hash, EventTime at, EventTime first, EventTime last, Visit visit) {
    matched_ = had_matches();
    const OrderedPlace from = std::exchange(paused_, std::nullopt).value_or(OrderedPlace{first});
    paused_ = others.Scan(key, hash, from, last, [&](EventTime time, const auto& other, bool) {
      if (matches_left_ <= 0) return RowAct::kPause;
      --matches_left_;
      matched_ = true;
      return visit(time, other);
    });
    at_ = at;
    return !paused_.has_value();
  }
  /// Whether the last Match, with the pauses before it, showed any.
  bool matched() const { return matched_; }

  uint64_t processed() const { return processed_; }

 private:
  /// A partner that is looked at costs half as much as a row.
  static constexpr int64_t kMatchesOfRow = 2;

  PassedTime passed_;
  BatchPtr batch_;                      // null: none is at hand
  uint32_t input_ = 0;
  size_t row_ = 0;
  std::vector<uint32_t> late_;          // of its rows
  std::optional<OrderedPlace> paused_;  // among the partners of the row ...
  EventTime at_;                        // ... at this one of its times
  bool matched_ = false;
  int64_t matches_per_step_ = 0;
  int64_t matches_left_ = 0;
  uint64_t processed_ = 0;
};

}  // namespace weir::internal
