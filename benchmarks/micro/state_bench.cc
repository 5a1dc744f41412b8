// What a touch of keyed state costs, alone and with a checkpoint every second; what a slice and a restore cost.
// Arguments are numbers of keys. All on RocksDB and a real disk, with a thread for the io queue.
#include <benchmark/benchmark.h>

#include <ctime>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/base/executor.h"
#include "runtime/base/posix_file_system.h"
#include "runtime/base/random.h"
#include "state/rocksdb_base_store.h"
#include "state/slice_table.h"
#include "state/state_store.h"

namespace weir {
namespace {

struct Totals {
  int64_t count = 0;
  int64_t sum = 0;
};

/// A queue with a thread. Finish runs what is left.
class ThreadQueue : public SerialQueue {
 public:
  ThreadQueue() : thread_([this] { Run(); }) {}
  ~ThreadQueue() override { Finish(); }
  void Post(std::function<void()> job) override {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }
  void Finish() {
    Post(nullptr);
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !jobs_.empty(); });
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      if (job == nullptr) return;
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::thread thread_;
};

double CpuSecondsOfThread() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// One instance on a folder of its own, with a checkpoint whenever asked.
class Bench {
 public:
  Bench() {
    // WEIR_BENCH_ROOT: a folder on the disk to measure, since /tmp may be memory.
    const char* root = std::getenv("WEIR_BENCH_ROOT");
    root_ = JoinPath(root != nullptr ? root : std::filesystem::temp_directory_path().string(),
                     "weir-bench-" + SystemRandom().NewId().ToString());
    Open(nullptr, "");
  }
  ~Bench() {
    queue_->Finish();
    store_.reset();
    (void)files_.RemoveTree(root_);
  }

  void Open(const StateSnapshot* from, const std::string& directory) {
    queue_ = std::make_unique<ThreadQueue>();
    StateStoreOptions options;
    options.operator_id = "bench";
    options.groups = {0, kDefaultKeyGroups};
    options.work_directory = JoinPath(root_, "work-" + std::to_string(++attempts_));
    options.files = &files_;
    options.base = &base_;
    options.io = queue_.get();
    options.on_snapshot = [this](CheckpointId, Result<StateSnapshot> snapshot) {
      if (!snapshot.ok()) std::abort();
      const std::lock_guard lock(mutex_);
      last_ = *snapshot;
      reported_.notify_one();
      in_flight_ = false;
    };
    store_ = std::make_unique<StateStore>(options);
    totals_ = &store_->AddValue<int64_t, Totals>("totals");
    sliced_ = &store_->AddSlices<int64_t, Totals>("sliced");
    RestoredState restored;
    if (from != nullptr) restored = {from->ingested, directory, {*from}};
    if (!store_->Restore(from == nullptr ? nullptr : &restored).ok()) std::abort();
  }
  bool in_flight() {
    const std::lock_guard lock(mutex_);
    return in_flight_;
  }
  /// As an engine does, it begins no checkpoint while the one before is being written.
  void Freeze() {
    {
      std::unique_lock lock(mutex_);
      reported_.wait(lock, [this] { return !in_flight_; });
      in_flight_ = true;
    }
    const std::string directory = JoinPath(root_, "chk-" + std::to_string(++n_));
    if (!files_.CreateDirectories(directory).ok()) std::abort();
    store_->Freeze(CheckpointId{n_}, directory);
    directory_ = directory;
    if (n_ > 3) (void)files_.RemoveTree(JoinPath(root_, "chk-" + std::to_string(n_ - 3)));
  }
  bool Advance() {
    const double before = CpuSecondsOfThread();
    const bool done = store_->Advance(kAdvanceSlots);
    slices_.push_back(CpuSecondsOfThread() - before);
    return done;
  }
  void ReopenFromLast() {
    queue_->Finish();
    store_.reset();
    const StateSnapshot last = *last_;
    Open(&last, directory_);
  }
  void Report(benchmark::State& state) {
    if (slices_.empty()) return;
    std::sort(slices_.begin(), slices_.end());
    state.counters["slice_p999_us"] = slices_[slices_.size() * 999 / 1000] * 1e6;
    state.counters["slice_max_us"] = slices_.back() * 1e6;
    state.counters["checkpoints"] = static_cast<double>(n_);
    state.counters["table_MB"] = static_cast<double>(store_->bytes()) / 1e6;
  }
  StateStore& store() { return *store_; }
  ValueTable<int64_t, Totals>& totals() { return *totals_; }
  SliceTable<int64_t, Totals>& sliced() { return *sliced_; }

