// What the operators that call a KeyedFunction have in common: on the rows of one keyed stream, of two, or of a keyed and a
// broadcast one (process_operators.h).
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "operators/callable.h"
#include "operators/collector.h"
#include "operators/process/describe.h"
#include "operators/process/keyed_function.h"
#include "operators/process/process_contract.h"
#include "operators/process/state_members.h"
#include "operators/process/untyped_process.h"
#include "state/hashed_key.h"
#include "state/same_key.h"

namespace weir::internal {

/// What such a function's operator has in common, whatever its inputs are.
template <class K, class Out, class F>
class KeyedProcess : public UntypedProcess {
 public:
  KeyedProcess(const F& function, std::shared_ptr<const SideOutputs> sides)
      : UntypedProcess(std::move(sides)), function_(function) {
    states_ = members_->found();
    members_.reset();
  }

  Status Open(const OperatorContext& context) override {
    OpenContext(context, kTimers || kWallTimers || F::kUsesEventTime);
    for (StateMember* state : states_) {
      if (auto* keyed = dynamic_cast<KeyedState<K>*>(state)) {
        keyed->Bind(*context.state, current_);
      } else if (auto* broadcast = dynamic_cast<BroadcastMember*>(state)) {
        broadcast->Bind(*context.state, access_);
      } else {
        return UserError("state '" + state->name() + "' is of a function for another type of keys");
      }
    }
    if constexpr (kTimers) timers_ = &context.state->template AddTimers<K>("weir.timers");
    if constexpr (kWallTimers) wall_timers_ = &context.state->template AddTimers<K>("weir.wall-timers");
    return {};
  }

  Result<bool> OnWatermark(EventTime watermark, Emitter& out) override {
    this->BeginWatermark(watermark);
    WEIR_ASSIGN_OR_RETURN(const bool fired, FireTimers(watermark, out));
    if (!fired) return false;
    if constexpr (kWallTimers) {
      // Drained: nothing comes after it, so every timer has its turn now, before what follows is drained as well.
      if (watermark == kMaxEventTime) {
        finishing_ = true;
        WEIR_ASSIGN_OR_RETURN(const bool all, FireWallTimers(kMaxEventTime, out));
        if (!all) return false;
      }
    }
    this->EndWatermark(watermark);
    return true;
  }

  int64_t NextWallTimer() const override {
    if constexpr (kWallTimers) {
      if (has_past_timers()) return 0;   // Timers of the clock set more of them than a step fires.
      if (wall_timers_->next() != kMaxEventTime && !this->knows_no_time()) return wall_timers_->next().millis;
    }
    return kNoWallTimer;
  }

  Result<bool> OnWallTime(int64_t now_ms, Emitter& out) override {
    if constexpr (kWallTimers) {
      // If more are due input has its turn all the same: with many that always set themselves again it never would.
      WEIR_RETURN_IF_ERROR(FireWallTimers(EventTime{now_ms}, out).status());
      // Those that they set where event time has already been.
      return FireTimers(this->last_watermark(), out);
    } else {
      return true;
    }
  }

 protected:
  static constexpr bool kTimers = kHasOnTimer<F, K, Out>;
  static constexpr bool kWallTimers = kHasOnWallTimer<F, K, Out>;

  /// Calls `call(key, row, collector)` for each row.
  template <class T, class KeyFunction, class Call>
  Status KeyedRows(Batch<T>& in, const KeyFunction& key_of, Emitter& out, Call call) {
    auto made = std::make_unique<Batch<Out>>();
    Collector<Out> collector(*made);
    size_t before = 0;   // rows that were made when the call of row i began
    for (size_t i = 0; i < in.rows.size(); ++i) {
      try {
        for (; i < in.rows.size(); ++i) {
          before = made->rows.size();
          const T& row = in.rows[i];
          const K key(std::invoke(key_of, row));
          current_ = {&key, in.hashes[i]};
          this->BeginRow(in, i);
          call(key, row, collector);
          this->EndRow(in, i, *made);
          ++this->processed_;
          if constexpr (kTimers) {
            if (!past_.empty()) [[unlikely]] WEIR_RETURN_IF_ERROR(FirePast(in, i, collector, *made));
          }
        }
      } catch (...) {
        const std::string what = DescribeException();
        const K key(std::invoke(key_of, std::as_const(in.rows[i])));
        made->rows.resize(before);
        past_.clear();
        WEIR_RETURN_IF_ERROR(this->Refuse(in, i, DescribeKey(key), RowText(in.rows[i]), what));
      }
    }
    made->arenas = std::move(in.arenas);
    return this->EmitAll(std::move(made), out);
  }

