// Internal: the operator behind interval and window joins. Rows of both sides wait in state by time; each that comes looks
// for partners among the rows of the other side, and is looked for by those that come later.
//
// What is a pair is said by `Times`: at which times a row stands (an interval join: at its own; a window join: at the last
// millisecond of each of its windows), by the bounds between a left and a right time (a window join: zero and zero), and by
// what is over for a row (an interval join: its time; a window join: its first window). How late rows are kept out, and why
// the result is the same in every run: interval_join.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "operators/join/between.h"
#include "operators/join/join_node.h"
#include "operators/join/join_output.h"
#include "operators/join/join_rows.h"
#include "operators/window/window_output.h"
#include "runtime/task/guarded_call.h"
#include "runtime/task/operator.h"
#include "state/ordered_table.h"

namespace weir::internal {

template <JoinKind kKind, class L, class R, class K, class KeyL, class KeyR, class Times, class F>
class TimedJoinOperator final : public Operator {
 public:
  using Out = typename Times::template ResultOf<kKind, L, R, F>;

  TimedJoinOperator(Times times, KeyL left_key, KeyR right_key, F function)
      : times_(std::move(times)), bounds_(times_.bounds()), left_key_(std::move(left_key)),
        right_key_(std::move(right_key)), function_(std::move(function)) {}

  Status Open(const OperatorContext& context) override {
    // Not only when rows stand: which of them are kept and marked as matched differs from kind to kind.
    context.state->AddRule("join", times_.Text() + "." + NameOf(kKind));
    left_ = &context.state->AddOrdered<K, L>("left");
    right_ = &context.state->AddOrdered<K, RightState>("right");
    const int64_t step = std::max<int64_t>(1, times_.span() / kBucketsOfSpan);
    left_->SetStep(step);
    right_->SetStep(step);
    rows_.Open(context);
    rows_per_step_ = context.rows_per_step;
    return {};
  }

  Status Process(uint32_t input, BatchPtr batch, Emitter& out) override {
    rows_.Begin(std::move(batch), input);
    return GoOn(out);
  }

  bool keeps_rows() const override { return rows_.any(); }
  Status GoOn(Emitter& out) override {
    if (rows_.input() == 0) {
      WEIR_RETURN_IF_ERROR(rows_.template Take<L>(times_, out, [&](L& row, uint64_t hash, EventTime time) {
        return NamingRow("left", left_key_, row, time, [&] { return TakeLeft(row, hash, time, out); });
      }));
    } else {
      WEIR_RETURN_IF_ERROR(rows_.template Take<R>(times_, out, [&](R& row, uint64_t hash, EventTime time) {
        return NamingRow("right", right_key_, row, time, [&] { return TakeRight(row, hash, time, out); });
      }));
    }
    return EmitAll(out);
  }

  Result<bool> OnWatermark(EventTime watermark, Emitter& out) override {
    Status emitted;
    left_expired_ = left_expired_ || left_->Expire(bounds_.left_over(watermark), rows_per_step_, ExpiryEnds::kAnywhere,
                                                   [&](const K&, uint64_t, EventTime time, L&& row, bool matched) {
      if constexpr (kKeepsUnmatched) {
        if (matched || !emitted.ok()) return;
        const auto add = [&]() -> Result<bool> {
          WEIR_RETURN_IF_ERROR(AddUnmatched(std::move(row), time, out));
          return true;
        };
        emitted = NamingRow("left", left_key_, row, time, add).status();
      }
    });
    WEIR_RETURN_IF_ERROR(emitted);
    const bool done = left_expired_ && right_->Expire(bounds_.right_over(watermark), rows_per_step_, ExpiryEnds::kAnywhere,
                                                      [](const K&, uint64_t, EventTime, RightState&&, bool) {});
    WEIR_RETURN_IF_ERROR(EmitAll(out));
    if (!done) return false;
    left_expired_ = false;
    watermark_ = watermark;
    rows_.Pass(watermark);
    return true;
  }

  std::optional<uint64_t> rows_processed() const override { return rows_.processed(); }

 private:
  static constexpr int64_t kBucketsOfSpan = 16;
  static constexpr bool kOnlyPresence = kKind == JoinKind::kSemi || kKind == JoinKind::kAnti;
  static constexpr bool kKeepsUnmatched = kKind != JoinKind::kInner && kKind != JoinKind::kSemi;
  /// Of a right row whose being there is all that counts, one a key and time is kept.
  using RightState = std::conditional_t<kOnlyPresence, bool, R>;

  /// A function that throws is told of which row.
  template <class Row, class KeyFunction, class Call>
  static Result<bool> NamingRow(const char* side, KeyFunction& key_of, const Row& row, EventTime time, Call call) {
    try {
      return call();
    } catch (...) {
      return ThrownByUser(std::string("at the ") + side + " row of key " + KeyText(K(std::invoke(key_of, row))) + " with event time " +
                          std::to_string(time.millis) + ": " + DescribeException());
    }
  }

