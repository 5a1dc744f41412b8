// weir-sim: runs simulated seeds on all cores, says what they came by, and finds planted mistakes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "tests/simulation/world/mutants.h"
#include "tests/simulation/world/seed_runs.h"
#include "tests/simulation/world/seed_workers.h"
#include "tests/simulation/world/shrink.h"
#include "tests/support/run_scale.h"

namespace weir::simulation {
namespace {

constexpr uint64_t kShrinkingRunsMax = 400;
/// The number of seeds that a promise about places is made for.
constexpr uint64_t kSeedsOfAPromise = 20'000;
constexpr uint64_t kSeedsForAMutant = 10'000;
constexpr size_t kWordsInTheTable = 90;

struct Asked {
  std::vector<std::string> jobs;
  std::vector<std::string> knobs;
  std::optional<uint64_t> seed;
  std::optional<uint64_t> first;
  std::optional<uint64_t> seeds;
  double seconds = 0;
  double seconds_quick = 0;
  double seconds_full = 0;
  double hours = 0;
  unsigned workers = std::max(1u, std::thread::hardware_concurrency());
  uint64_t covered = 0;
  bool log = false;
  bool mutants = false;
  std::vector<std::string> mutant;
};

std::vector<JobKind> KindsOf(const Asked& asked) {
  std::vector<JobKind> kinds;
  for (const JobKind kind : kJobKinds) {
    const std::string name(NameOf(kind));
    if (asked.jobs.empty() || std::ranges::count(asked.jobs, name) > 0) kinds.push_back(kind);
  }
  return kinds;
}

/// Scenarios that take turns of the jobs, from a first seed on.
class Draw {
 public:
  Draw(const Asked& asked, uint64_t first) : kinds_(KindsOf(asked)), knobs_(asked.knobs), first_(first) {}
  Scenario operator()(uint64_t index) const {
    Scenario scenario = DrawScenario(kinds_[index % kinds_.size()], first_ + index);
    for (const std::string& knob : knobs_) {
      const Status set = SetKnob(scenario, knob);
      WEIR_CHECK(set.ok(), set.message());   // The command line was checked before.
    }
    return scenario;
  }

