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
#include <vector>

#include "operators/join/between.h"
#include "operators/join/join_output.h"
#include "operators/passed_time.h"
#include "runtime/task/operator.h"
#include "state/ordered_table.h"

namespace weir::internal {

enum class JoinKind : uint8_t {
  kInner,
  kLeft,                ///< Unmatched left rows become rows of the result.
  kInnerAndUnmatched,   ///< Unmatched left rows leave by a port of their own.
  kSemi,                ///< Left rows that have a partner, once.
  kAnti,                ///< Left rows that have none.
};

template <JoinKind kKind, class L, class R, class K, class KeyL, class KeyR, class Times, class F>
class TimedJoinOperator final : public Operator {
 public:
  using Out = typename Times::template ResultOf<kKind, L, R, F>;

  TimedJoinOperator(Times times, KeyL left_key, KeyR right_key, F function)
      : times_(std::move(times)), bounds_(times_.bounds()), left_key_(std::move(left_key)),
        right_key_(std::move(right_key)), function_(std::move(function)) {}

  Status Open(const OperatorContext& context) override {
    left_ = &context.state->AddOrdered<K, L>("left");
    right_ = &context.state->AddOrdered<K, RightState>("right");
    const int64_t step = std::max<int64_t>(1, times_.span() / kBucketsOfSpan);
    left_->SetStep(step);
    right_->SetStep(step);
    passed_.Open(context);
    return {};
  }

  Status Process(uint32_t input, BatchPtr batch, Emitter& out) override {
    if (input == 0) {
      return TakeAll(static_cast<Batch<L>&>(*batch), kLatePort, out, [&](L& row, uint64_t hash, EventTime time) {
        return TakeLeft(row, hash, time, out);
      });
    }
    return TakeAll(static_cast<Batch<R>&>(*batch), kLateRightPort, out, [&](R& row, uint64_t hash, EventTime time) {
      return TakeRight(row, hash, time, out);
    });
  }

  Result<bool> OnWatermark(EventTime watermark, Emitter& out) override {
    const EventTime left_over = bounds_.left_over(watermark);
    bool done = false;
    if constexpr (kKeepsUnmatched) {
      Status emitted;
      done = left_->Expire(left_over, kRowsPerPiece, [&](const K&, uint64_t, EventTime time, L&& row, bool matched) {
        if (!matched && emitted.ok()) emitted = AddUnmatched(std::move(row), time, out);
      });
      WEIR_RETURN_IF_ERROR(emitted);
    } else {
      done = left_->Expire(left_over, kRowsPerPiece);
    }
    done = done && right_->Expire(bounds_.right_over(watermark), kRowsPerPiece);
    WEIR_RETURN_IF_ERROR(EmitAll(out));
    if (!done) return false;
    watermark_ = watermark;
    passed_.Pass(watermark);
    return true;
  }

  std::optional<uint64_t> rows_processed() const override { return processed_; }

 private:
  static constexpr int64_t kBucketsOfSpan = 16;
  static constexpr size_t kRowsPerPiece = 4096;
  static constexpr bool kOnlyPresence = kKind == JoinKind::kSemi || kKind == JoinKind::kAnti;
  static constexpr bool kKeepsUnmatched = kKind != JoinKind::kInner && kKind != JoinKind::kSemi;
  /// Of a right row whose being there is all that counts, one a key and time is kept.
  using RightState = std::conditional_t<kOnlyPresence, bool, R>;

  template <class Row, class Take>
  Status TakeAll(Batch<Row>& in, uint32_t late_port, Emitter& out, Take take) {
    late_.clear();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      if (in.times[i] < passed_.most() && times_.IsOver(in.times[i], passed_.Of(in.hashes[i]))) [[unlikely]] {
        late_.push_back(static_cast<uint32_t>(i));
      } else {
        WEIR_RETURN_IF_ERROR(take(in.rows[i], in.hashes[i], in.times[i]));
      }
    }
    processed_ += in.rows.size() - late_.size();
    if (!late_.empty()) WEIR_RETURN_IF_ERROR(out.Emit(late_port, passed_.TakeLate(in, late_)));
    return EmitAll(out);
  }

  Status TakeLeft(L& row, uint64_t hash, EventTime time, Emitter& out) {
    const K key(std::invoke(left_key_, std::as_const(row)));
    return times_.ForEach(time, [&](EventTime at, bool last) -> Status {
      bool matched = false;
      Status emitted;
      right_->Scan(key, hash, bounds_.first_right(at), bounds_.last_right(at),
                   [&](EventTime other, const RightState& right, bool) {
        matched = true;
        if constexpr (kOnlyPresence) {
          return RowAct::kStop;
        } else {
          emitted = AddPair(row, right, std::max(at, other), out);
          return emitted.ok() ? RowAct::kKeep : RowAct::kStop;
        }
      });
      WEIR_RETURN_IF_ERROR(emitted);
      if constexpr (kOnlyPresence) {
        if (matched) return kKind == JoinKind::kSemi ? AddAlone(row, at, at, out) : Status::Ok();
      }
      if (at >= bounds_.left_over(watermark_)) {
        left_->Insert(key, hash, at, last ? L(std::move(row)) : row, matched);
      } else if (kKeepsUnmatched && !matched) {
        return AddUnmatched(L(row), at, out);
      }
      return {};
    });
  }

  Status TakeRight(R& row, uint64_t hash, EventTime time, Emitter& out) {
    const K key(std::invoke(right_key_, std::as_const(row)));
    return times_.ForEach(time, [&](EventTime at, bool last) -> Status {
      if constexpr (kOnlyPresence) {
        bool known = false;
        right_->Scan(key, hash, at, at, [&](EventTime, bool, bool) {
          known = true;
          return RowAct::kStop;
        });
        if (known) return {};
      }
      Status emitted;
      left_->Scan(key, hash, bounds_.first_left(at), bounds_.last_left(at), [&](EventTime other, const L& left, bool) {
        if constexpr (kKind == JoinKind::kSemi) emitted = AddAlone(left, at, at, out);
        else if constexpr (!kOnlyPresence) emitted = AddPair(left, row, std::max(at, other), out);
        if (!emitted.ok()) return RowAct::kStop;
        if (kOnlyPresence) return RowAct::kErase;
        return kKeepsUnmatched ? RowAct::kMark : RowAct::kKeep;
      });
      WEIR_RETURN_IF_ERROR(emitted);
      if (at < bounds_.right_over(watermark_)) return {};
      if constexpr (kOnlyPresence) right_->Insert(key, hash, at, true);
      else right_->Insert(key, hash, at, last ? R(std::move(row)) : row);
      return {};
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
  OrderedTable<K, L>* left_ = nullptr;
  OrderedTable<K, RightState>* right_ = nullptr;
  EventTime watermark_ = kMinEventTime;   // A restore begins with none: it only spares rows a stay in state.
  PassedTime passed_;
  std::vector<uint32_t> late_;            // of the batch at hand
  uint64_t processed_ = 0;
};

}  // namespace weir::internal
