#include <fmt/format.h>
#include <signal.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/fault/harness/crash_plan.h"

namespace weir::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Millis kLifeMax{40'000};
constexpr size_t kBidsAfterwards = 500;
constexpr size_t kJobsAtATime = 3;

/// Runs one life that its crash point ends; what is wrong with how it ended.
Status RunToItsDeath(JobRig& rig, const std::string& points, Standing* last) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start(points));
  const std::optional<Ending> ending = rig.FeedUntilEnd(*life, kLifeMax);
  *last = life->standing();
  if (!ending.has_value()) return Internal(points + " was never met");
  if (ending->signal == SIGKILL) return {};
  return Internal(fmt::format("{}: the job ended by itself, exit code {}", points, ending->exit_code.value_or(-1)));
}

std::string PointOfFirstLife(const CrashCase& crash) {
  if (crash.restored == 0) return fmt::format("{}:{}", crash.point, crash.occurrence);
  const bool by_marker = crash.sinks != Sinks::kFile;
  return fmt::format("{}:{}", by_marker ? "commit.witnessed" : "checkpoint.current_written", crash.restored);
}

Status Crash(JobRig& rig, const CrashCase& crash, Standing* at_death) {
  WEIR_RETURN_IF_ERROR(RunToItsDeath(rig, PointOfFirstLife(crash), at_death));
  if (crash.checkpoint > 0 &&
      (at_death->triggered < crash.checkpoint || at_death->triggered > crash.checkpoint + crash.late)) {
    return Internal(fmt::format("met in checkpoint {}, meant was {}", at_death->triggered, crash.checkpoint));
  }
  if (crash.restored == 0) return {};
  return RunToItsDeath(rig, fmt::format("{}:{}", crash.point, crash.occurrence), at_death);
}

Result<Judgement> GoOn(JobRig& rig) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start());
  WEIR_RETURN_IF_ERROR(rig.feed().Add(kBidsAfterwards));
  return rig.Finish(*life);
}

}  // namespace

CaseOutcome RunCrashCase(const std::string& bootstrap, const CrashCase& crash, uint64_t seed) {
  const auto began = Clock::now();
  auto rig = JobRig::New({.bootstrap = bootstrap, .name = "crash", .sinks = crash.sinks, .seed = seed});
  if (!rig.ok()) return {false, crash.Name() + ": " + rig.status().ToString()};
  JobRig& job = **rig;
  Standing at_death;
  Judgement judgement;
  const Status crashed = Crash(job, crash, &at_death);
  if (!crashed.ok()) judgement.problems.push_back(crashed.message());
  Result<Judgement> judged = GoOn(job);
  if (judged.ok()) {
    judged->problems.insert(judged->problems.begin(), judgement.problems.begin(), judgement.problems.end());
    judgement = std::move(judged).value();
  } else {
    judgement.problems.push_back(judged.status().message());
  }
  CaseOutcome outcome{judgement.problems.empty(), {}};
  outcome.text = fmt::format("{} {:<60} checkpoint {:>2}  {:>5} in {:>5} out {:>3} markers  {:.1f} s",
                             outcome.passed ? "ok  " : "FAIL", crash.Name(), at_death.triggered, judgement.in,
                             judgement.out, judgement.markers,
                             std::chrono::duration<double>(Clock::now() - began).count());
  for (const std::string& problem : judgement.problems) outcome.text += "\n       " + problem;
  if (!outcome.passed) outcome.text += "\n       see " + job.keep() + ", job " + job.places().job;
  return outcome;
}

bool RunCrashCases(const std::string& bootstrap, const std::vector<CrashCase>& cases, uint64_t seed) {
  std::atomic<size_t> next{0};
  std::atomic<size_t> passed{0};
  std::mutex screen;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kJobsAtATime; ++i) {
    threads.emplace_back([&] {
      for (size_t mine = next++; mine < cases.size(); mine = next++) {
        const CaseOutcome outcome = RunCrashCase(bootstrap, cases[mine], seed + mine);
        passed += outcome.passed ? 1 : 0;
        const std::lock_guard lock(screen);
        fmt::print("{}\n", outcome.text);
        std::fflush(stdout);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  fmt::print("crash matrix: {} of {} cases exactly once\n", passed.load(), cases.size());
  return passed == cases.size();
}

}  // namespace weir::test