 private:
  const std::vector<JobKind> kinds_;
  const std::vector<std::string> knobs_;
  const uint64_t first_;
};

/// One scenario in a process of its own.
SeedResult RunOnce(const Scenario& scenario) {
  SeedResult only;
  SeedWork work;
  work.count = 1;
  work.scenario_of = [&](uint64_t) { return scenario; };
  work.on_result = [&](const SeedResult& result) { only = result; };
  RunInWorkers(work);
  return only;
}

std::string Words(const SeedResult& result) {
  if (result.problems.empty()) return "a broken invariant ended the process, " + result.died;
  return fmt::format("{}: {}", NameOf(result.problems.front().damage), result.problems.front().text);
}

bool FailsAlike(const SeedResult& a, const SeedResult& b) {
  if (a.problems.empty() || b.problems.empty()) return !a.died.empty() && !b.died.empty();
  return a.problems.front().damage == b.problems.front().damage;
}

void SayFailure(const Scenario& scenario, const SeedResult& failure) {
  fmt::print("FAILED\n{}", DescribeFailure(scenario, failure.problems));
  if (!failure.died.empty()) fmt::print("  {}\n", Words(failure));
  std::fflush(stdout);
  const Scenario smaller = Shrink(scenario, kShrinkingRunsMax, [&](const Scenario& candidate) {
    return FailsAlike(failure, RunOnce(candidate));
  });
  const SeedResult again = RunOnce(smaller);
  std::string sets;
  for (const Knob& knob : Knobs()) {
    if (knob.get(smaller) != knob.get(scenario)) sets += fmt::format(" --set {}={}", knob.name, knob.get(smaller));
  }
  fmt::print("the smallest that fails alike, {} steps: {}\n  {}\nagain: {}{} --log\n", again.counts.steps,
             smaller.Describe(), Words(again), WayToRepeat(scenario), sets);
}

int RunOneSeed(const Asked& asked) {
  const Scenario scenario = Draw(asked, *asked.seed)(0);
  const RunReport report = RunScenario(scenario, asked.log ? LogLevel::kDebug : LogLevel::kError);
  SeedStatistics statistics;
  statistics.Add(report.counts);
  fmt::print("{} trace {:016x}\n", statistics.Text(1), report.counts.trace_hash);
  if (report.problems.empty()) return 0;
  fmt::print("FAILED\n{}", DescribeFailure(scenario, report.problems));
  return 1;
}

/// How many seeds came by each place; true if all did often enough.
bool SayCoverage(const std::vector<uint64_t>& seeds_at, uint64_t seeds, uint64_t covered) {
  const bool promised = covered > 0 && seeds >= kSeedsOfAPromise;
  bool all = true;
  fmt::print("places, by seeds that came by{}:\n",
             promised ? fmt::format(" ({} of {} wanted)", covered, kSeedsOfAPromise) : "");
  std::vector<size_t> order(seeds_at.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](size_t i) { return seeds_at[i]; });
  for (const size_t i : order) {
    const bool rare = promised && seeds_at[i] * kSeedsOfAPromise < covered * seeds;
    all = all && !rare;
    fmt::print("  {:>7}  {}{}\n", seeds_at[i], PlaceNames()[i], rare ? "   NOT COVERED" : "");
  }
  return all;
}

/// How long a run lasts, zero where it ends by a count.
double SecondsOf(const Asked& asked) {
  if (asked.hours > 0) return asked.hours * 3600;
  if (test::IsFullRun() && asked.seconds_full > 0) return asked.seconds_full;
  if (test::IsQuickRun() && asked.seconds_quick > 0) return asked.seconds_quick;
  return asked.seconds;
}

int RunManySeeds(const Asked& asked) {
  const uint64_t first = asked.first.has_value() ? *asked.first : FirstSeed();
  const Draw draw(asked, first);
  const double seconds = SecondsOf(asked);
  SeedWork work;
  work.workers = asked.workers;
  work.count = asked.seeds.value_or(seconds > 0 ? UINT64_MAX / 2 : kSeedsOfAPromise);
  if (seconds > 0) work.longest = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  work.scenario_of = draw;
  SeedStatistics statistics;
  std::vector<uint64_t> seeds_at(PlaceNames().size());
  std::optional<SeedResult> failure;
  work.on_result = [&](const SeedResult& result) {
    if (result.failed()) failure = result;
    if (result.died.empty()) statistics.Add(result.counts);
    for (const uint32_t place : result.reached) ++seeds_at[place];
  };
  fmt::print("seeds from {} on\n", first);
  std::fflush(stdout);   // Whoever ends this from outside wants to know.
  const auto began = std::chrono::steady_clock::now();
  RunInWorkers(work);
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  fmt::print("{}", statistics.Text(took));
  const bool covered = SayCoverage(seeds_at, statistics.runs(), asked.covered);
  if (failure.has_value()) SayFailure(draw(failure->index), *failure);
  return failure.has_value() || !covered ? 1 : 0;
}

#ifdef WEIR_MUTANTS
/// A line of the table; false if the mistake was not found.
bool Hunt(const Asked& asked, const MutantCase& mutant) {
  const Draw draw(asked, asked.first.value_or(1));
  std::optional<SeedResult> found;
  SeedWork work;
  work.workers = asked.workers;
  work.count = asked.seeds.value_or(kSeedsForAMutant);
  work.scenario_of = [&](uint64_t index) {
    Scenario scenario = draw(index);
    mutant.change(scenario);
    return scenario;
  };
  work.on_result = [&](const SeedResult& result) {
    if (result.failed()) found = result;
  };
  Plant(mutant.mutant);
  RunInWorkers(work);
  Plant(Mutant::kNone);
  std::string words = found.has_value() ? Words(*found) : "NOT FOUND";
  std::ranges::replace(words, '\n', ' ');
  fmt::print("| {} | {} | {} | {} |\n", mutant.name, mutant.mistake, found.has_value() ? found->index + 1 : work.count,
             words.substr(0, kWordsInTheTable));
  std::fflush(stdout);
  return found.has_value();
}

int HuntAll(const Asked& asked) {
  bool all = true;
  fmt::print("| mutant | mistake | seeds | found by |\n|---|---|---|---|\n");
  for (const MutantCase& mutant : MutantCases()) {
    if (!asked.mutant.empty() && std::ranges::count(asked.mutant, mutant.name) == 0) continue;
    all = Hunt(asked, mutant) && all;
  }
  return all ? 0 : 1;
}
#else
int HuntAll(const Asked&) {
  fmt::print(stderr, "weir-sim: no mistakes are planted in this build; cmake --preset mutants makes one that has them\n");
  return 2;
}
#endif

int Main(int argc, char** argv) {
  Asked asked;
  CLI::App app{"Runs whole jobs in simulated worlds, one a seed, and judges all that comes out."};
  std::vector<std::string> jobs;
  for (const JobKind kind : kJobKinds) jobs.emplace_back(NameOf(kind));
  std::vector<std::string> mutants;
  for (const MutantCase& mutant : MutantCases()) mutants.push_back(mutant.name);
  app.add_option("--job", asked.jobs, "only these jobs")->check(CLI::IsMember(jobs));
  app.add_option("--seed", asked.seed, "one seed, in this process");
  app.add_flag("--log", asked.log, "with --seed: the engine's log, and what happens to it, on standard error");
  app.add_option("--first", asked.first, "the first seed; default: WEIR_TEST_SEED, else any");
  app.add_option("--seeds", asked.seeds, "how many");
  app.add_option("--seconds", asked.seconds, "fresh seeds for so long");
  app.add_option("--seconds-quick", asked.seconds_quick, "the same, where WEIR_TEST_QUICK is set");
  app.add_option("--seconds-full", asked.seconds_full, "the same, where WEIR_TEST_FULL is set");
  app.add_option("--hours", asked.hours, "the same");
  app.add_option("--workers", asked.workers, "processes; default: one a core")->check(CLI::PositiveNumber);
  app.add_option("--covered", asked.covered,
                 fmt::format("fail unless each place is reached by so many of {} seeds, if there are as many",
                             kSeedsOfAPromise));
  app.add_option("--set", asked.knobs, "knob=value: changes each scenario")->check([](const std::string& text) {
    Scenario any;
    return std::string(SetKnob(any, text).message());
  });
  app.add_flag("--mutants", asked.mutants, "plant one mistake after the other, and say how many seeds find it");
  app.add_option("--mutant", asked.mutant, "only these mistakes")->check(CLI::IsMember(mutants));
  CLI11_PARSE(app, argc, argv);
  if (asked.mutants || !asked.mutant.empty()) return HuntAll(asked);
  if (asked.seed.has_value() && asked.jobs.size() != 1) {
    fmt::print(stderr, "weir-sim: --seed wants to know which --job\n");
    return 2;
  }
  return asked.seed.has_value() ? RunOneSeed(asked) : RunManySeeds(asked);
}

}  // namespace
}  // namespace weir::simulation

int main(int argc, char** argv) { return weir::simulation::Main(argc, argv); }
