#include "tests/fault/harness/crash_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>

namespace weir::test {
namespace {

constexpr uint64_t kLaterCheckpoint = 6;   ///< Rolls for the second time (RigOptions::roll_after_deltas).
constexpr std::array<uint64_t, 3> kCheckpoints{1, 2, kLaterCheckpoint};
constexpr uint32_t kRollsAtOnce = 2;       ///< Keyed tasks.

// Five tasks: two read, two count and write, one keeps the ledger.
constexpr auto kPoints = std::to_array<PointFacts>({
    {.name = "kafka.batch_produced", .met = Met::kEpoch, .file = false},
    {.name = "kafka.batch_acknowledged", .met = Met::kEpoch, .file = false},
    {.name = "checkpoint.triggered", .met = Met::kCheckpoint},
    {.name = "task.source_took_barrier", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2},
    {.name = "task.frozen", .met = Met::kCheckpoint, .hits = 5, .hits_file = 5},
    {.name = "task.acknowledged", .met = Met::kCheckpoint, .hits = 5, .hits_file = 5},
    {.name = "state.first_slice_saved", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2},
    {.name = "state.delta_written", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2},
    {.name = "state.delta_synced", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2},
    {.name = "state.roll_merged", .met = Met::kRoll},
    {.name = "state.roll_ingested", .met = Met::kRoll},
    {.name = "state.roll_linked", .met = Met::kRoll},
    {.name = "checkpoint.files_written", .met = Met::kCheckpoint},
    {.name = "checkpoint.manifest_torn", .met = Met::kCheckpoint},
    {.name = "checkpoint.prepared", .met = Met::kCheckpoint},
    {.name = "commit.output_flushed", .met = Met::kCheckpoint, .file = false},
    {.name = "commit.marker_produced", .met = Met::kCheckpoint, .hits_before = 1, .file = false},
    {.name = "commit.begun", .met = Met::kCheckpoint, .hits_before = 1, .file = false},
    {.name = "kafka.marker_flushed", .met = Met::kCheckpoint, .hits_before = 1, .file = false},
    {.name = "kafka.end_txn_written", .met = Met::kCheckpoint, .hits_before = 1, .file = false},
    {.name = "kafka.end_txn_answered", .met = Met::kCheckpoint, .hits_before = 1, .file = false},
    {.name = "commit.returned", .met = Met::kCheckpoint, .hits_before = 1, .file = false},
    {.name = "commit.witnessed", .met = Met::kCheckpoint, .file = false},
    {.name = "checkpoint.hint_written", .met = Met::kCheckpoint, .file = false},
    {.name = "checkpoint.current_written", .met = Met::kCheckpoint, .kafka = false},
    {.name = "file_sink.sealed", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2, .kafka = false},
    {.name = "file_sink.before_rename", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2, .kafka = false},
    {.name = "file_sink.renamed", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2, .kafka = false},
    {.name = "file_sink.published", .met = Met::kCheckpoint, .hits = 2, .hits_file = 2, .kafka = false},
    {.name = "retention.half_done", .met = Met::kCheckpoint},
    {.name = "checkpoint.collected", .met = Met::kCheckpoint},
    {.name = "recovery.producer_initialised", .met = Met::kStart, .file = false},
    {.name = "recovery.claim_committed", .met = Met::kStart, .file = false},
    {.name = "recovery.manifest_read", .met = Met::kRestore},
    {.name = "state.restore_files_linked", .met = Met::kRestore, .hits = 2, .hits_file = 2},
    {.name = "recovery.state_restored", .met = Met::kStart, .hits = 5, .hits_file = 5},
    {.name = "recovery.published", .met = Met::kStart},
    {.name = "commit.producer_replaced", .met = Met::kElsewhere, .file = false,
     .reason = "needs an EndTxn that is sent twice: unknown_outcome_test.cc"},
});

/// How many checkpoints later than meant the point may be met.
uint64_t LatenessOf(const PointFacts& facts) {
  const std::string name = facts.name;
  // What is left to a checkpoint's aftermath runs beside the next ones.
  if (name == "retention.half_done" || name == "checkpoint.collected") return 3;
  // One hit by each keyed task, and in a short epoch a task may have nothing to save: on a slow machine most have not.
  const bool by_keyed_tasks = name.starts_with("state.") || name.starts_with("file_sink.");
  return by_keyed_tasks ? 10 : 0;
}

uint64_t HitsOf(const PointFacts& facts, Sinks sinks) { return sinks == Sinks::kFile ? facts.hits_file : facts.hits; }

/// The first task at the first checkpoint, one in the middle at the second, the last one at the later one.
uint64_t TaskAt(size_t which, uint64_t hits) { return which == 0 ? 1 : which == 1 ? (hits + 1) / 2 : hits; }

void AddCases(const PointFacts& facts, Sinks sinks, size_t which, std::vector<CrashCase>& cases) {
  const uint64_t checkpoint = kCheckpoints[which];
  const uint64_t hits = HitsOf(facts, sinks);
  CrashCase crash{.sinks = sinks, .point = facts.name};
  switch (facts.met) {
    case Met::kEpoch: crash.occurrence = 1 + which * 20; break;
    case Met::kCheckpoint:
      crash.occurrence = facts.hits_before + (checkpoint - 1) * hits + TaskAt(which, hits);
      crash.checkpoint = checkpoint;
      crash.late = LatenessOf(facts);
      break;
    case Met::kRoll: crash.occurrence = which * kRollsAtOnce + TaskAt(which, kRollsAtOnce); break;
    case Met::kStart:
    case Met::kRestore:
      crash.occurrence = TaskAt(which, hits);
      crash.restored = checkpoint;
      break;
    case Met::kElsewhere: return;
  }
  cases.push_back(crash);
  const bool also_fresh = which == 0 && (facts.met == Met::kStart || facts.hits_before > 0);
  if (also_fresh) cases.push_back({.sinks = sinks, .point = facts.name, .occurrence = 1});
}

/// With two kinds of sink at once only what lies between their commits is new.
bool MattersForBoth(const PointFacts& facts) {
  const std::string name = facts.name;
  return name.starts_with("file_sink.") || name.starts_with("commit.") || name.starts_with("kafka.end") ||
         name == "kafka.marker_flushed" || name == "checkpoint.prepared" || name == "checkpoint.hint_written" ||
         facts.met == Met::kRestore || name == "recovery.published";
}

bool IsMet(const PointFacts& facts, Sinks sinks) {
  switch (sinks) {
    case Sinks::kKafka: return facts.kafka;
    case Sinks::kFile: return facts.file;
    case Sinks::kBoth: return MattersForBoth(facts);
  }
  return false;
}

}  // namespace

std::span<const PointFacts> CrashPointFacts() { return kPoints; }

std::string CrashCase::Name() const {
  std::string name = fmt::format("{:<5} {}:{}", NameOf(sinks), point, occurrence);
  if (restored > 0) name += fmt::format(" after checkpoint {}", restored);
  return name;
}

std::vector<CrashCase> AllCrashCases() {
  std::vector<CrashCase> cases;
  for (const Sinks sinks : {Sinks::kKafka, Sinks::kFile, Sinks::kBoth}) {
    for (const PointFacts& facts : kPoints) {
      if (!IsMet(facts, sinks)) continue;
      for (size_t which = 0; which < kCheckpoints.size(); ++which) AddCases(facts, sinks, which, cases);
    }
  }
  return cases;
}

std::vector<CrashCase> DrawCrashCases(uint64_t seed) {
  std::vector<CrashCase> cases = AllCrashCases();
  std::mt19937_64 random(seed);
  std::shuffle(cases.begin(), cases.end(), random);
  std::set<std::string> drawn;
  std::erase_if(cases, [&](const CrashCase& crash) { return !drawn.insert(crash.point).second; });
  return cases;
}

}  // namespace weir::test
