// What a Process function can ask and do beside its state and its output: time, timers, side outputs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operators/process/side_output.h"
#include "runtime/base/clock.h"
#include "runtime/channel/batch.h"

namespace weir {

/// Event time has come to `time`: no row on time that is earlier follows.
struct Timer {
  EventTime time;
};

/// Processing time has come to `wall_ms`, milliseconds since 1970, or has passed it while the job was down.
struct WallTimer {
  int64_t wall_ms = 0;
};

namespace internal {
class UntypedProcess;

/// Sets and deletes timers of the key that a call is about.
class TimerService {
 public:
  virtual void Set(EventTime time) = 0;
  virtual void Delete(EventTime time) = 0;
  virtual void SetWall(int64_t wall_ms) = 0;
  virtual void DeleteWall(int64_t wall_ms) = 0;

 protected:
  ~TimerService() = default;
};
}  // namespace internal

/// Valid during the call it is passed to. One thread.
class Context {
 public:
  /// Event time of the row, or of the timer; kMinEventTime in a stream without event time.
  EventTime time() const { return time_; }
  /// How far event time has come for this key; kMinEventTime until a first watermark came. Restarts or not, in a function that
  /// has timers or says kUsesEventTime.
  EventTime watermark() const { return watermark_; }
  /// The row was late where it was read: its split had promised no such row any more.
  bool late() const { return late_; }
  /// Processing time, milliseconds since 1970. What is made of it does not repeat.
  int64_t wall_ms() const { return clock_->WallMillis(); }

  /// OnTimer is called for this key once event time has come to `time`; at most once for each time, however often it is
  /// set. Where it has already come there, the call follows as soon as this one returns. When the job is drained every
  /// timer fires, and those that are set then never do.
  void SetTimer(EventTime time) { timers_->Set(time); }
  /// Not set: nothing happens.
  void DeleteTimer(EventTime time) { timers_->Delete(time); }
  /// The same by processing time: OnWallTimer is called. Timers that were due while the job was down fire after it. What
  /// they emit has the event time of the watermark; in a stream with event time they fire once that is known. One that
  /// OnWallTimer sets for now or earlier is one of the next millisecond: rows and barriers that wait have their turn before.
  void SetWallTimer(int64_t wall_ms) { timers_->SetWall(wall_ms); }
  void DeleteWallTimer(int64_t wall_ms) { timers_->DeleteWall(wall_ms); }

  /// Sends a row to a side output, with the event time that a row of the main output would have.
  template <class U>
  void Emit(const SideOutput<U>& side, U row) {
    Side* to = FindSide(side.name, typeid(U));
    if (to == nullptr) return;
    if (to->batch == nullptr) to->batch = std::make_unique<Batch<U>>();
    static_cast<Batch<U>&>(*to->batch).rows.push_back(std::move(row));
    to->drop_from = [](BatchBase& batch, size_t rows) { static_cast<Batch<U>&>(batch).rows.resize(rows); };
  }

 private:
  friend class internal::UntypedProcess;
  struct Side {
    std::string name;
    const std::type_info* row;
    uint32_t port;
    std::unique_ptr<BatchBase> batch;                   // since the last call of the operator
    void (*drop_from)(BatchBase& batch, size_t rows) = nullptr;
    size_t complete = 0;                                // rows of calls that returned
  };

  /// Null where nobody takes it. Throws where it has rows of another type.
  Side* FindSide(const std::string& name, const std::type_info& row);

  EventTime time_ = kMinEventTime;
  EventTime watermark_ = kMinEventTime;
  bool late_ = false;
  const Clock* clock_ = nullptr;
  internal::TimerService* timers_ = nullptr;
  std::vector<Side> sides_;
};

}  // namespace weir
