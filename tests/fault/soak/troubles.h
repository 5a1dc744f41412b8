// What happens to the job in a soak, one trouble after the other, drawn by seed: processes are killed, stopped and
// woken, two of them run at once, and the broker is killed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>

#include "tests/fault/harness/job_rig.h"
#include "tests/fault/harness/recovery_times.h"
#include "tests/support/real_broker.h"

namespace weir::test {

enum class Trouble {
  kKill,        ///< SIGKILL.
  kPause,       ///< SIGSTOP, and SIGCONT after a while; then SIGKILL.
  kZombie,      ///< SIGSTOP, a successor runs, SIGCONT: one of the two must leave.
  kTwins,       ///< A second one is started beside the first: one of the two must leave.
  kBrokerKill,  ///< SIGKILL of the broker, which comes back; then the job must commit again.
};
const char* NameOf(Trouble trouble);

/// One thread.
class Troubles {
 public:
  Troubles(JobRig& rig, RealBroker& broker, uint64_t seed) : rig_(rig), broker_(broker), random_(seed) {}

  /// Starts the job and does something to it; it is dead afterwards. Internal if the job did what it may not do.
  Status Next();

  uint64_t kills() const { return kills_; }
  const std::map<Trouble, uint64_t>& done() const { return done_; }
  void PrintTimes();

 private:
  Trouble Draw();
  Millis SomeTime();
  Status Do(Trouble trouble, JobLife& life);
  Status LetLive(JobLife& life, Millis length);
  Status KillBroker(JobLife& life);
  /// Until one of the two has found that it is not the job's owner.
  Status UntilOneLeaves(JobLife& one, JobLife& other);
  void Kill(JobLife& life);
  void NoteRecovery(const JobLife& life, Millis lived);

  JobRig& rig_;
  RealBroker& broker_;
  std::mt19937_64 random_;
  uint64_t kills_ = 0;
  std::map<Trouble, uint64_t> done_;
  std::chrono::steady_clock::time_point broker_was_away_{};
  RecoveryTimes running_after_;
  RecoveryTimes committed_after_;
  RecoveryTimes after_the_broker_;
};

}  // namespace weir::test
