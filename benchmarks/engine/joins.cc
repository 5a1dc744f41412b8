// What one worker does without a broker: two generators -> keyBy -> join by time -> counting sink, with a real checkpoint
// (RocksDB, fsync) every second. Rows are out of order by up to a second; each has about one partner. CPU of the worker
// thread alone; rows are those of both sides.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "benchmarks/engine/report.h"
#include "connectors/generator/generator.h"
#include "operators/join/interval_join.h"
#include "operators/join/window_join.h"

namespace weir::bench {
namespace {

using namespace std::chrono_literals;

struct Row {
  int64_t key = 0;
  int64_t time = 0;
  int64_t id = 0;
};
struct Pair {
  int64_t left = 0;
  int64_t right = 0;
};

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr int64_t kDisorderMs = 1000;

struct Case {
  const char* name;
  int64_t keys;
  int64_t rows_a_second;   ///< Of event time, of each side.
  bool hot;                ///< Half of all rows are of one key.
  double target_millions;
};

auto Rows(const Case& wanted, uint64_t side) {
  return [wanted, side](int64_t i) {
    const uint64_t drawn = HashInteger(static_cast<uint64_t>(i) * 2 + side);
    const int64_t back = static_cast<int64_t>((drawn >> 40) % kDisorderMs);
    const auto key = static_cast<int64_t>((drawn & 0xffffffff) * static_cast<uint64_t>(wanted.keys) >> 32);
    const bool hot = wanted.hot && (drawn >> 63) != 0;
    return Row{hot ? 0 : key, kStartMs + i * 1000 / wanted.rows_a_second - back, i};
  };
}

template <class Join>
Figures RunOnce(const Case& wanted, Join join, int64_t rows, Timing how, const std::string& directory) {
  Pipeline pipeline{"joins"};
  const auto side = [&](const char* id, uint64_t number) {
    const auto make = Rows(wanted, number);
    return pipeline.Source(id, generator::Source<Row, std::remove_const_t<decltype(make)>>{.rows = rows / 2, .make = make})
        .Timestamps(&Row::time, BoundedDisorder{std::chrono::milliseconds(kDisorderMs)})
        .KeyBy(&Row::key);
  };
  const auto pairs = generator::Discard(join(side("left", 0), side("right", 1)));
  const Figures figures = RunOnOneWorker(pipeline, rows, how, directory);
  WEIR_CHECK(pairs->load() > static_cast<uint64_t>(rows) / 10, "a row has about one partner");
  return figures;
}

template <class Join>
void ReportJoin(const Asked& asked, const Case& wanted, Join join) {
  Report(asked, {wanted.name, wanted.keys, wanted.target_millions},
         [&](Timing how) { return RunOnce(wanted, join, asked.rows, how, asked.directory); });
}

/// The ratio of speeds of two backlogs, and how many rows of each second of event time the faster one has.
constexpr int64_t kSpeed = 50;
constexpr int64_t kSparseRowsASecond = 100;
constexpr int64_t kBacklogRowsMax = 5'000'000;

Stream<Row> Backlog(Pipeline& pipeline, const char* id, int64_t rows_a_second, int64_t rows) {
  const auto make = [rows_a_second](int64_t i) {
    const uint64_t drawn = HashInteger(static_cast<uint64_t>(i * kSpeed + rows_a_second));
    return Row{static_cast<int64_t>(drawn % 100'000), kStartMs + i * 1000 / rows_a_second, i};
  };
  return pipeline.Source(id, generator::Source<Row, std::remove_const_t<decltype(make)>>{.rows = rows, .make = make})
      .Timestamps(&Row::time, BoundedDisorder{0ms});
}

bool IsOneOfFifty(const Row& row) { return row.id % kSpeed == 0; }

/// Two backlogs, one of which is fifty times as dense in event time, so that equal reading takes the sparse one fifty times as
/// far: the most state of an interval join at any checkpoint, held against that of the same rows read in step. With `thinned`
/// the join gets as many rows of both.
void ReportBacklog(const Asked& asked, const char* name, bool thinned) {
  if (!asked.Wants(name)) return;
  const int64_t rows = std::min(asked.rows, kBacklogRowsMax);
  const int64_t dense_rows = rows * kSpeed / (kSpeed + 1);
  const auto entries_of = [&](bool in_step, Duration pacing_ahead) {
    Pipeline pipeline{"backlog"};
    const Stream<Row> dense = Backlog(pipeline, "dense", kSparseRowsASecond * kSpeed, dense_rows);
    const Stream<Row> sparse = in_step ? dense.Filter(IsOneOfFifty)
                                       : Backlog(pipeline, "sparse", kSparseRowsASecond, rows - dense_rows);
    const Stream<Row> left = thinned ? dense.Filter(IsOneOfFifty) : dense;
    generator::Discard(left.KeyBy(&Row::key)
                           .IntervalJoin(sparse.KeyBy(&Row::key), Between{-15s, 15s})
                           .Inner("join", [](const Row& l, const Row& r) { return Pair{l.id, r.id}; }));
    return RunOnOneWorker(pipeline, rows, Timing::kWhole, asked.directory, pacing_ahead).entries_max;
  };
  const uint64_t in_step = entries_of(true, Duration::max());
  const auto part = [&](uint64_t entries) { return static_cast<double>(entries) / static_cast<double>(in_step); };
  const uint64_t paced = entries_of(false, Duration::max());
  const uint64_t unpaced = entries_of(false, Duration::zero());
  fmt::print("{:<16} {:>9} rows  1:{}  entries of state: {} in step, {} paced: {:.2f} (target 2), {} without pacing: {:.2f}\n",
             name, rows, kSpeed, in_step, paced, part(paced), unpaced, part(unpaced));
  std::fflush(stdout);
}

void ReportAll(const Asked& asked) {
  const auto pair = [](const Row& left, const Row& right) { return Pair{left.id, right.id}; };
  const auto interval = [pair](const auto& left, const auto& right) {
    return left.IntervalJoin(right, Between{-5s, 5s}).Inner("join", pair);
  };
  const auto outer = [](const auto& left, const auto& right) {
    return left.IntervalJoin(right, Between{-5s, 5s}).Left("join", [](const Row& l, const Row* r) {
      return Pair{l.id, r == nullptr ? -1 : r->id};
    });
  };
  const auto narrow = [pair](const auto& left, const auto& right) {
    return left.IntervalJoin(right, Between{-1ms, 0ms}).Inner("join", pair);
  };
  const auto window = [pair](const auto& left, const auto& right) {
    return left.WindowJoin(right, Tumbling{10s}).Inner("join", pair);
  };
  const auto semi = [](const auto& left, const auto& right) {
    return left.WindowJoin(right, Tumbling{10s}).Semi("join", [](const Row& l) { return Pair{l.id, 0}; });
  };
  ReportJoin(asked, {"interval", 100'000, 10'000, false, 1.5}, interval);
  ReportJoin(asked, {"interval-left", 100'000, 10'000, false, 1.5}, outer);
  ReportJoin(asked, {"interval-hot", 100'000, 2'000, true, 1.5}, narrow);
  ReportJoin(asked, {"window", 100'000, 10'000, false, 1.5}, window);
  ReportJoin(asked, {"window-semi", 100'000, 10'000, false, 1.5}, semi);
  ReportBacklog(asked, "backlog", false);
  ReportBacklog(asked, "backlog-thinned", true);
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  ReportAll(Parse(argc, argv, "Joins by time",
                  {"interval", "interval-left", "interval-hot", "window", "window-semi", "backlog", "backlog-thinned"}, 20));
}