  F& function() { return function_; }
  /// States of keys must not be used now.
  void ForgetKey() { current_ = {}; }
  BroadcastAccess& access() { return access_; }

 private:
  using Due = typename TimerTable<K>::Due;

  // TimerService
  void Set(EventTime time) override {
    if constexpr (kTimers) {
      if (this->watermark() == kMaxEventTime) return;   // drained: it would be set for ever
      if (in_row_ && time <= this->watermark()) {
        if (std::find(past_.begin(), past_.end(), time) == past_.end()) past_.push_back(time);
      } else {
        timers_->Set(*current_.key, current_.hash, time);
        set_no_later_ = set_no_later_ || (!in_row_ && !wall_now_.has_value() && time <= due_.time);
      }
    } else {
      this->ThrowNoCallback("SetTimer", "OnTimer");
    }
  }
  void Delete(EventTime time) override {
    if constexpr (kTimers) {
      std::erase(past_, time);
      timers_->Delete(*current_.key, current_.hash, time);
    } else {
      this->ThrowNoCallback("DeleteTimer", "OnTimer");
    }
  }
  void SetWall(int64_t wall_ms) override {
    if constexpr (kWallTimers) {
      if (finishing_) return;
      EventTime time{wall_ms};
      // Set for now by one that fires now: it would have its turn again before all that waits.
      if (time <= wall_now_ && !wall_timers_->Has(*current_.key, current_.hash, time)) time = Next(*wall_now_);
      wall_timers_->Set(*current_.key, current_.hash, time);
    } else {
      this->ThrowNoCallback("SetWallTimer", "OnWallTimer");
    }
  }
  void DeleteWall(int64_t wall_ms) override {
    if constexpr (kWallTimers) {
      const EventTime time{wall_ms};
      const bool deleted = wall_timers_->Delete(*current_.key, current_.hash, time);
      if (!deleted && time <= wall_now_) wall_timers_->Delete(*current_.key, current_.hash, Next(*wall_now_));
    } else {
      this->ThrowNoCallback("DeleteWallTimer", "OnWallTimer");
    }
  }

  static EventTime Next(EventTime time) { return EventTime{time.millis + 1}; }

  /// Event time has come to some, and they have not fired.
  bool has_past_timers() const {
    if constexpr (kTimers) return timers_->next() <= this->last_watermark() && this->last_watermark() != kMinEventTime;
    else return false;
  }

  /// Steps of timers, of event time and of the clock: false if more are due.
  Result<bool> FireTimers(EventTime until, Emitter& out);
  Result<bool> FireWallTimers(EventTime now, Emitter& out);
  /// A step's worth of timers: EventTime call(collector) is about due_, and returns the time of what it emitted. False if
  /// more are due.
  template <class Call>
  Result<bool> FireDue(TimerTable<K>& timers, EventTime until, Emitter& out, Call call);

  /// due_ has set one that is not later: an error if its key does nothing else any more.
  Status CountTurn();
  /// Timers that the row set where event time has already been, the earliest first. What they emit has the row's columns.
  Status FirePast(const BatchBase& in, size_t row, Collector<Out>& collector, BatchBase& made);

  /// Looks while function_ is copied.
  std::unique_ptr<StateMembers> members_ = std::make_unique<StateMembers>();
  F function_;
  std::vector<StateMember*> states_;
  CurrentKey<K> current_;
  BroadcastAccess access_;
  TimerTable<K>* timers_ = nullptr;
  TimerTable<K>* wall_timers_ = nullptr;
  std::vector<EventTime> past_;          // set by the current call, not yet fired
  Due due_;                              // the timer that fires
  bool set_no_later_ = false;            // its call has set one that is not later
  struct Turning {
    EventTime at = kMinEventTime;        // the latest timer so far that did so
    size_t times = 0;                    // since then
  };
  boost::unordered_flat_map<K, Turning, StateKeyHasher<K>, StateKeyEqual<K>> turning_;   // in one firing
  std::optional<EventTime> wall_now_;    // while timers of the clock fire
  bool in_row_ = true;
  bool finishing_ = false;
};

}  // namespace weir::internal

#include "operators/process/keyed_process_timers.h"
