// What one worker does without a broker: generator -> keyBy -> window -> counting sink, with a real checkpoint (RocksDB, fsync)
// every second. Rows are out of order by up to a second. CPU of the worker thread alone.
#include <chrono>
#include <memory>

#include "benchmarks/engine/report.h"
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
  bool steps_count = false;
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
void ReportWindows(const Asked& asked, const Case& wanted, W window) {
  Report(asked, {wanted.name, wanted.keys, wanted.target_millions, wanted.steps_count},
         [&](Timing how) { return RunOnce(wanted, window, asked.rows, how, asked.directory); });
}

void ReportAll(const Asked& asked) {
  ReportWindows(asked, {"tumbling", 100'000, 8}, Tumbling{.size = 10s});
  ReportWindows(asked, {"sliding", 100'000, 5}, Sliding{.size = 10s, .slide = 2s});
  ReportWindows(asked, {"session", 100'000, 3, Activity::kInTurns}, Session{.gap = 2s});
  ReportWindows(asked, {"short-sessions", 100'000, 0}, Session{.gap = 250ms});
  ReportWindows(asked, {"firing", 1'000'000, 0, Activity::kSteady, true}, Tumbling{.size = 10s});
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  using namespace weir::bench;
  ReportAll(Parse(argc, argv, "Windows", {"tumbling", "sliding", "session", "short-sessions", "firing"}, 100));
}
