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
/// Of the life that is asked to end: its only checkpoint is the last one. An interval does not do: the first checkpoint
/// after a start comes at once, whatever it is.
constexpr const char* kNoCheckpoint = "execution.checkpointing.min-pause=60s";
constexpr const char* kCheckpointsAgain = "execution.checkpointing.min-pause=0s";
constexpr Millis kBeforeTheEnd{200};

Status CheckKilled(const std::optional<Ending>& ending, const std::string& points) {
  if (!ending.has_value()) return Internal(points + " was never met");
  if (ending->signal == SIGKILL) return {};
  return Internal(fmt::format("{}: the job ended by itself, exit code {}", points, ending->exit_code.value_or(-1)));
}

/// Runs one life that its crash point ends; what is wrong with how it ended.
Status RunToItsDeath(JobRig& rig, const std::string& points, Standing* last) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start(points));
  const std::optional<Ending> ending = rig.FeedUntilEnd(*life, kLifeMax);
  *last = life->standing();
  return CheckKilled(ending, points);
}

/// Likewise, but it is met when the job is asked to end.
Status EndToItsDeath(JobRig& rig, const std::string& points, Standing* last) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start(points));
  const bool runs = life->WaitUntil([](const Standing& now) { return now.running; }, kLifeMax);
  if (!runs) return Internal("the job does not start");
  (void)rig.FeedUntil(*life, Never, kBeforeTheEnd);
  life->Signal(SIGTERM);
  const std::optional<Ending> ending = life->WaitForEnd(kLifeMax);
  *last = life->standing();
  WEIR_RETURN_IF_ERROR(CheckKilled(ending, points));
  return last->messages.contains("stopping") ? Status() : Internal(points + " was met before the job was asked to end");
}

/// One life from start to a good end.
Status RunToItsEnd(JobRig& rig) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start());
  const bool commits = rig.FeedUntil(*life, [](const Standing& now) { return now.commits > 0; }, kLifeMax);
  if (!commits) return Internal("the job commits nothing");
  return rig.End(*life);
}

/// Lives before the one in which the point is met.
Status LiveBefore(JobRig& rig, const CrashCase& crash, Standing* at_death) {
  if (crash.restored == 0) return crash.ends ? RunToItsEnd(rig) : Status();
  const bool by_marker = crash.sinks != Sinks::kFile;
  const char* committed = by_marker ? "commit.witnessed" : "checkpoint.current_written";
  return RunToItsDeath(rig, fmt::format("{}:{}", committed, crash.restored), at_death);
}

Status Crash(JobRig& rig, const CrashCase& crash, Standing* at_death) {
  WEIR_RETURN_IF_ERROR(LiveBefore(rig, crash, at_death));
  const std::string point = fmt::format("{}:{}", crash.point, crash.occurrence);
  if (crash.ends && crash.restored > 0) {
    rig.Define(kNoCheckpoint);
    const Status ended = EndToItsDeath(rig, point, at_death);
    rig.Define(kCheckpointsAgain);
    WEIR_RETURN_IF_ERROR(ended);
  } else {
    WEIR_RETURN_IF_ERROR(RunToItsDeath(rig, point, at_death));
  }
  if (crash.checkpoint > 0 &&
      (at_death->triggered < crash.checkpoint || at_death->triggered > crash.checkpoint + crash.late)) {
    return Internal(fmt::format("met in checkpoint {}, meant was {}", at_death->triggered, crash.checkpoint));
  }
  return {};
}

Result<Judgement> GoOn(JobRig& rig) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig.Start());
  WEIR_RETURN_IF_ERROR(rig.feed().Add(kBidsAfterwards));
  return rig.Finish(*life);
}

}  // namespace

CaseOutcome RunCrashCase(const std::string& bootstrap, const CrashCase& crash, uint64_t seed) {
  const auto began = Clock::now();
  auto rig = JobRig::New({.bootstrap = bootstrap, .name = "crash", .sinks = crash.sinks, .seed = seed,
                          .parallelism = crash.parallelism});
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
  outcome.text = fmt::format("{} {:<66} checkpoint {:>2}  {:>5} in {:>5} out {:>3} markers  {} recoveries  {:.1f} s",
                             outcome.passed ? "ok  " : "FAIL", crash.Name(), at_death.triggered, judgement.in,
                             judgement.out, judgement.markers, job.starts() - 1,
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
