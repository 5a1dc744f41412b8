// The stream that a source makes: here, and nowhere else, rows can be given their event time.
//
//   pipeline.Source("bids", weir::kafka::Source<Bid>{.topic = "bids"})
//       .Timestamps(&Bid::date_time, weir::BoundedDisorder{4s})
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "operators/source.h"
#include "operators/stream.h"

namespace weir {
namespace internal {

/// Makes a policy of what the user gave: BoundedDisorder, Ascending, or a callable of one's own.
inline TimePolicy PolicyOf(BoundedDisorder bounded) { return {bounded.disorder.count(), nullptr}; }
inline TimePolicy PolicyOf(Ascending) { return {}; }

template <class T, class Policy>
TimePolicy PolicyFor(Policy policy) {
  if constexpr (std::is_convertible_v<Policy, BoundedDisorder> || std::is_same_v<Policy, Ascending>) {
    return PolicyOf(policy);
  } else {
    return {0, [policy]() -> RowPolicy {
              return [mine = policy](const void* row, EventTime time) mutable -> EventTime {
                if constexpr (std::is_invocable_r_v<EventTime, Policy&, EventTime>) {
                  return mine(time);
                } else {
                  return mine(*static_cast<const T*>(row), time);
                }
              };
            }};
  }
}

template <class Time>
EventTime ToEventTime(const Time& time) {
  if constexpr (std::is_same_v<Time, EventTime>) {
    return time;
  } else {
    return EventTime{static_cast<int64_t>(time)};
  }
}

}  // namespace internal

/// A stream like any other; without Timestamps its rows have the time of their record, if they have any, and may be out of
/// order by a few seconds.
template <class T>
class SourceStream : public Stream<T> {
 public:
  SourceStream(std::shared_ptr<internal::GraphBuilder> builder, uint32_t node,
               typename internal::TypedSourceOperator<T>::NewReader new_reader)
      : Stream<T>(builder, node), builder_(std::move(builder)), node_(node), new_reader_(std::move(new_reader)) {}

  /// `field`: `&Row::field` or a function of a row, a weir::EventTime or milliseconds since 1970 as an integer. A row at
  /// which the function throws is poison.
  /// `policy`: BoundedDisorder, Ascending, or a callable `EventTime f(EventTime time)` or `EventTime f(const Row&, EventTime
  /// time)`, which is called for each row in the order of its split and returns the split's watermark after it; that must not
  /// fall. Each split has a copy of its own. A row earlier than its split's watermark is late.
  template <class Field, class Policy>
  Stream<T> Timestamps(Field field, Policy policy) const {
    constexpr bool kField = std::is_invocable_v<const Field&, const T&>;
    static_assert(kField, "Timestamps takes a member of the row or a function of one row, and a policy.");
    constexpr bool kPolicy = std::is_convertible_v<Policy, BoundedDisorder> || std::is_same_v<Policy, Ascending> ||
                             std::is_invocable_r_v<EventTime, Policy&, EventTime> ||
                             std::is_invocable_r_v<EventTime, Policy&, const T&, EventTime>;
    static_assert(kPolicy, "The policy of Timestamps is weir::BoundedDisorder, weir::Ascending, or a function "
                           "EventTime f(EventTime) or EventTime f(const Row&, EventTime).");
    if constexpr (kField && kPolicy) {
      using Time = internal::FieldOf<Field, T>;
      constexpr bool kTime = std::is_same_v<Time, EventTime> || (std::is_integral_v<Time> && sizeof(Time) == 8);
      static_assert(kTime, "An event time is a weir::EventTime or a 64-bit integer of milliseconds since 1970.");
      if constexpr (kTime) {
        auto times = std::make_shared<internal::SourceTimes<T>>();
        times->time_of = [field](const T& row) { return internal::ToEventTime(std::invoke(field, row)); };
        times->policy = internal::PolicyFor<T>(std::move(policy));
        builder_->SetTimes(node_, times->policy, [open = new_reader_, times] {
          return std::make_unique<internal::TypedSourceOperator<T>>(open, times);
        });
      }
    }
    return *this;
  }

 private:
  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t node_;
  typename internal::TypedSourceOperator<T>::NewReader new_reader_;
};

}  // namespace weir
