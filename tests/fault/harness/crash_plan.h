// Which crash points there are, when each is met in the life of a job, and the cases that follow: every point at the
// first and the second checkpoint, at a later one that rolls, and at the last one of a job that is asked to end; for each
// kind of sink, with one task an operator and with several.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/fault/harness/job_rig.h"

namespace weir::test {

/// When a point is met.
enum class Met {
  kEpoch,      ///< Any number of times in an epoch.
  kCheckpoint, ///< A fixed number of times in each checkpoint.
  kRoll,       ///< Once by each keyed task when its deltas are merged.
  kStart,      ///< When a process starts, whatever it starts from.
  kRestore,    ///< When a process starts from a checkpoint.
  kElsewhere,  ///< Only in a situation that a test of its own makes; `reason` names it.
};

/// By how many tasks a point is met in one checkpoint, start or restore.
enum class By {
  kJob,        ///< Once, whatever the number of tasks.
  kSource,     ///< Each that reads.
  kKeyed,      ///< Each that counts and writes.
  kTask,       ///< Each of these, and the one that keeps the ledger.
};

struct PointFacts {
  const char* name;
  Met met;
  By by = By::kJob;
  uint32_t hits_before = 0;    ///< In the claim, before the first checkpoint.
  bool redone = false;         ///< Also met in a restore, for what was committed and not published.
  bool kafka = true;           ///< Met where the sink is a topic.
  bool file = true;            ///< Met where the sink is a folder.
  const char* reason = "";
};

/// All points of the job; a test compares them with those of the program.
std::span<const PointFacts> CrashPointFacts();

struct CrashCase {
  Sinks sinks = Sinks::kKafka;
  uint32_t parallelism = 1;
  std::string point;
  uint64_t occurrence = 1;
  uint64_t checkpoint = 0;     ///< Must be the one in flight; zero where it depends on the moment.
  uint64_t late = 0;           ///< How many later it may be: some work goes on beside the next epoch.
  uint64_t restored = 0;       ///< Not zero: the first life is killed at this checkpoint, the point is met in the second.
  bool ends = false;           ///< That life is asked to end; `restored` is zero: the one before it was, and did.
  std::string Name() const;
};

/// The full list.
std::vector<CrashCase> AllCrashCases();
/// So many of them by seed, every point as often as any other; at least one of each.
std::vector<CrashCase> DrawCrashCases(uint64_t seed, size_t count = 0);

struct CaseOutcome {
  bool passed = false;
  std::string text;            ///< One line of the printed table, with all problems below it.
};

/// Kills a job at the case's point, lets a fresh process go on and judges the whole.
CaseOutcome RunCrashCase(const std::string& bootstrap, const CrashCase& crash, uint64_t seed);

/// Runs all, some at a time, and prints each; true if all passed.
bool RunCrashCases(const std::string& bootstrap, const std::vector<CrashCase>& cases, uint64_t seed);

}  // namespace weir::test
