#include "runtime/task/threaded_executor.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <thread>

namespace weir {
namespace {

std::vector<int> AllowedCores() {
  cpu_set_t set;
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) cores.push_back(core);
  }
  return cores;
}

void NameThisThread(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

constexpr Instant kNever = Instant::max();

}  // namespace

/// One thread and what it steps. Wakers set a flag in their entry; a sleeping worker is notified only then, so that
/// waking a busy worker costs one atomic exchange.
class ThreadedExecutor::Worker {
 public:
  Worker(std::string name, std::optional<int> core) : name_(std::move(name)), core_(core) {}

  Waker& Add(Steppable& steppable) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::make_unique<Entry>(*this, steppable));
    changed_ = true;
    return *entries_.back();
  }

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    Notify();
    if (thread_.joinable()) thread_.join();
  }

  double CpuSeconds() {
    if (!thread_.joinable()) return 0;
    clockid_t clock;
    timespec time{};
    if (pthread_getcpuclockid(thread_.native_handle(), &clock) != 0) return 0;
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }

 private:
  class Entry final : public Waker {
   public:
    Entry(Worker& worker, Steppable& steppable) : worker_(worker), steppable_(steppable) {}
    void Wake() override {
      if (!ready.exchange(true, std::memory_order_acq_rel)) worker_.Notify();
    }
    void WakeAt(Instant when) override {
      const int64_t wanted = when.time_since_epoch().count();
      int64_t current = wake_at.load(std::memory_order_relaxed);
      while (wanted < current && !wake_at.compare_exchange_weak(current, wanted)) {
      }
      worker_.Notify();
    }
    bool StepOnce() { return steppable_.Step() == Steppable::Next::kAgain; }

    std::atomic<bool> ready{false};
    std::atomic<int64_t> wake_at{kNever.time_since_epoch().count()};

   private:
    Worker& worker_;
    Steppable& steppable_;
  };

  void Notify() {
    signals_.fetch_add(1, std::memory_order_seq_cst);
    if (sleeping_.load(std::memory_order_seq_cst)) {
      const std::lock_guard lock(mutex_);
      wakeup_.notify_one();
    }
  }

  void Run() {
    NameThisThread(name_);
    if (core_.has_value()) {
      cpu_set_t set;
      CPU_ZERO(&set);
      CPU_SET(*core_, &set);
      pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    }
    std::vector<Entry*> entries;
    while (true) {
      const uint64_t signals = signals_.load(std::memory_order_seq_cst);
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        if (std::exchange(changed_, false)) {
          entries.clear();
          for (const auto& entry : entries_) entries.push_back(entry.get());
        }
      }
      const Instant next_timer = RunReady(entries);
      if (next_timer == Instant::min()) continue;
      Sleep(signals, next_timer);
    }
  }

  /// Steps every ready entry once. Returns Instant::min() if any wants more, else the next timer.
  Instant RunReady(const std::vector<Entry*>& entries) {
    bool again = false;
    bool timers = false;
    for (Entry* entry : entries) {
      timers = timers || entry->wake_at.load(std::memory_order_relaxed) != kNever.time_since_epoch().count();
    }
    const Instant now = timers ? Instant(std::chrono::steady_clock::now()) : Instant::min();
    Instant next = kNever;
    for (Entry* entry : entries) {
      const Instant at{Duration(entry->wake_at.load(std::memory_order_relaxed))};
      const bool due = timers && at <= now;
      if (due) entry->wake_at.store(kNever.time_since_epoch().count());
      if (!entry->ready.exchange(false, std::memory_order_acq_rel) && !due) {
        next = std::min(next, at);
        continue;
      }
      if (entry->StepOnce()) entry->ready.store(true, std::memory_order_release);
      again = again || entry->ready.load(std::memory_order_acquire);
      next = std::min(next, Instant{Duration(entry->wake_at.load())});
    }
    return again ? Instant::min() : next;
  }

  void Sleep(uint64_t signals_seen, Instant until) {
    std::unique_lock lock(mutex_);
    sleeping_.store(true, std::memory_order_seq_cst);
    const auto woken = [&] { return stopping_ || signals_.load(std::memory_order_seq_cst) != signals_seen; };
    if (until == kNever) {
      wakeup_.wait(lock, woken);
    } else {
      wakeup_.wait_until(lock, until, woken);
    }
    sleeping_.store(false, std::memory_order_seq_cst);
  }

  const std::string name_;
  const std::optional<int> core_;
  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::vector<std::unique_ptr<Entry>> entries_;   // guarded by mutex_
  bool changed_ = false;                          // guarded by mutex_
  bool stopping_ = false;                         // guarded by mutex_
  std::atomic<bool> sleeping_{false};
  std::atomic<uint64_t> signals_{0};
  std::thread thread_;
};

class ThreadedExecutor::Queue final : public SerialQueue {
 public:
  explicit Queue(std::string name) : name_(std::move(name)) {}

  void Post(std::function<void()> job) override {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
    wakeup_.notify_one();
  }
  void Start() {
    thread_ = std::thread([this] { Run(); });
  }
  void Stop() {
    std::deque<std::function<void()>> dropped;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      dropped.swap(jobs_);
      wakeup_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    NameThisThread(name_);
    std::unique_lock lock(mutex_);
    while (true) {
      wakeup_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
    }
  }

  const std::string name_;
  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

ThreadedExecutor::ThreadedExecutor(ThreadedExecutorOptions options) : options_(options) {
  const std::vector<int> cores = AllowedCores();
  const uint32_t count = options.workers == 0 ? static_cast<uint32_t>(cores.size()) : options.workers;
  for (uint32_t i = 0; i < count; ++i) {
    const bool pin = options.pin_workers && count <= cores.size();
    workers_.push_back(std::make_unique<Worker>("weir-worker-" + std::to_string(i),
                                                pin ? std::optional(cores[i]) : std::nullopt));
  }
}

ThreadedExecutor::~ThreadedExecutor() { Stop(); }

Waker& ThreadedExecutor::Add(Steppable& steppable, uint32_t worker) {
  return workers_[worker % workers_.size()]->Add(steppable);
}

SerialQueue& ThreadedExecutor::NewQueue(std::string name) {
  const std::lock_guard lock(mutex_);
  queues_.push_back(std::make_unique<Queue>(std::move(name)));
  if (started_ && !stopped_) queues_.back()->Start();
  return *queues_.back();
}

void ThreadedExecutor::Start() {
  const std::lock_guard lock(mutex_);
  started_ = true;
  for (auto& queue : queues_) queue->Start();
  for (auto& worker : workers_) worker->Start();
}

void ThreadedExecutor::Stop() {
  // Workers first: a step that runs may still post to a queue.
  for (auto& worker : workers_) worker->Stop();
  std::vector<Queue*> queues;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (auto& queue : queues_) queues.push_back(queue.get());
  }
  for (Queue* queue : queues) queue->Stop();
}

double ThreadedExecutor::WorkerCpuSeconds(uint32_t index) const { return workers_[index]->CpuSeconds(); }

}  // namespace weir
