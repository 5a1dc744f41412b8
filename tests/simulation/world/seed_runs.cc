#include "tests/simulation/world/seed_runs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "runtime/base/log.h"
#include "tests/support/run_scale.h"

namespace weir::simulation {
namespace {

constexpr size_t kProblemsShown = 8;

/// Of the run under way, for a broken invariant that ends the process.
char running_now[256] = "";

void SayWhatRan(int) {
  const ssize_t written = write(STDERR_FILENO, running_now, std::char_traits<char>::length(running_now));
  (void)written;
}

std::string WayToRepeat(const Scenario& scenario) {
  return fmt::format("again: WEIR_SEED={} simulation --gtest_filter='SimulatedRun.*{}'\n", scenario.seed,
                     TestNameOf(scenario.kind));
}

std::optional<uint64_t> NumberFromEnvironment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

void ConfigureLog() {
  const bool one_seed = std::getenv("WEIR_SEED") != nullptr;
  ConfigureLogging(one_seed ? LogLevel::kDebug : LogLevel::kError, LogFormat::kText);
}

}  // namespace

std::string_view TestNameOf(JobKind kind) {
  switch (kind) {
    case JobKind::kAuctionTotals: return "AuctionTotals";
    case JobKind::kTwoExchanges: return "TwoExchanges";
    case JobKind::kFiles: return "Files";
    case JobKind::kBothSinks: return "BothSinks";
  }
  return "*";
}

RunReport RunScenario(const Scenario& scenario) {
  ConfigureLog();
  std::signal(SIGABRT, SayWhatRan);
  std::signal(SIGSEGV, SayWhatRan);
  const std::string note = fmt::format("while simulating seed {} of {}; {}", scenario.seed, NameOf(scenario.kind),
                                       WayToRepeat(scenario));
  std::snprintf(running_now, sizeof running_now, "%s", note.c_str());
  return Simulation(scenario).Run();
}

void SeedStatistics::Add(const RunReport& report) { reports_.push_back(report); }

std::string SeedStatistics::Text(double seconds) const {
  const auto line = [&](const char* what, auto of) {
    std::vector<uint64_t> values;
    for (const RunReport& report : reports_) values.push_back(of(report));
    std::sort(values.begin(), values.end());
    const uint64_t sum = std::accumulate(values.begin(), values.end(), uint64_t{0});
    return fmt::format("  {:<20} median {:>7}  most {:>7}  sum {:>9}\n", what, values[values.size() / 2], values.back(), sum);
  };
  if (reports_.empty()) return "no seeds\n";
  return fmt::format("{} seeds in {:.1f} s: {:.0f} a minute\n", reports_.size(), seconds,
                     static_cast<double>(reports_.size()) * 60 / seconds) +
         line("rows", [](const RunReport& r) { return r.rows; }) +
         line("checkpoints", [](const RunReport& r) { return r.checkpoints; }) +
         line("disturbances", [](const RunReport& r) { return r.disturbances; }) +
         line("broker faults", [](const RunReport& r) { return r.broker_faults; }) +
         line("processes", [](const RunReport& r) { return r.processes; }) +
         line("engines rebuilt", [](const RunReport& r) { return r.rebuilds; }) +
         line("fenced", [](const RunReport& r) { return r.fenced; }) +
         line("steps", [](const RunReport& r) { return r.steps; }) +
         line("virtual ms", [](const RunReport& r) { return static_cast<uint64_t>(r.virtual_time / std::chrono::milliseconds(1)); });
}

std::string DescribeFailure(const Scenario& scenario, const RunReport& report) {
  std::string text = scenario.Describe() + "\n";
  for (size_t i = 0; i < std::min(report.problems.size(), kProblemsShown); ++i) {
    text += fmt::format("  {}: {}\n", NameOf(report.problems[i].damage), report.problems[i].text);
  }
  if (report.problems.size() > kProblemsShown) {
    text += fmt::format("  and {} more\n", report.problems.size() - kProblemsShown);
  }
  return text + WayToRepeat(scenario);
}

std::string RunSeeds(JobKind kind, uint64_t count) {
  const std::optional<uint64_t> only = NumberFromEnvironment("WEIR_SEED");
  const std::optional<uint64_t> seconds = NumberFromEnvironment("WEIR_SIMULATED_SECONDS");
  const uint64_t first = only.has_value() ? *only : FirstSeed();
  if (only.has_value()) count = 1;
  fmt::print("{} from seed {}\n", NameOf(kind), first);
  std::fflush(stdout);   // Whoever ends this from outside wants to know.
  const auto began = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  SeedStatistics statistics;
  std::string failure;
  for (uint64_t i = 0; failure.empty(); ++i) {
    const bool timed = seconds.has_value() && !only.has_value();
    if (timed ? elapsed() >= static_cast<double>(*seconds) : i >= count) break;
    const Scenario scenario = DrawScenario(kind, first + i);
    const RunReport report = RunScenario(scenario);
    statistics.Add(report);
    if (!report.problems.empty()) failure = DescribeFailure(scenario, report);
  }
  fmt::print("{}", statistics.Text(elapsed()));
  return failure;
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
