// What one worker does without a broker: generator -> keyBy -> a function that counts and sets a timer at each row -> counting
// sink, with a real checkpoint (RocksDB, fsync) every second. CPU of the worker thread alone.
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
  int64_t time = 0;
};
struct Counted {
  int64_t key = 0;
  int64_t count = 0;
};

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr int64_t kRowsASecond = 1'000'000;   // of event time
constexpr int64_t kKeys = 100'000;

/// A timer of its own for nearly every row; it counts when it fires.
struct CountTimers : KeyedFunction<int64_t> {
  ValueState<int64_t> count{"count"};
  int64_t delay_ms = 0;

  void OnRow(const int64_t&, const Row& row, Context& ctx, Collector<Counted>&) {
    ctx.SetTimer(EventTime{row.time + delay_ms});
  }
  void OnTimer(const int64_t& key, Timer, Context&, Collector<Counted>& out) { out.Emit({key, ++count.Mutable()}); }
};

Figures RunOnce(int64_t delay_ms, int64_t rows, Timing how, const std::string& directory) {
  Pipeline pipeline{"timers"};
  const auto make = [](int64_t i) {
    const uint64_t drawn = HashInteger(static_cast<uint64_t>(i));
    return Row{static_cast<int64_t>((drawn & 0xffffffff) * kKeys >> 32),
               kStartMs + i / (kRowsASecond / 1000) - static_cast<int64_t>((drawn >> 40) % 1000)};
  };
  CountTimers function;
  function.delay_ms = delay_ms;
  const auto counted = pipeline.Source("rows", generator::Source<Row, decltype(make)>{.rows = rows, .make = make})
      .Timestamps(&Row::time, BoundedDisorder{std::chrono::seconds(1)})
      .KeyBy(&Row::key)
      .Process<Counted>("count", function);
  const auto sunk = generator::Discard(counted);
  const Figures figures = RunOnOneWorker(pipeline, rows, how, directory);
  // Two rows of a key in one millisecond set one timer.
  WEIR_CHECK(sunk->load() <= static_cast<uint64_t>(rows) && sunk->load() > static_cast<uint64_t>(rows) * 98 / 100,
             "nearly every row had a timer");
  return figures;
}

void Report(const char* name, int64_t delay_ms, int64_t rows, int runs, const std::string& directory) {
  std::vector<double> rates;
  double commits = 0;
  double wall = 0;
  double io = 0;
  for (int run = 0; run < runs; ++run) {
    const Figures figures = RunOnce(delay_ms, rows, Timing::kWhole, directory);
    rates.push_back(figures.rows_per_worker_second / 1e6);
    commits += static_cast<double>(figures.commits);
    wall += figures.wall_seconds;
    io += figures.other_seconds;
  }
  fmt::print("{:<28} {:5.2f} M rows per worker CPU-s (target 1.5)  other threads {:.2f} CPU-s/s  {:.2f} checkpoints/s\n",
             name, Median(rates), io / wall, commits / wall);
  const Figures timed = RunOnce(delay_ms, rows, Timing::kSteps, directory);
  fmt::print("{:<28} step CPU p99.9 {:.2f} ms (target 2), max {:.2f} ms (target 5)\n", name, timed.step_p999_ms,
             timed.step_max_ms);
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  CLI::App app{"A function with one timer a row on one worker, without a broker"};
  int runs = 3;
  int64_t millions = 10;
  std::string directory = "/tmp/weir-bench-timers";
  app.add_option("--runs", runs, "runs a line, of which the median is printed");
  app.add_option("--millions", millions, "millions of rows a run");
  app.add_option("--directory", directory, "where checkpoints go; emptied first");
  CLI11_PARSE(app, argc, argv);
  weir::bench::Report("timers that fire at once", 0, millions * 1'000'000, runs, directory);
  weir::bench::Report("1 M timers open at a time", 1000, millions * 1'000'000, runs, directory);
  std::filesystem::remove_all(directory);
}
