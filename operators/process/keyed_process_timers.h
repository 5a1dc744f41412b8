// How the timers of a KeyedFunction fire. Included by keyed_process.h only.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "operators/process/keyed_process.h"

namespace weir::internal {

template <class K, class Out, class F>
Result<bool> KeyedProcess<K, Out, F>::FireTimers(EventTime until, Emitter& out) {
  if constexpr (kTimers) {
    if (timers_->next() > until || until == kMinEventTime) return true;
    WEIR_ASSIGN_OR_RETURN(const bool all, FireDue(*timers_, until, out, [this](auto& collector) {
      this->BeginTimer(due_.time);
      function_.OnTimer(due_.key, Timer{due_.time}, this->context(), collector);
      return due_.time;
    }));
    if (all) turning_.clear();
    return all;
  } else {
    return true;
  }
}

template <class K, class Out, class F>
Result<bool> KeyedProcess<K, Out, F>::FireWallTimers(EventTime now, Emitter& out) {
  if (!finishing_) wall_now_ = now;
  const Result<bool> all = FireDue(*wall_timers_, now, out, [this](auto& collector) {
    const EventTime time = this->BeginWallTimer(current_.hash, due_.time);
    function_.OnWallTimer(due_.key, WallTimer{due_.time.millis}, this->context(), collector);
    return time;
  });
  wall_now_.reset();
  return all;
}

template <class K, class Out, class F>
template <class Call>
Result<bool> KeyedProcess<K, Out, F>::FireDue(TimerTable<K>& timers, EventTime until, Emitter& out, Call call) {
  auto made = std::make_unique<Batch<Out>>();
  Collector<Out> collector(*made);
  in_row_ = false;
  bool more = true;
  const uint64_t enough = timers.work() + this->rows_per_step();
  while (more && timers.work() < enough) {
    more = timers.TakeDue(until, &due_);
    if (!more) break;
    current_ = {&due_.key, HashKey(due_.key)};
    EventTime time;
    try {
      time = call(collector);
    } catch (...) {
      return this->TimerFailed(DescribeKey(due_.key), std::to_string(due_.time.millis), DescribeException());
    }
    if (set_no_later_) [[unlikely]] WEIR_RETURN_IF_ERROR(CountTurn());
    this->EndTimer(time, *made);
  }
  in_row_ = true;
  WEIR_RETURN_IF_ERROR(this->EmitAll(std::move(made), out));
  return !more;
}

template <class K, class Out, class F>
Status KeyedProcess<K, Out, F>::CountTurn() {
  set_no_later_ = false;
  Turning& turning = turning_[due_.key];
  if (due_.time > turning.at) turning = {due_.time, 0};
  if (++turning.times < kPastTimersMax) return {};
  return this->TooManyPastTimers(DescribeKey(due_.key), "at one watermark");
}

template <class K, class Out, class F>
Status KeyedProcess<K, Out, F>::FirePast(const BatchBase& in, size_t row, Collector<Out>& collector, BatchBase& made) {
  for (size_t fired = 0; !past_.empty(); ++fired) {
    if (fired == kPastTimersMax) return this->TooManyPastTimers(DescribeKey(*current_.key), "after one row");
    const auto first = std::min_element(past_.begin(), past_.end());
    const EventTime time = *first;
    past_.erase(first);
    this->BeginTimer(time);
    try {
      function_.OnTimer(*current_.key, Timer{time}, this->context(), collector);
    } catch (...) {
      return this->TimerFailed(DescribeKey(*current_.key), std::to_string(time.millis), DescribeException());
    }
    this->EndRow(in, row, made);
  }
  return {};
}

}  // namespace weir::internal
