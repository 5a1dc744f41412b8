// What one worker does without a broker: generator -> map -> keyBy -> running count -> counting sink, with a real
// checkpoint (RocksDB, fsync) every second. CPU of the worker thread alone, the I/O threads' reported beside it, and
// the CPU time of each step of each task.
#include "benchmarks/engine/report.h"
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

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  const Asked asked = Parse(argc, argv, "Running count per key", {"count", "count-many"}, 200);
  const auto report = [&](const char* name, int64_t keys, int64_t rows, double target) {
    Report(asked, {name, keys, target}, [&](Timing how) { return RunOnce(keys, rows, how, asked.directory); });
  };
  report("count", 1'000, asked.rows, 25);
  report("count-many", 1'000'000, asked.rows / 3, 8);
}
