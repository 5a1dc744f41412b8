#include "runtime/time/split_clock.h"

#include <algorithm>
#include <string>

namespace weir::internal {

SplitClock::SplitClock(const TimePolicy& policy, EventTime greatest, EventTime watermark)
    : disorder_ms_(policy.disorder_ms), policy_(policy.new_row_policy ? policy.new_row_policy() : nullptr),
      greatest_(greatest), watermark_(watermark) {}

Status SplitClock::Observe(std::span<const EventTime> times, const std::function<const void*(size_t)>& row_at,
                           std::vector<EventTime>& late) {
  if (policy_) return ObserveByPolicy(times, row_at, late);
  for (size_t i = 0; i < times.size(); ++i) {
    const EventTime time = times[i];
    if (time < watermark_) [[unlikely]] {
      late.resize(times.size(), kMinEventTime);
      late[i] = watermark_;
    } else if (time > greatest_) {
      greatest_ = time;
      watermark_ = std::max(watermark_, EventTime{time.millis - disorder_ms_});
    }
  }
  return {};
}

Status SplitClock::ObserveByPolicy(std::span<const EventTime> times, const std::function<const void*(size_t)>& row_at,
                                   std::vector<EventTime>& late) {
  for (size_t i = 0; i < times.size(); ++i) {
    if (times[i] < watermark_) {
      late.resize(times.size(), kMinEventTime);
      late[i] = watermark_;
    }
    greatest_ = std::max(greatest_, times[i]);
    const EventTime said = policy_(row_at(i), times[i]);
    if (said < policy_said_) {
      return UserError("the watermark policy went back from " + std::to_string(policy_said_.millis) + " to " +
                       std::to_string(said.millis) + " at a row with event time " + std::to_string(times[i].millis) +
                       ": what a watermark has completed cannot be taken back; return the greatest one so far");
    }
    if (said.millis > kEventTimeMillisMax) {
      return UserError("the watermark policy returned " + std::to_string(said.millis) + " at a row with event time " +
                       std::to_string(times[i].millis) + ": no event time is as late as that, and every row after it would be "
                       "late; return how far time has come, in milliseconds since 1970");
    }
    policy_said_ = said;
    // What is before all times says nothing.
    if (said.millis >= -kEventTimeMillisMax) watermark_ = std::max(watermark_, said);
  }
  return {};
}

}  // namespace weir::internal
