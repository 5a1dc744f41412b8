// What one worker does without a broker: generator -> keyBy -> a function that counts and sets a timer at each row -> counting
// sink, with a real checkpoint (RocksDB, fsync) every second. CPU of the worker thread alone.
#include <chrono>

#include "benchmarks/engine/report.h"
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

void ReportTimers(const Asked& asked, const char* name, int64_t delay_ms) {
  Report(asked, {name, kKeys, 1.5}, [&](Timing how) { return RunOnce(delay_ms, asked.rows, how, asked.directory); });
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  const Asked asked = Parse(argc, argv, "A function with one timer a row", {"timers-at-once", "timers-open"}, 10);
  ReportTimers(asked, "timers-at-once", 0);
  ReportTimers(asked, "timers-open", 1000);   // a million of them at a time
}