 private:
  PosixFileSystem files_;
  RocksDbBaseStoreFactory base_;
  std::string root_;
  std::string directory_;
  int attempts_ = 0;
  uint64_t n_ = 0;
  std::unique_ptr<ThreadQueue> queue_;
  std::unique_ptr<StateStore> store_;
  ValueTable<int64_t, Totals>* totals_ = nullptr;
  SliceTable<int64_t, Totals>* sliced_ = nullptr;
  std::vector<double> slices_;
  std::mutex mutex_;
  std::condition_variable reported_;
  bool in_flight_ = false;
  std::optional<StateSnapshot> last_;
};

std::vector<int64_t> RandomKeys(int64_t keys) {
  SeededRandom random(1);
  std::vector<int64_t> drawn(1 << 20);
  for (int64_t& key : drawn) key = static_cast<int64_t>(random.Below(static_cast<uint64_t>(keys)));
  return drawn;
}

void Update(benchmark::State& state, bool checkpoints) {
  constexpr size_t kBatch = 1024;
  Bench bench;
  const std::vector<int64_t> keys = RandomKeys(state.range(0));
  for (int64_t key = 0; key < state.range(0); ++key) bench.totals().Mutable(key).count = 1;
  size_t at = 0;
  auto next = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  for (auto _ : state) {
    for (size_t i = 0; i < kBatch; ++i) {
      const int64_t key = keys[at + i];
      Totals& totals = bench.totals().Mutable(key, HashKey(key));
      ++totals.count;
      totals.sum += key;
    }
    at = (at + kBatch) & (keys.size() - 1);
    if (!checkpoints) continue;
    if (bench.store().frozen()) bench.Advance();
    if (const auto now = std::chrono::steady_clock::now(); now >= next && !bench.in_flight()) {
      bench.Freeze();
      next = now + std::chrono::seconds(1);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kBatch));
  state.counters["ns_cpu"] = benchmark::Counter(static_cast<double>(state.iterations() * kBatch) * 1e-9,
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  bench.Report(state);
}

void UpdateOnly(benchmark::State& state) { Update(state, false); }
BENCHMARK(UpdateOnly)->Arg(1000)->Arg(100'000)->Arg(1'000'000);

void UpdateWithACheckpointASecond(benchmark::State& state) { Update(state, true); }
BENCHMARK(UpdateWithACheckpointASecond)->Arg(1000)->Arg(100'000)->Arg(1'000'000)->MinTime(10);

/// Rows into the newest slice and sometimes into the one before; after a million rows the next slice begins and the one before
/// the last is dropped.
void UpdateSlicesWithACheckpointASecond(benchmark::State& state) {
  constexpr size_t kBatch = 1024;
  constexpr size_t kRowsOfSlice = 1 << 20;
  Bench bench;
  const std::vector<int64_t> keys = RandomKeys(state.range(0));
  size_t rows = 0;
  int64_t slice = 10;
  auto next = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  for (auto _ : state) {
    for (size_t i = 0; i < kBatch; ++i) {
      const int64_t key = keys[(rows + i) & (keys.size() - 1)];
      Totals& totals = bench.sliced().Mutable(slice - (i % 8 == 0 ? 1 : 0), key, HashKey(key));
      ++totals.count;
      totals.sum += key;
    }
    rows += kBatch;
    if (rows % kRowsOfSlice == 0) {
      for (uint16_t group = 0; group < kDefaultKeyGroups; ++group) bench.sliced().DropThrough(KeyGroup{group}, slice - 1);
      ++slice;
    }
    SliceBudget budget(64);
    bench.sliced().FreeDropped(budget);
    if (bench.store().frozen()) bench.Advance();
    if (const auto now = std::chrono::steady_clock::now(); now >= next && !bench.in_flight()) {
      bench.Freeze();
      next = now + std::chrono::seconds(1);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kBatch));
  state.counters["ns_cpu"] = benchmark::Counter(static_cast<double>(state.iterations() * kBatch) * 1e-9,
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  bench.Report(state);
}
BENCHMARK(UpdateSlicesWithACheckpointASecond)->Arg(1000)->Arg(100'000)->Arg(1'000'000)->MinTime(10);

/// All keys change, then one whole checkpoint is saved: CPU of the task's thread an entry.
void SaveAllKeys(benchmark::State& state) {
  Bench bench;
  for (auto _ : state) {
    state.PauseTiming();
    for (int64_t key = 0; key < state.range(0); ++key) bench.totals().Mutable(key).count += 1;
    bench.Freeze();
    state.ResumeTiming();
    while (!bench.Advance()) {
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * state.range(0));
  bench.Report(state);
}
BENCHMARK(SaveAllKeys)->Arg(1'000'000)->Iterations(9)->Unit(benchmark::kMillisecond);

/// Restore of a checkpoint with `range(1)` deltas in which all keys changed (nine: a base and one delta).
void Restore(benchmark::State& state) {
  Bench bench;
  for (int64_t n = 0; n < state.range(1); ++n) {
    for (int64_t key = 0; key < state.range(0); ++key) bench.totals().Mutable(key).count += 1;
    bench.Freeze();
    while (!bench.store().Advance(kAdvanceSlots)) {
    }
  }
  for (auto _ : state) bench.ReopenFromLast();
  if (bench.store().keys() != static_cast<uint64_t>(state.range(0))) state.SkipWithError("keys are missing");
}
BENCHMARK(Restore)->Args({1000, 1})->Args({1000, 9})->Args({1'000'000, 1})->Args({1'000'000, 9})
    ->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace weir

BENCHMARK_MAIN();