  // Both: false if the row has more partners than a step may look at, and is to be taken again.

  Result<bool> TakeLeft(L& row, uint64_t hash, EventTime time, Emitter& out) {
    const K key(std::invoke(left_key_, std::as_const(row)));
    return times_.ForEach(time, rows_.goes_on_at(), [&](EventTime at, bool last) -> Result<bool> {
      Status emitted;
      const bool all = rows_.Match(*right_, key, hash, at, bounds_.first_right(at), bounds_.last_right(at),
                                   [&](EventTime other, const RightState& right) {
        if constexpr (kOnlyPresence) {
          return RowAct::kStop;
        } else {
          emitted = AddPair(row, right, std::max(at, other), out);
          return emitted.ok() ? RowAct::kKeep : RowAct::kStop;
        }
      });
      WEIR_RETURN_IF_ERROR(emitted);
      if (!all) return false;
      const bool matched = rows_.matched();
      if constexpr (kOnlyPresence) {
        if (matched) {
          if (kKind == JoinKind::kSemi) WEIR_RETURN_IF_ERROR(AddAlone(row, at, at, out));
          return true;
        }
      }
      if (at >= bounds_.left_over(watermark_)) {
        left_->Insert(key, hash, at, last ? L(std::move(row)) : row, matched);
      } else if (kKeepsUnmatched && !matched) {
        WEIR_RETURN_IF_ERROR(AddUnmatched(L(row), at, out));
      }
      return true;
    });
  }

  Result<bool> TakeRight(R& row, uint64_t hash, EventTime time, Emitter& out) {
    const K key(std::invoke(right_key_, std::as_const(row)));
    return times_.ForEach(time, rows_.goes_on_at(), [&](EventTime at, bool last) -> Result<bool> {
      if constexpr (kOnlyPresence) {
        bool known = false;
        right_->Scan(key, hash, at, at, [&](EventTime, bool, bool) {
          known = true;
          return RowAct::kStop;
        });
        if (known) return true;
      }
      Status emitted;
      const bool all = rows_.Match(*left_, key, hash, at, bounds_.first_left(at), bounds_.last_left(at),
                                   [&](EventTime other, const L& left) {
        if constexpr (kKind == JoinKind::kSemi) emitted = AddAlone(left, at, at, out);
        else if constexpr (!kOnlyPresence) emitted = AddPair(left, row, std::max(at, other), out);
        if (!emitted.ok()) return RowAct::kStop;
        if (kOnlyPresence) return RowAct::kErase;
        return kKeepsUnmatched ? RowAct::kMark : RowAct::kKeep;
      });
      WEIR_RETURN_IF_ERROR(emitted);
      if (!all) return false;
      if (at < bounds_.right_over(watermark_)) return true;
      if constexpr (kOnlyPresence) right_->Insert(key, hash, at, true);
      else right_->Insert(key, hash, at, last ? R(std::move(row)) : row);
      return true;
    });
  }

  Status AddPair(const L& left, const R& right, EventTime time, Emitter& out) {
    if constexpr (kKind == JoinKind::kLeft) return joined_.Add(times_.Call(function_, time, left, &right), time, out);
    else return joined_.Add(times_.Call(function_, time, left, right), time, out);
  }
  /// `at`: the time at which the row stands, `time`: of the row of the result.
  Status AddAlone(const L& left, EventTime at, EventTime time, Emitter& out) {
    return joined_.Add(times_.Call(function_, at, left), time, out);
  }
  Status AddUnmatched(L&& row, EventTime at, Emitter& out) {
    const EventTime known = bounds_.known_unmatched(at);
    if constexpr (kKind == JoinKind::kLeft) {
      return joined_.Add(times_.Call(function_, at, std::as_const(row), static_cast<const R*>(nullptr)), known, out);
    } else if constexpr (kKind == JoinKind::kAnti) {
      return AddAlone(row, at, known, out);
    } else {
      return unmatched_.Add(std::move(row), known, out);
    }
  }
  Status EmitAll(Emitter& out) {
    WEIR_RETURN_IF_ERROR(joined_.Emit(out));
    return unmatched_.Emit(out);
  }

  Times times_;
  const JoinBounds bounds_;
  KeyL left_key_;
  KeyR right_key_;
  F function_;
  JoinOutput<Out> joined_;
  JoinOutput<L> unmatched_{kFirstSidePort};
  size_t rows_per_step_ = 0;                // that expire, of each side
  OrderedTable<K, L>* left_ = nullptr;
  OrderedTable<K, RightState>* right_ = nullptr;
  JoinRows rows_;
  bool left_expired_ = false;             // by the watermark that is being worked off
  EventTime watermark_ = kMinEventTime;   // A restore begins with none: it only spares rows a stay in state.
};

}  // namespace weir::internal
