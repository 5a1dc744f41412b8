// What one worker does without a broker: generator -> map -> keyBy -> running count -> counting sink, with a real
// checkpoint (RocksDB, fsync) every second. CPU of the worker thread alone, the I/O threads' reported beside it, and
// the CPU time of each step of each task.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <vector>

#include "connectors/generator/generator.h"
#include "environment/main.h"
#include "runtime/base/posix_file_system.h"
#include "runtime/engine/engine.h"
#include "runtime/task/threaded_executor.h"
#include "state/rocksdb_base_store.h"

namespace weir {
namespace {

struct Row {
  int64_t key = 0;
  int64_t value = 0;
};
struct Counted {
  int64_t key = 0;
  int64_t count = 0;
};

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

struct Figures {
  double rows_per_worker_second = 0;
  double worker_seconds = 0;
  double other_seconds = 0;
  double wall_seconds = 0;
  double step_p999_ms = 0;
  double step_max_ms = 0;
  uint64_t commits = 0;
};

Figures RunOnce(int64_t keys, int64_t rows, bool time_steps, const std::string& directory) {
  Pipeline pipeline{"keyed-count"};
  const auto make = [keys](int64_t i) {
    return Row{static_cast<int64_t>(HashInteger(static_cast<uint64_t>(i)) % static_cast<uint64_t>(keys)), i};
  };
  const auto counted = pipeline.Source("rows", generator::Source<Row, decltype(make)>{.rows = rows, .make = make})
      .Map([](const Row& row) { return Row{row.key, row.value + 1}; })
      .KeyBy(&Row::key)
      .Aggregate("count", Count{}, [](int64_t key, int64_t count) { return Counted{key, count}; });
  const auto sunk = generator::Discard(counted);

  std::filesystem::remove_all(directory);
  EngineOptions options;
  options.checkpoint_directory = directory;
  options.status_interval = Duration::zero();
  PosixFileSystem files;
  SystemClock clock;
  SystemRandom random;
  RocksDbBaseStoreFactory base;
  ThreadedExecutor executor({.workers = 1});
  TimedExecutor timed(executor);
  EngineSeams seams{&clock, &files, &random, time_steps ? static_cast<Executor*>(&timed) : &executor, nullptr, &base};
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
  executor.Stop();
  WEIR_CHECK(engine.outcome()->status.ok(), engine.outcome()->status.ToString());
  WEIR_CHECK(sunk->load() == static_cast<uint64_t>(rows), "every row reached the sink");
  figures.rows_per_worker_second = static_cast<double>(rows) / figures.worker_seconds;
  if (time_steps) {
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

void Report(int64_t keys, int64_t rows, int runs, double target, const std::string& directory) {
  std::vector<double> rates;
  std::vector<double> io;
  double commits = 0;
  double wall = 0;
  for (int run = 0; run < runs; ++run) {
    const Figures figures = RunOnce(keys, rows, false, directory);
    rates.push_back(figures.rows_per_worker_second / 1e6);
    io.push_back(figures.other_seconds / figures.wall_seconds);
    commits += static_cast<double>(figures.commits);
    wall += figures.wall_seconds;
  }
  fmt::print("{:>9} keys  {:6.1f} M rows per worker CPU-s (target {:.0f})  other threads {:.2f} CPU-s/s  "
             "{:.2f} checkpoints/s{}\n", keys, Median(rates), target, Median(io), commits / wall,
             commits / wall < 0.9 ? "  DOES NOT COUNT: fewer than 0.9" : "");
  const Figures timed = RunOnce(keys, rows, true, directory);
  fmt::print("{:>9} keys  step CPU p99.9 {:.2f} ms (target 2), max {:.2f} ms (target 5)\n", keys, timed.step_p999_ms,
             timed.step_max_ms);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  CLI::App app{"Running count per key on one worker, without a broker"};
  int runs = 5;
  int64_t millions = 200;
  std::string directory = "/tmp/weir-bench-engine";
  app.add_option("--runs", runs, "runs a line, of which the median is printed");
  app.add_option("--millions", millions, "millions of rows a run at 1 K keys; a third of it at 1 M keys");
  app.add_option("--directory", directory, "where checkpoints go; emptied first");
  CLI11_PARSE(app, argc, argv);
  weir::Report(1'000, millions * 1'000'000, runs, 25, directory);
  weir::Report(1'000'000, millions * 1'000'000 / 3, runs, 8, directory);
  std::filesystem::remove_all(directory);
}
