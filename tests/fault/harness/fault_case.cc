#include <fmt/format.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "environment/exit_codes.h"
#include "tests/fault/harness/fault_plan.h"

namespace weir::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Millis kStruckMax{40'000};
constexpr Millis kOverMax{10'000};
/// From the end of the fault to the next commits.
constexpr Millis kProgressMax{30'000};
constexpr uint64_t kCommitsAfterwards = 2;
constexpr size_t kBidsAfterwards = 200;
/// Most of a case is waiting for a client's time-outs.
constexpr size_t kJobsAtATime = 6;

/// Requests that a job makes only when it starts, or looks for another coordinator.
bool IsMadeAtAStart(Api api) { return api == Api::kInitProducerId || api == Api::kFindCoordinator; }

/// A job and whoever starts it again where its exit code asks for that.
class SupervisedJob {
 public:
  explicit SupervisedJob(JobRig& rig) : rig_(rig) {}

  Status Start() {
    WEIR_ASSIGN_OR_RETURN(life_, rig_.Start());
    return {};
  }
  /// Adds bids until `condition`. What was committed is counted over all processes.
  Status FeedUntil(const std::function<bool(const Standing&)>& condition, Millis longest, const std::string& what) {
    const auto until = Clock::now() + longest;
    while (Clock::now() < until) {
      const auto left = std::chrono::ceil<Millis>(until - Clock::now());
      if (rig_.FeedUntil(*life_, condition, left)) return {};
      const std::optional<Ending> ending = life_->WaitForEnd(Millis(0));
      if (!ending.has_value()) continue;
      Note();
      if (ending->exit_code != kExitRestartProcess) {
        return Internal(fmt::format("the job ended by itself, exit code {}, signal {}", ending->exit_code.value_or(-1),
                                    ending->signal.value_or(0)));
      }
      WEIR_RETURN_IF_ERROR(Start());
    }
    return Unavailable(fmt::format("{} took more than {} s", what, longest.count() / 1000));
  }
  void Kill() {
    life_->Kill();
    Note();
  }
  uint64_t committed() const { return std::max(committed_, life_->standing().committed); }
  uint64_t engines() const { return engines_ + 1 + life_->standing().restarts; }
  JobLife& life() { return *life_; }

 private:
  void Note() {
    committed_ = committed();
    engines_ = engines();
  }

  JobRig& rig_;
  std::unique_ptr<JobLife> life_;
  uint64_t committed_ = 0;
  uint64_t engines_ = 0;   // Of the lives before.
};

/// What is known of a case when it ends, however it ends.
struct Course {
  bool struck = false;
  Millis recovery{0};
  uint64_t engines = 0;
};

/// Until the fault has struck. What a job asks for at its start only, it is started for again.
Status MeetTheFault(SupervisedJob& job, const FaultCase& fault, const Strike& strike) {
  const auto until = Clock::now() + kStruckMax;
  while (!strike.struck() && Clock::now() < until) {
    const bool again = IsMadeAtAStart(fault.api);
    WEIR_RETURN_IF_ERROR(job.FeedUntil(
        [&](const Standing& now) { return strike.struck() || (again && now.commits > 0); }, kStruckMax, "the fault"));
    if (strike.struck()) break;
    job.Kill();
    WEIR_RETURN_IF_ERROR(job.Start());
  }
  return {};
}

Status GoOn(SupervisedJob& job, const FaultCase& fault, const Strike& strike, Course& course) {
  if (fault.kill) {
    job.Kill();
    WEIR_RETURN_IF_ERROR(job.Start());
  }
  WEIR_RETURN_IF_ERROR(job.FeedUntil([&](const Standing&) { return strike.over(); }, kOverMax, "the fault's end"));
  const auto over = Clock::now();
  const uint64_t before = job.committed();
  const auto goes_on = [&](const Standing& now) { return now.committed >= before + kCommitsAfterwards; };
  WEIR_RETURN_IF_ERROR(job.FeedUntil(goes_on, kProgressMax, "committing again"));
  course.recovery = std::chrono::duration_cast<Millis>(Clock::now() - over);
  return {};
}

Status Run(JobRig& rig, const FaultCase& fault, const Strike& strike, Course& course, Judgement& judgement) {
  SupervisedJob job(rig);
  WEIR_RETURN_IF_ERROR(job.Start());
  const Status met = MeetTheFault(job, fault, strike);
  course.struck = strike.struck();
  if (!course.struck) return met;
  WEIR_RETURN_IF_ERROR(met);
  WEIR_RETURN_IF_ERROR(GoOn(job, fault, strike, course));
  course.engines = job.engines();
  WEIR_RETURN_IF_ERROR(rig.feed().Add(kBidsAfterwards));
  judgement = rig.Finish(job.life());
  return {};
}

const char* WordFor(Verdict verdict) {
  switch (verdict) {
    case Verdict::kExactlyOnce: return "ok   ";
    case Verdict::kFailed: return "FAIL ";
    case Verdict::kNeverStruck: return "NEVER";
  }
  return "?";
}

void PrintSums(const std::vector<FaultOutcome>& outcomes) {
  std::map<std::pair<Api, Harm>, std::map<Verdict, size_t>> sums;
  for (const FaultOutcome& outcome : outcomes) ++sums[{outcome.fault.api, outcome.fault.harm}][outcome.verdict];
  fmt::print("{:<20} {:<14} {:>12} {:>7} {:>13}\n", "request", "harm", "exactly once", "failed", "never struck");
  for (auto& [key, counts] : sums) {
    fmt::print("{:<20} {:<14} {:>12} {:>7} {:>13}\n", NameOf(key.first), NameOf(key.second),
               counts[Verdict::kExactlyOnce], counts[Verdict::kFailed], counts[Verdict::kNeverStruck]);
  }
}

}  // namespace

FaultOutcome RunFaultCase(KafkaProxy& proxy, const FaultCase& fault, uint64_t seed) {
  const auto began = Clock::now();
  FaultOutcome outcome{fault, Verdict::kFailed, {}};
  // Between the commits of two sinks there is more to go wrong.
  const Sinks sinks = fault.api == Api::kEndTxn ? Sinks::kBoth : Sinks::kKafka;
  auto made = JobRig::New({.bootstrap = proxy.address(), .name = "fault", .sinks = sinks, .seed = seed,
                           .checkpoint_interval = Millis(100), .chunk_bids = 20});
  if (!made.ok()) {
    outcome.text = fmt::format("{} {}: {}", WordFor(outcome.verdict), fault.Name(), made.status().ToString());
    return outcome;
  }
  JobRig& rig = **made;
  rig.Define("kafka.client.id=" + rig.places().job);
  const auto strike = proxy.Spoil({.client = rig.places().job, .api = fault.api, .occurrence = fault.occurrence,
                                   .harm = fault.harm, .error = ErrorOf(fault)});
  Course course;
  Judgement judgement;
  if (const Status run = Run(rig, fault, *strike, course, judgement); !run.ok()) {
    judgement.problems.push_back(run.message());
  }
  if (judgement.problems.empty()) outcome.verdict = Verdict::kExactlyOnce;
  if (!course.struck) outcome.verdict = Verdict::kNeverStruck;
  outcome.text = fmt::format(
      "{} {:<48} {:>5} in {:>5} out {:>3} markers {:>2} engines, committed after {:>5} ms, {:.1f} s",
      WordFor(outcome.verdict), fault.Name(), judgement.in, judgement.out, judgement.markers, course.engines,
      course.recovery.count(), std::chrono::duration<double>(Clock::now() - began).count());
  for (const std::string& problem : judgement.problems) outcome.text += "\n       " + problem;
  if (outcome.verdict == Verdict::kFailed) outcome.text += "\n       see " + rig.keep() + ", job " + rig.places().job;
  return outcome;
}

bool RunFaultCases(KafkaProxy& proxy, const std::vector<FaultCase>& cases, uint64_t seed) {
  std::atomic<size_t> next{0};
  std::mutex screen;
  std::vector<FaultOutcome> outcomes;   // Guarded by screen.
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kJobsAtATime; ++i) {
    threads.emplace_back([&] {
      for (size_t mine = next++; mine < cases.size(); mine = next++) {
        FaultOutcome outcome = RunFaultCase(proxy, cases[mine], seed + mine);
        const std::lock_guard lock(screen);
        fmt::print("{}\n", outcome.text);
        std::fflush(stdout);
        outcomes.push_back(std::move(outcome));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  PrintSums(outcomes);
  const auto passed = std::count_if(outcomes.begin(), outcomes.end(), [](const FaultOutcome& outcome) {
    return outcome.verdict == Verdict::kExactlyOnce;
  });
  fmt::print("fault matrix: {} of {} cases exactly once\n", passed, cases.size());
  return static_cast<size_t>(passed) == cases.size();
}

}  // namespace weir::test
