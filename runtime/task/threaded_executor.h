// The executor of a real run: a few worker threads, each stepping the steppables pinned to it, and a thread for
// every serial queue.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/executor.h"

namespace weir {

struct ThreadedExecutorOptions {
  uint32_t workers = 0;      ///< 0: as many as the process may use cores.
  bool pin_workers = true;   ///< Each worker, and every thread started from its steps, stays on one core.
};

/// Safe from any thread. Stop is idempotent; the destructor stops.
class ThreadedExecutor final : public Executor {
 public:
  explicit ThreadedExecutor(ThreadedExecutorOptions options);
  ~ThreadedExecutor() override;

  Waker& Add(Steppable& steppable, uint32_t worker) override;
  SerialQueue& NewQueue(std::string name) override;
  void Start() override;
  void Stop() override;

  /// CPU seconds that worker `index` has used. For benchmarks.
  double WorkerCpuSeconds(uint32_t index) const;
  uint32_t workers() const { return static_cast<uint32_t>(workers_.size()); }

 private:
  class Worker;
  class Queue;
  const ThreadedExecutorOptions options_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Queue>> queues_;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace weir
