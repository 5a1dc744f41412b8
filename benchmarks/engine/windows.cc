// What one worker does without a broker: generator -> keyBy -> window -> counting sink, with a real checkpoint (RocksDB, fsync)
// every second. Rows are out of order by up to a second. CPU of the worker thread alone.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "benchmarks/engine/one_worker.h"
#include "connectors/generator/generator.h"

namespace weir::bench {
namespace {

using namespace std::chrono_literals;

struct Row {
  int64_t key = 0;
  int64_t time = 0;
};
struct Counted {
  int64_t key = 0;
  Window window;
  int64_t count = 0;
};

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr int64_t kRowsASecond = 1'000'000;   // of event time
constexpr int64_t kDisorderMs = 1000;

/// All keys all the time; or a fifth of them in each second, so that sessions end.
enum class Activity { kSteady, kInTurns };

struct Case {
  const char* name;
  int64_t keys;
  double target_millions;
  Activity activity = Activity::kSteady;
};

template <class W>
Figures RunOnce(const Case& wanted, W window, int64_t rows, Timing how, const std::string& directory) {
  Pipeline pipeline{"windows"};
  const auto make = [keys = static_cast<uint64_t>(wanted.keys), turns = wanted.activity == Activity::kInTurns](int64_t i) {
    const uint64_t drawn = HashInteger(static_cast<uint64_t>(i));
    const int64_t back = static_cast<int64_t>((drawn >> 40) % kDisorderMs);
    auto key = static_cast<int64_t>((drawn & 0xffffffff) * keys >> 32);
    if (turns) key = key / 5 * 5 + i / kRowsASecond % 5;
    return Row{key, kStartMs + i / (kRowsASecond / 1000) - back};
  };
  const auto counted = pipeline.Source("rows", generator::Source<Row, decltype(make)>{.rows = rows, .make = make})
      .Timestamps(&Row::time, BoundedDisorder{std::chrono::milliseconds(kDisorderMs)})
      .KeyBy(&Row::key)
      .Window(window)
      .Aggregate("count", Count{}, [](int64_t key, Window w, int64_t count) { return Counted{key, w, count}; });
  // All rows must come out again, in as many windows as each belongs to.
  auto sum = std::make_shared<std::atomic<uint64_t>>(0);
  const auto sunk = generator::Discard(counted.Map([sum](const Counted& c) {
    sum->fetch_add(static_cast<uint64_t>(c.count), std::memory_order_relaxed);
    return c.key;
  }));
  const Figures figures = RunOnOneWorker(pipeline, rows, how, directory);
  WEIR_CHECK(sum->load() % static_cast<uint64_t>(rows) == 0 && sum->load() > 0, "every row is in all of its windows");
  return figures;
}

template <class W>
void Report(const Case& wanted, W window, int64_t rows, int runs, const std::string& directory) {
  std::vector<double> rates;
  double commits = 0;
  double wall = 0;
  for (int run = 0; run < runs; ++run) {
    const Figures figures = RunOnce(wanted, window, rows, Timing::kWhole, directory);
    rates.push_back(figures.rows_per_worker_second / 1e6);
    commits += static_cast<double>(figures.commits);
    wall += figures.wall_seconds;
  }
  fmt::print("{:<16} {:>9} keys  {:6.1f} M rows per worker CPU-s (target {:.0f})  {:.2f} checkpoints/s{}\n", wanted.name,
             wanted.keys, Median(rates), wanted.target_millions, commits / wall,
             commits / wall < 0.9 ? "  DOES NOT COUNT: fewer than 0.9" : "");
  const Figures timed = RunOnce(wanted, window, rows, Timing::kSteps, directory);
  fmt::print("{:<16} {:>9} keys  step CPU p99.9 {:.2f} ms (target 2), max {:.2f} ms (target 5)\n", wanted.name, wanted.keys,
             timed.step_p999_ms, timed.step_max_ms);
  std::fflush(stdout);
}

void ReportAll(const std::string& only, int64_t rows, int runs, const std::string& directory) {
  const auto is = [&](const char* name) { return only.empty() || only == name; };
  if (is("tumbling")) Report({"tumbling", 100'000, 8}, Tumbling{.size = 10s}, rows, runs, directory);
  if (is("sliding")) Report({"sliding", 100'000, 5}, Sliding{.size = 10s, .slide = 2s}, rows, runs, directory);
  if (is("session")) Report({"session", 100'000, 3, Activity::kInTurns}, Session{.gap = 2s}, rows, runs, directory);
  if (is("short-sessions")) Report({"short-sessions", 100'000, 0}, Session{.gap = 250ms}, rows, runs, directory);
  if (is("firing")) Report({"firing", 1'000'000, 0}, Tumbling{.size = 10s}, rows, runs, directory);
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"Windows on one worker, without a broker"};
  int runs = 5;
  int64_t millions = 100;
  std::string only;
  std::string directory = (std::filesystem::temp_directory_path() / "weir-bench-windows").string();
  app.add_option("--runs", runs, "runs a line, of which the median is printed");
  app.add_option("--millions", millions, "millions of rows a run");
  app.add_option("--only", only, "tumbling, sliding, session, short-sessions or firing");
  app.add_option("--directory", directory, "where checkpoints go; emptied first");
  CLI11_PARSE(app, argc, argv);
  weir::bench::ReportAll(only, millions * 1'000'000, runs, directory);
  std::filesystem::remove_all(directory);
}
