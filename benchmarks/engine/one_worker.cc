#include "benchmarks/engine/one_worker.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "environment/main.h"
#include "runtime/base/posix_file_system.h"
#include "runtime/engine/engine.h"
#include "runtime/task/threaded_executor.h"
#include "state/rocksdb_base_store.h"

namespace weir::bench {
namespace {

double ThreadCpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double ProcessCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Passes everything on to a real executor and times every step of every steppable by its thread's CPU clock.
class TimedExecutor final : public Executor {
 public:
  explicit TimedExecutor(Executor& real) : real_(real) {}
  Waker& Add(Steppable& steppable, uint32_t worker) override {
    timed_.push_back(std::make_unique<Timed>(steppable));
    return real_.Add(*timed_.back(), worker);
  }
  SerialQueue& NewQueue(std::string name) override { return real_.NewQueue(std::move(name)); }
  void Start() override { real_.Start(); }
  void Stop() override { real_.Stop(); }

  /// CPU milliseconds of all steps, sorted. After Stop.
  std::vector<double> StepMillis() const {
    std::vector<double> all;
    for (const auto& timed : timed_) all.insert(all.end(), timed->millis.begin(), timed->millis.end());
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  struct Timed final : Steppable {
    explicit Timed(Steppable& inner) : steppable(inner) {}
    Next Step() override {
      const double before = ThreadCpuSeconds();
      const Next next = steppable.Step();
      millis.push_back((ThreadCpuSeconds() - before) * 1e3);
      return next;
    }
    Steppable& steppable;
    std::vector<double> millis;
  };
  Executor& real_;
  std::vector<std::unique_ptr<Timed>> timed_;
};

}  // namespace

Figures RunOnOneWorker(const Pipeline& pipeline, int64_t rows, Timing how, const std::string& directory,
                       Duration pacing_ahead) {
  std::filesystem::remove_all(directory);
  EngineOptions options;
  options.checkpoint_directory = directory;
  options.status_interval = Duration::zero();
  options.pacing_ahead = pacing_ahead;
  PosixFileSystem files;
  SystemClock clock;
  SystemRandom random;
  RocksDbBaseStoreFactory base;
  ThreadedExecutor executor({.workers = 1});
  TimedExecutor timed(executor);
  EngineSeams seams{&clock, &files, &random, how == Timing::kSteps ? static_cast<Executor*>(&timed) : &executor, nullptr, &base};
  Engine engine(pipeline.graph(), options, seams, Logger());
  std::mutex mutex;
  std::condition_variable ended;
  const double process_before = ProcessCpuSeconds();
  const Instant begin = clock.Now();
  engine.Start([&] {
    const std::lock_guard lock(mutex);
    ended.notify_all();
  });
  executor.Start();
  {
    std::unique_lock lock(mutex);
    ended.wait(lock, [&] { return engine.outcome().has_value(); });
  }
  Figures figures;
  figures.wall_seconds = std::chrono::duration<double>(clock.Now() - begin).count();
  figures.worker_seconds = executor.WorkerCpuSeconds(0);
  figures.other_seconds = ProcessCpuSeconds() - process_before - figures.worker_seconds;
  figures.commits = engine.counters().commits;
  figures.entries_max = engine.counters().entries_max;
  executor.Stop();
  WEIR_CHECK(engine.outcome()->status.ok(), engine.outcome()->status.ToString());
  figures.rows_per_worker_second = static_cast<double>(rows) / figures.worker_seconds;
  if (how == Timing::kSteps) {
    const std::vector<double> millis = timed.StepMillis();
    figures.step_p999_ms = millis[millis.size() * 999 / 1000];
    figures.step_max_ms = millis.back();
  }
  return figures;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace weir::bench
