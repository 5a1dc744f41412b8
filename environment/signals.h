// SIGTERM and SIGINT: the first asks the job to end, a second, or a deadline, ends the process.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace weir {

/// Takes both signals over for its lifetime. Must be made before any other thread: threads inherit the blocked signals.
class SignalWatcher {
 public:
  explicit SignalWatcher(std::function<void()> on_first);
  ~SignalWatcher();

 private:
  void Watch();

  const std::function<void()> on_first_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace weir
