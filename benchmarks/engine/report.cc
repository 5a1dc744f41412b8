#include "benchmarks/engine/report.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace weir::bench {
namespace {

constexpr double kStepP999MsMax = 2;
constexpr double kStepMsMax = 5;
/// What was hardly ever saved was not measured at what it claims.
constexpr double kCommitsASecondMin = 0.9;

std::string Target(double value) { return value > 0 ? fmt::format("target {}", value) : "no target"; }

}  // namespace

Asked Parse(int argc, char** argv, const std::string& what, const std::vector<std::string>& cases, int64_t default_millions) {
  CLI::App app{what + " on one worker, without a broker"};
  Asked asked;
  int64_t millions = default_millions;
  asked.directory = (std::filesystem::temp_directory_path() / ("weir-" + std::filesystem::path(argv[0]).filename().string())).string();
  app.add_option("--runs", asked.runs, "runs a case, of which the median is printed")->check(CLI::PositiveNumber);
  app.add_option("--millions", millions, "millions of rows a run")->check(CLI::PositiveNumber);
  app.add_option("--only", asked.only, "one case")->check(CLI::IsMember(cases));
  app.add_option("--directory", asked.directory, "where checkpoints go; emptied first");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  asked.rows = millions * 1'000'000;
  return asked;
}

void Report(const Asked& asked, const CaseNumbers& numbers, const std::function<Figures(Timing)>& run_once) {
  if (!asked.Wants(numbers.name)) return;
  std::vector<double> rates;
  double commits = 0;
  double wall = 0;
  double others = 0;
  for (int run = 0; run < asked.runs; ++run) {
    const Figures figures = run_once(Timing::kWhole);
    rates.push_back(figures.rows_per_worker_second / 1e6);
    commits += static_cast<double>(figures.commits);
    wall += figures.wall_seconds;
    others += figures.other_seconds;
  }
  fmt::print("{:<16} {:>9} keys  {:6.2f} M rows per worker CPU-s ({})  other threads {:.2f} CPU-s/s  {:.2f} checkpoints/s{}\n",
             numbers.name, numbers.keys, Median(rates), Target(numbers.target_millions), others / wall, commits / wall,
             commits / wall < kCommitsASecondMin ? "  DOES NOT COUNT: too few" : "");
  const Figures timed = run_once(Timing::kSteps);
  fmt::print("{:<16} {:>9} keys  step CPU p99.9 {:.2f} ms ({}), max {:.2f} ms ({})\n", numbers.name, numbers.keys,
             timed.step_p999_ms, Target(numbers.steps_count ? kStepP999MsMax : 0), timed.step_max_ms,
             Target(numbers.steps_count ? kStepMsMax : 0));
  std::fflush(stdout);
  std::filesystem::remove_all(asked.directory);
}

}  // namespace weir::bench
