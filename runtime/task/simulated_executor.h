// The executor and clock of a simulation: everything runs on the calling thread, in an order drawn from a seed, in
// virtual time. The same seed and the same work give the same order.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/executor.h"
#include "runtime/base/random.h"

namespace weir {

/// Moves only when told to. One thread.
class SimulatedClock final : public Clock {
 public:
  Instant Now() const override { return now_; }
  int64_t WallMillis() const override {
    return kStartMillis + std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count();
  }
  void AdvanceTo(Instant when) {
    if (when > now_) now_ = when;
  }

 private:
  static constexpr int64_t kStartMillis = 1'700'000'000'000;
  Instant now_{};
};

/// One thread. Several executors (processes of one simulated world) may share a clock; whoever runs the world asks
/// each for RunOne in turn.
class SimulatedExecutor final : public Executor {
 public:
  SimulatedExecutor(SimulatedClock& clock, Random& random) : clock_(clock), random_(random) {}

  Waker& Add(Steppable& steppable, uint32_t worker) override;
  SerialQueue& NewQueue(std::string name) override;
  void Start() override { running_ = true; }
  void Stop() override;

  /// A job of a queue may be run up to `most` after it was posted: a slow disk, a slow broker.
  void SlowQueues(Duration most) { slowness_ = most; }
  /// Runs one ready step or queued job, drawn at random. False if there is none at this instant.
  bool RunOne();
  /// Digest of what ran when: equal for equal seeds and equal work.
  uint64_t trace_hash() const { return trace_hash_; }
  /// The earliest standing timer, or job that is on its way; or Instant::max().
  Instant NextTimer() const;

 private:
  class Entry final : public Waker {
   public:
    explicit Entry(Steppable& stepped) : steppable(stepped) {}
    void Wake() override { ready = true; }
    void WakeAt(Instant when) override { wake_at = std::min(wake_at, when); }
    Steppable& steppable;
    bool ready = false;
    Instant wake_at = Instant::max();
  };
  struct Job {
    std::function<void()> run;
    Instant ready_at;
  };
  class Queue final : public SerialQueue {
   public:
    explicit Queue(SimulatedExecutor& executor) : executor_(executor) {}
    void Post(std::function<void()> job) override { jobs.push_back({std::move(job), executor_.ReadyAt()}); }
    std::deque<Job> jobs;

   private:
    SimulatedExecutor& executor_;
  };
  Instant ReadyAt();

  SimulatedClock& clock_;
  Random& random_;
  Duration slowness_{};
  bool running_ = false;
  uint64_t trace_hash_ = 0;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<std::unique_ptr<Queue>> queues_;
};

}  // namespace weir
