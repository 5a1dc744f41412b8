#include "tests/fault/soak/troubles.h"

#include <fmt/format.h>
#include <signal.h>

#include "environment/exit_codes.h"

namespace weir::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kLifeMillisMin = 50;
constexpr int kLifeMillisMax = 3000;
/// Times of processes that were given less are left out: they would be those of the fast ones only.
constexpr Millis kFairLife{1500};
constexpr Millis kLeaveMax{60'000};
constexpr Millis kProgressMax{30'000};
constexpr Millis kLook{20};
/// What follows a broker's death more closely than this is no recovery "without a broker fault".
constexpr Millis kBrokerSettled{5000};

}  // namespace

const char* NameOf(Trouble trouble) {
  switch (trouble) {
    case Trouble::kKill: return "killed";
    case Trouble::kPause: return "stopped, continued and killed";
    case Trouble::kZombie: return "stopped, succeeded and continued";
    case Trouble::kTwins: return "started a second time";
    case Trouble::kBrokerKill: return "broker killed";
  }
  return "?";
}

Trouble Troubles::Draw() {
  static const std::map<Trouble, double> kWeights{{Trouble::kKill, 70},
                                                  {Trouble::kPause, 9},
                                                  {Trouble::kZombie, 8},
                                                  {Trouble::kTwins, 8},
                                                  {Trouble::kBrokerKill, 5}};
  double at = std::uniform_real_distribution<double>(0, 100)(random_);
  for (const auto& [trouble, weight] : kWeights) {
    if ((at -= weight) < 0) return trouble;
  }
  return Trouble::kKill;
}

Millis Troubles::SomeTime() {
  return Millis(std::uniform_int_distribution<int>(kLifeMillisMin, kLifeMillisMax)(random_));
}

Status Troubles::Next() {
  const Trouble trouble = Draw();
  const bool settled = Clock::now() - broker_was_away_ > kBrokerSettled;
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> life, rig_.Start());
  const Millis length = SomeTime();
  WEIR_RETURN_IF_ERROR(LetLive(*life, length));
  if (settled && length >= kFairLife) NoteRecovery(*life, length);
  WEIR_RETURN_IF_ERROR(Do(trouble, *life).WithContext(NameOf(trouble)));
  Kill(*life);
  ++done_[trouble];
  return {};
}

Status Troubles::Do(Trouble trouble, JobLife& life) {
  switch (trouble) {
    case Trouble::kKill: return {};
    case Trouble::kPause:
      life.Signal(SIGSTOP);
      (void)life.WaitForEnd(SomeTime());
      life.Signal(SIGCONT);
      return LetLive(life, SomeTime());
    case Trouble::kZombie:
    case Trouble::kTwins: {
      if (trouble == Trouble::kZombie) life.Signal(SIGSTOP);
      WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<JobLife> successor, rig_.Start());
      if (trouble == Trouble::kZombie) WEIR_RETURN_IF_ERROR(LetLive(*successor, SomeTime()));
      life.Signal(SIGCONT);
      WEIR_RETURN_IF_ERROR(UntilOneLeaves(life, *successor));
      Kill(*successor);
      return {};
    }
    case Trouble::kBrokerKill: return KillBroker(life);
  }
  return {};
}

Status Troubles::LetLive(JobLife& life, Millis length) {
  const std::optional<Ending> ending = life.WaitForEnd(length);
  if (!ending.has_value() || ending->exit_code == kExitRestartProcess) return {};
  return Internal(fmt::format("the job ended by itself, exit code {}, signal {}", ending->exit_code.value_or(-1),
                              ending->signal.value_or(0)));
}

Status Troubles::UntilOneLeaves(JobLife& one, JobLife& other) {
  const auto until = Clock::now() + kLeaveMax;
  while (Clock::now() < until) {
    for (JobLife* life : {&one, &other}) {
      const std::optional<Ending> ending = life->WaitForEnd(kLook);
      if (!ending.has_value()) continue;
      if (ending->exit_code == kExitFenced || ending->exit_code == kExitRestartProcess) return {};
      return Internal(fmt::format("one of two ended with exit code {}, signal {}", ending->exit_code.value_or(-1),
                                  ending->signal.value_or(0)));
    }
  }
  return Internal(fmt::format("two processes ran side by side for {} s", kLeaveMax.count() / 1000));
}

Status Troubles::KillBroker(JobLife& life) {
  WEIR_RETURN_IF_ERROR(broker_.Kill());
  WEIR_RETURN_IF_ERROR(broker_.Restart());
  const auto back = Clock::now();
  ++kills_;
  // The process may end with the wish to be started again.
  std::unique_ptr<JobLife> next;
  JobLife* now = &life;
  const uint64_t before = life.standing().commits;
  const auto commits = [&](const Standing& standing) { return standing.commits > (next ? 0 : before); };
  while (!now->WaitUntil(commits, kProgressMax)) {
    const std::optional<Ending> ending = now->WaitForEnd(Millis(0));
    if (!ending.has_value()) return Internal(fmt::format("no commit {} s after the broker came back",
                                                         kProgressMax.count() / 1000));
    WEIR_RETURN_IF_ERROR(LetLive(*now, Millis(0)));
    WEIR_ASSIGN_OR_RETURN(next, rig_.Start());
    now = next.get();
  }
  broker_was_away_ = Clock::now();
  after_the_broker_.Add(std::chrono::duration_cast<Millis>(broker_was_away_ - back));
  if (next) Kill(*next);
  return {};
}

void Troubles::Kill(JobLife& life) {
  if (!life.WaitForEnd(Millis(0)).has_value()) ++kills_;
  life.Kill();
}

void Troubles::NoteRecovery(const JobLife& life, Millis lived) {
  const Standing standing = life.standing();
  const auto note = [lived](const std::optional<Millis>& after, RecoveryTimes& times) {
    if (after.has_value() && *after <= lived) times.Add(*after);
    else times.AddUnfinished();
  };
  note(standing.running_after, running_after_);
  note(standing.first_commit_after, committed_after_);
}

void Troubles::PrintTimes() {
  running_after_.Print("process start to RUNNING");
  committed_after_.Print("process start to the first new commit");
  after_the_broker_.Print("broker back to the next commit");
}

}  // namespace weir::test
