// How the timers of a KeyedFunction fire. Included by keyed_process.h only.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "operators/process/keyed_process.h"

namespace weir::internal {

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
    this->EndTimer(time, *made);
  }
  in_row_ = true;
  WEIR_RETURN_IF_ERROR(this->EmitAll(std::move(made), out));
  return !more;
}

template <class K, class Out, class F>
Status KeyedProcess<K, Out, F>::FirePast(const BatchBase& in, size_t row, Collector<Out>& collector, BatchBase& made) {
  for (size_t fired = 0; !past_.empty(); ++fired) {
    if (fired == kPastTimersMax) return this->TooManyPastTimers(DescribeKey(*current_.key));
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
