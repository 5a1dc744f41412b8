// demo_loader: loads records into a topic or a folder at an even pace. Prints "loaded N" a few times a second, N being
// the records that have arrived, and ends when all have.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "tools/demo_support/bid_maker.h"
#include "tools/demo_support/die.h"
#include "tools/demo_support/load_target.h"
#include "tools/demo_support/pace.h"
#include "tools/demo_support/timed_maker.h"
#include "tools/demo_support/window_jobs.h"

namespace demo {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr double kReportSeconds = 0.2;
constexpr int32_t kPartitions = 4;
constexpr int32_t kTimedPartitions = 2;   // TimedMaker's.

struct Asked {
  std::string bootstrap;
  std::string target;
  std::string job = "auction-totals";
  uint64_t records = 2'000'000;
  double seconds = 60;
  uint64_t seed = 1;
  bool hold = false;
};

bool InputHasEnded() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (poll(&input, 1, 0) <= 0) return false;
  std::array<char, 64> ignored;
  return read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0;
}

void Report(const LoadTarget& target) {
  fmt::print("loaded {}\n", target.arrived());
  std::fflush(stdout);
}

std::unique_ptr<RecordMaker> NewMaker(const Asked& asked) {
  if (asked.job == "auction-totals") return std::make_unique<BidMaker>(asked.seed);
  const WindowJob* job = FindWindowJob(asked.job);
  if (job == nullptr) Die(fmt::format("there is no job {}: auction-totals, {}", asked.job, WindowJobNames()));
  return std::make_unique<TimedMaker>(*job, asked.seed);
}

void Load(const Asked& asked, const RecordMaker& maker, LoadTarget& target) {
  Pace pace({asked.records, asked.seconds, asked.hold});
  const auto begin = Clock::now();
  bool released = false;
  double reported = 0;
  std::string json;
  Report(target);
  for (uint64_t made = 0; made < asked.records;) {
    const double now = std::chrono::duration<double>(Clock::now() - begin).count();
    released = released || (asked.hold && InputHasEnded());
    for (const uint64_t due = pace.DueAt(now, released); made < due; ++made) {
      const uint64_t choice = maker.Make(made, &json);
      target.Add(choice, json);
    }
    target.Pass();
    if (now - reported >= kReportSeconds) {
      reported = now;
      Report(target);
    }
    std::this_thread::sleep_for(kTick);
  }
  target.Finish();
  Report(target);
}

}  // namespace
}  // namespace demo

int main(int argc, char** argv) {
  CLI::App app{"Loads records for a job of the demo, as JSON, into the partitions of a topic or into files of a folder."};
  demo::Asked asked;
  app.add_option("--bootstrap", asked.bootstrap, "the broker's host:port; without it the target is a folder");
  app.add_option("--target", asked.target, "topic (which exists) or folder (which exists)")->required();
  app.add_option("--job", asked.job, "whose input it is")->capture_default_str();
  app.add_option("--records", asked.records, "how many records")->capture_default_str();
  app.add_option("--seconds", asked.seconds, "how long loading takes")->capture_default_str();
  app.add_option("--seed", asked.seed, "the same seed makes the same records")->capture_default_str();
  app.add_flag("--hold", asked.hold,
               "keep some records back, and let only a trickle of them pass, until standard input ends");
  CLI11_PARSE(app, argc, argv);
  const auto maker = demo::NewMaker(asked);
  const int32_t partitions = asked.job == "auction-totals" ? demo::kPartitions : demo::kTimedPartitions;
  const auto target = asked.bootstrap.empty() ? demo::NewFolderTarget(asked.target, partitions)
                                              : demo::NewTopicTarget(asked.bootstrap, asked.target, partitions);
  demo::Load(asked, *maker, *target);
  return 0;
}
