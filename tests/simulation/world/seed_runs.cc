#include "tests/simulation/world/seed_runs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <numeric>

#include "tests/support/run_scale.h"

namespace weir::simulation {
namespace {

constexpr size_t kProblemsShown = 8;

/// Of the run under way, for a broken invariant that ends the process.
char running_now[256] = "";

void SayWhatRan(int number) {
  // What failed is made again when this returns, and then it ends the process.
  std::signal(number, SIG_DFL);
  const ssize_t written = write(STDERR_FILENO, running_now, std::char_traits<char>::length(running_now));
  (void)written;
}

}  // namespace

std::string WayToRepeat(const Scenario& scenario) {
  return fmt::format("weir-sim --job {} --seed {}", NameOf(scenario.kind), scenario.seed);
}

RunReport RunScenario(const Scenario& scenario, LogLevel level) {
  ConfigureLogging(level, LogFormat::kText);
  std::signal(SIGABRT, SayWhatRan);
  std::signal(SIGSEGV, SayWhatRan);
  std::snprintf(running_now, sizeof running_now, "while simulating: %s\n", WayToRepeat(scenario).c_str());
  return Simulation(scenario).Run();
}

std::string SeedStatistics::Text(double seconds) const {
  const auto line = [&](const char* what, auto of) {
    std::vector<uint64_t> values;
    for (const RunCounts& counts : counts_) values.push_back(of(counts));
    std::sort(values.begin(), values.end());
    const uint64_t sum = std::accumulate(values.begin(), values.end(), uint64_t{0});
    return fmt::format("  {:<20} median {:>7}  most {:>7}  sum {:>9}\n", what, values[values.size() / 2], values.back(), sum);
  };
  if (counts_.empty()) return "no seeds\n";
  return fmt::format("{} seeds in {:.1f} s: {:.0f} a minute\n", counts_.size(), seconds,
                     static_cast<double>(counts_.size()) * 60 / seconds) +
         line("operators", [](const RunCounts& r) { return r.operators; }) +
         line("rows", [](const RunCounts& r) { return r.rows; }) +
         line("checkpoints", [](const RunCounts& r) { return r.checkpoints; }) +
         line("disturbances", [](const RunCounts& r) { return r.disturbances; }) +
         line("broker faults", [](const RunCounts& r) { return r.broker_faults; }) +
         line("processes", [](const RunCounts& r) { return r.processes; }) +
         line("engines rebuilt", [](const RunCounts& r) { return r.rebuilds; }) +
         line("fenced", [](const RunCounts& r) { return r.fenced; }) +
         line("on RocksDB", [](const RunCounts& r) { return r.rocksdb; }) +
         line("steps", [](const RunCounts& r) { return r.steps; }) +
         line("virtual ms", [](const RunCounts& r) {
           return static_cast<uint64_t>(r.virtual_time / std::chrono::milliseconds(1));
         });
}

std::string DescribeFailure(const Scenario& scenario, const Problems& problems) {
  std::string text = fmt::format("{} seed {}: {}\n", NameOf(scenario.kind), scenario.seed, scenario.Describe());
  for (size_t i = 0; i < std::min(problems.size(), kProblemsShown); ++i) {
    text += fmt::format("  {}: {}\n", NameOf(problems[i].damage), problems[i].text);
  }
  if (problems.size() > kProblemsShown) text += fmt::format("  and {} more\n", problems.size() - kProblemsShown);
  return text + "again: " + WayToRepeat(scenario) + "\n";
}

uint64_t FirstSeed() {
  constexpr uint64_t kShortEnoughToBeTyped = 1'000'000'000;
  return test::TestSeed() % kShortEnoughToBeTyped;
}

std::optional<DamagedSeed> FindDamage(JobKind kind, uint64_t count, const std::function<void(Scenario&)>& change,
                                      const std::function<bool(Damage)>& counts) {
  for (uint64_t seed = 1; seed <= count; ++seed) {
    Scenario scenario = DrawScenario(kind, seed);
    change(scenario);
    const RunReport report = RunScenario(scenario);
    const auto found = std::find_if(report.problems.begin(), report.problems.end(),
                                    [&](const Problem& problem) { return counts(problem.damage); });
    if (found != report.problems.end()) return DamagedSeed{seed, *found};
  }
  return std::nullopt;
}

}  // namespace weir::simulation
