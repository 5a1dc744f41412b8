// SIGTERM and SIGINT: the first asks the job to end, a second, or a deadline, ends the process.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace weir {

/// Takes both signals over for its lifetime. Must be made before any other thread: threads inherit the blocked signals.
class SignalWatcher {
 public:
  /// `on_overdue` is called before the process ends because of the deadline; at a second signal nothing is.
  SignalWatcher(std::function<void()> on_first, std::function<void()> on_overdue);
  ~SignalWatcher();

 private:
  void Watch();

  const std::function<void()> on_first_;
  const std::function<void()> on_overdue_;
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace weir
