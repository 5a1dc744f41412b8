// Holds back splits that are far ahead of the others in event time, over all splits and sources of a job: rows that are
// read early only wait in windows and joins. A split that is held back is not polled; nothing else stops. It also tells
// source tasks what only the engine knows: whether their source answers.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/ids.h"
#include "runtime/time/watermark_merge.h"

namespace weir {

class Waker;

/// Safe from any thread; called once a poll, never once a row. Never pace inside of an operator: one that reads only its
/// slower input stops for ever where both come from one source.
class PacingBoard {
 public:
  /// `ahead_ms_max`: how far a split may be ahead of the slowest one; zero: nothing is held back.
  explicit PacingBoard(int64_t ahead_ms_max) : ahead_ms_max_(ahead_ms_max) {}

  /// Adds a source task, before any of them runs. Returns its number. `source` is the node of its source.
  uint32_t Add(uint32_t source, Waker& waker);

  /// Of a task: its slowest split that has more to read (kMaxEventTime: none has), and the time it has passed on.
  /// Wakes the tasks that hold splits back, if the job's slowest split has moved.
  void Publish(uint32_t task, EventTime slowest, const PathTime& time);
  /// True if a split at `watermark` must wait; the task's waker is then called when that may be over.
  bool Holds(uint32_t task, EventTime watermark);
  /// Of a source, by its node: while it does not answer, nobody knows whether its splits have rows. Its tasks are woken when
  /// it answers again.
  void SetAnswers(uint32_t source, bool answers);
  /// Whether the task's source does.
  bool Answers(uint32_t task) const;
  /// The watermark of the other tasks of the task's source: of the slowest that is not idle, else of the fastest.
  EventTime Elsewhere(uint32_t task) const;

  bool on() const { return ahead_ms_max_ > 0; }

 private:
  struct Member {
    uint32_t source = 0;
    Waker* waker = nullptr;
    EventTime slowest = kMaxEventTime;
    PathTime time;
    bool holds = false;
    bool answers = true;
  };
  EventTime Slowest() const;

  const int64_t ahead_ms_max_;
  mutable std::mutex mutex_;
  std::vector<Member> members_;
};

}  // namespace weir
