#include "runtime/time/pacing_board.h"

#include <algorithm>
#include <utility>

#include "runtime/base/executor.h"
#include "runtime/base/landmark.h"

namespace weir {
namespace {

Landmark held_back{"time.split_held_back"};

}  // namespace

uint32_t PacingBoard::Add(uint32_t source, Waker& waker) {
  const std::lock_guard lock(mutex_);
  members_.push_back({source, &waker, kMaxEventTime, {}, false, true});
  return static_cast<uint32_t>(members_.size() - 1);
}

EventTime PacingBoard::Slowest() const {
  EventTime slowest = kMaxEventTime;
  for (const Member& member : members_) slowest = std::min(slowest, member.slowest);
  return slowest;
}

void PacingBoard::Publish(uint32_t task, EventTime slowest, const PathTime& time) {
  const std::lock_guard lock(mutex_);
  const EventTime before = Slowest();
  members_[task].slowest = slowest;
  members_[task].time = time;
  if (Slowest() <= before) return;
  for (Member& member : members_) {
    if (std::exchange(member.holds, false)) member.waker->Wake();
  }
}

bool PacingBoard::Holds(uint32_t task, EventTime watermark) {
  if (!on() || watermark == kMinEventTime) return false;
  const std::lock_guard lock(mutex_);
  const EventTime slowest = Slowest();
  if (slowest == kMaxEventTime || watermark.millis - ahead_ms_max_ <= slowest.millis) return false;
  held_back.Hit();
  members_[task].holds = true;
  return true;
}

void PacingBoard::SetAnswers(uint32_t source, bool answers) {
  const std::lock_guard lock(mutex_);
  for (Member& member : members_) {
    if (member.source != source) continue;
    if (!std::exchange(member.answers, answers) && answers) member.waker->Wake();
  }
}

bool PacingBoard::Answers(uint32_t task) const {
  const std::lock_guard lock(mutex_);
  return members_[task].answers;
}

EventTime PacingBoard::Elsewhere(uint32_t task) const {
  const std::lock_guard lock(mutex_);
  PathsTogether others;
  for (uint32_t i = 0; i < members_.size(); ++i) {
    if (i != task && members_[i].source == members_[task].source) others.Add(members_[i].time);
  }
  return others.time().watermark;
}

}  // namespace weir
