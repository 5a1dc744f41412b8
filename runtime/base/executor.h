// The executor seam: who runs what, and when. It owns every queue and thread of an engine.
//
// Nothing in the core waits. A Steppable does a bounded amount of work in Step() and says whether it has more;
// what is slow (fsync, RocksDB, transactional calls) is posted to a SerialQueue, and its completion reaches the
// Steppable as an event in a Mailbox, whose Waker makes it be stepped again. The production executor runs
// steppables on worker threads and every queue on a thread of its own; the simulator runs all of it on one
// thread, in an order it draws from its seed.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/clock.h"

namespace weir {

/// One thread at a time calls Step(); which one is fixed for its life.
class Steppable {
 public:
  enum class Next {
    kAgain,  ///< There is more to do now.
    kWait,   ///< Nothing to do until woken.
  };
  virtual ~Steppable() = default;
  /// Does a bounded amount of work (aim: 2 ms). Never blocks.
  virtual Next Step() = 0;
};

/// Wakes one Steppable. Safe from any thread, also from within Step(), and after the executor stopped.
class Waker {
 public:
  virtual ~Waker() = default;
  /// Step() will be called after this.
  virtual void Wake() = 0;
  /// Step() will be called at `when` or soon after. The earliest of all standing requests counts;
  /// they are forgotten once a step ran at or after them.
  virtual void WakeAt(Instant when) = 0;
};

/// First in, first out, one job at a time. Post is safe from any thread. Jobs may block.
class SerialQueue {
 public:
  virtual ~SerialQueue() = default;
  virtual void Post(std::function<void()> job) = 0;
};

/// Work begins with Start and ends with Stop; Add and NewQueue may be called at any time before Stop, also from within
/// steps and jobs. After Stop returned no step and no job runs any more, jobs not yet begun are dropped. Wakers and
/// queues stay valid until it is destroyed.
class Executor {
 public:
  virtual ~Executor() = default;
  /// `worker`: the pinned worker, counted modulo their number. The steppable must outlive Stop(). It is first
  /// stepped when its waker says so.
  virtual Waker& Add(Steppable& steppable, uint32_t worker) = 0;
  virtual SerialQueue& NewQueue(std::string name) = 0;
  virtual void Start() = 0;
  virtual void Stop() = 0;
};

/// Many producers, one consumer: how completions reach a Steppable.
template <class Event>
class Mailbox {
 public:
  /// Set once, before the first Put.
  void SetWaker(Waker* waker) { waker_ = waker; }
  void Put(Event event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    if (waker_ != nullptr) waker_->Wake();
  }
  std::vector<Event> TakeAll() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Event> events_;
  Waker* waker_ = nullptr;
};

}  // namespace weir
