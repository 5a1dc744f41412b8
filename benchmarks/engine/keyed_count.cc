// What one worker does without a broker: generator -> map -> keyBy -> running count -> counting sink, with a real
// checkpoint (RocksDB, fsync) every second. CPU of the worker thread alone, the I/O threads' reported beside it, and
// the CPU time of each step of each task.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "benchmarks/engine/one_worker.h"
#include "connectors/generator/generator.h"

namespace weir::bench {
namespace {

struct Row {
  int64_t key = 0;
  int64_t value = 0;
};
struct Counted {
  int64_t key = 0;
  int64_t count = 0;
};

Figures RunOnce(int64_t keys, int64_t rows, Timing how, const std::string& directory) {
  Pipeline pipeline{"keyed-count"};
  const auto make = [keys](int64_t i) {
    return Row{static_cast<int64_t>(HashInteger(static_cast<uint64_t>(i)) % static_cast<uint64_t>(keys)), i};
  };
  const auto counted = pipeline.Source("rows", generator::Source<Row, decltype(make)>{.rows = rows, .make = make})
      .Map([](const Row& row) { return Row{row.key, row.value + 1}; })
      .KeyBy(&Row::key)
      .Aggregate("count", Count{}, [](int64_t key, int64_t count) { return Counted{key, count}; });
  const auto sunk = generator::Discard(counted);

  const Figures figures = RunOnOneWorker(pipeline, rows, how, directory);
  WEIR_CHECK(sunk->load() == static_cast<uint64_t>(rows), "every row reached the sink");
  return figures;
}

void Report(int64_t keys, int64_t rows, int runs, double target, const std::string& directory) {
  std::vector<double> rates;
  std::vector<double> io;
  double commits = 0;
  double wall = 0;
  for (int run = 0; run < runs; ++run) {
    const Figures figures = RunOnce(keys, rows, Timing::kWhole, directory);
    rates.push_back(figures.rows_per_worker_second / 1e6);
    io.push_back(figures.other_seconds / figures.wall_seconds);
    commits += static_cast<double>(figures.commits);
    wall += figures.wall_seconds;
  }
  fmt::print("{:>9} keys  {:6.1f} M rows per worker CPU-s (target {:.0f})  other threads {:.2f} CPU-s/s  "
             "{:.2f} checkpoints/s{}\n", keys, Median(rates), target, Median(io), commits / wall,
             commits / wall < 0.9 ? "  DOES NOT COUNT: fewer than 0.9" : "");
  const Figures timed = RunOnce(keys, rows, Timing::kSteps, directory);
  fmt::print("{:>9} keys  step CPU p99.9 {:.2f} ms (target 2), max {:.2f} ms (target 5)\n", keys, timed.step_p999_ms,
             timed.step_max_ms);
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"Running count per key on one worker, without a broker"};
  int runs = 5;
  int64_t millions = 200;
  std::string directory = "/tmp/weir-bench-engine";
  app.add_option("--runs", runs, "runs a line, of which the median is printed");
  app.add_option("--millions", millions, "millions of rows a run at 1 K keys; a third of it at 1 M keys");
  app.add_option("--directory", directory, "where checkpoints go; emptied first");
  CLI11_PARSE(app, argc, argv);
  weir::bench::Report(1'000, millions * 1'000'000, runs, 25, directory);
  weir::bench::Report(1'000'000, millions * 1'000'000 / 3, runs, 8, directory);
  std::filesystem::remove_all(directory);
}
