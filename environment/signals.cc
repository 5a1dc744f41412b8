#include "environment/signals.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <optional>

namespace weir {
namespace {

/// How long a job may take to end before the process ends without it; nothing is lost, work since the last commit is
/// done again.
constexpr time_t kShutdownSeconds = 25;
constexpr int kSignalExitBase = 128;

sigset_t WatchedSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

SignalWatcher::SignalWatcher(std::function<void()> on_first, std::function<void()> on_overdue)
    : on_first_(std::move(on_first)), on_overdue_(std::move(on_overdue)) {
  const sigset_t set = WatchedSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { Watch(); });
}

SignalWatcher::~SignalWatcher() {
  done_ = true;
  // Directed at the thread, so that nobody else sees it.
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

void SignalWatcher::Watch() {
  const sigset_t set = WatchedSignals();
  int first = 0;
  sigwait(&set, &first);
  if (done_) return;
  on_first_();
  const timespec deadline{kShutdownSeconds, 0};
  const int second = sigtimedwait(&set, nullptr, &deadline);
  if (done_) return;
  if (second < 0) on_overdue_();
  _exit(kSignalExitBase + (second > 0 ? second : first));
}

}  // namespace weir
