#include "tests/fault/harness/crash_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string_view>
#include <utility>

namespace weir::test {
namespace {

/// A later checkpoint rolls for the second time (RigOptions::roll_after_deltas), and so does the last one.
constexpr uint64_t kLaterCheckpoint = 6;
constexpr std::array<uint64_t, 3> kCheckpoints{1, 2, kLaterCheckpoint};
constexpr size_t kLast = kCheckpoints.size();   ///< Which of the checkpoints, where they are counted.
constexpr std::array<uint32_t, 2> kParallelisms{1, 3};

constexpr auto kPoints = std::to_array<PointFacts>({
    {.name = "kafka.batch_produced", .met = Met::kEpoch, .file = false},
    {.name = "kafka.batch_acknowledged", .met = Met::kEpoch, .file = false},
    {.name = "checkpoint.triggered", .met = Met::kCheckpoint},
    {.name = "task.source_took_barrier", .met = Met::kCheckpoint, .by = By::kSource},
    {.name = "task.frozen", .met = Met::kCheckpoint, .by = By::kTask},
    {.name = "task.acknowledged", .met = Met::kCheckpoint, .by = By::kTask},
    {.name = "state.first_slice_saved", .met = Met::kCheckpoint, .by = By::kKeyed},
    {.name = "state.delta_written", .met = Met::kCheckpoint, .by = By::kKeyed},
    {.name = "state.delta_synced", .met = Met::kCheckpoint, .by = By::kKeyed},
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
    {.name = "file_sink.sealed", .met = Met::kCheckpoint, .by = By::kKeyed, .kafka = false},
    {.name = "file_sink.before_rename", .met = Met::kCheckpoint, .by = By::kKeyed, .redone = true, .kafka = false},
    {.name = "file_sink.renamed", .met = Met::kCheckpoint, .by = By::kKeyed, .redone = true, .kafka = false},
    {.name = "file_sink.published", .met = Met::kCheckpoint, .by = By::kKeyed, .redone = true, .kafka = false},
    {.name = "retention.half_done", .met = Met::kCheckpoint},
    {.name = "checkpoint.collected", .met = Met::kCheckpoint},
    {.name = "recovery.producer_initialised", .met = Met::kStart, .file = false},
    {.name = "recovery.claim_committed", .met = Met::kStart, .file = false},
    {.name = "recovery.manifest_read", .met = Met::kRestore},
    {.name = "state.restore_files_linked", .met = Met::kRestore, .by = By::kKeyed},
    {.name = "recovery.state_restored", .met = Met::kStart, .by = By::kTask},
    {.name = "recovery.published", .met = Met::kStart},
    {.name = "commit.producer_replaced", .met = Met::kElsewhere, .file = false,
     .reason = "needs an EndTxn that is sent twice: unknown_outcome_test.cc"},
});

/// How many checkpoints later than meant the point may be met.
uint64_t LatenessOf(const PointFacts& facts) {
  const std::string name = facts.name;
  // What is left to a checkpoint's aftermath runs beside the next ones, as late as a busy disk makes it.
  if (name == "retention.half_done" || name == "checkpoint.collected") return 20;
  // One hit by each keyed task, and in a short epoch a task may have nothing to save.
  const bool by_keyed_tasks = name.starts_with("state.") || name.starts_with("file_sink.");
  return by_keyed_tasks ? 10 : 0;
}

uint64_t HitsOf(const PointFacts& facts, uint64_t parallelism) {
  switch (facts.by) {
    case By::kJob: return 1;
    case By::kSource:
    case By::kKeyed: return parallelism;
    // A job with one task an operator is one task, but for the ledger.
    case By::kTask: return parallelism == 1 ? 2 : 2 * parallelism + 1;
  }
  return 1;
}

/// The first task at the first checkpoint, one in the middle at the second, the last one at later ones.
uint64_t TaskAt(size_t which, uint64_t hits) { return which == 0 ? 1 : which == 1 ? (hits + 1) / 2 : hits; }

/// The point at one of the checkpoints of a job that goes on.
void AddCase(const PointFacts& facts, CrashCase crash, size_t which, std::vector<CrashCase>& cases) {
  const uint64_t checkpoint = kCheckpoints[which];
  const uint64_t hits = HitsOf(facts, crash.parallelism);
  switch (facts.met) {
    case Met::kEpoch: crash.occurrence = 1 + which * 20; break;
    case Met::kCheckpoint:
      crash.occurrence = facts.hits_before + (checkpoint - 1) * hits + TaskAt(which, hits);
      crash.checkpoint = checkpoint;
      crash.late = LatenessOf(facts);
      break;
    case Met::kRoll: crash.occurrence = which * crash.parallelism + TaskAt(which, crash.parallelism); break;
    case Met::kStart:
    case Met::kRestore:
      crash.occurrence = TaskAt(which, hits);
      crash.restored = checkpoint;
      break;
    case Met::kElsewhere: return;
  }
  cases.push_back(crash);
}

/// The point at the last checkpoint of a life that is asked to end, or at the start after such a one.
void AddLast(const PointFacts& facts, CrashCase crash, std::vector<CrashCase>& cases) {
  crash.ends = true;
  crash.occurrence = TaskAt(kLast, HitsOf(facts, crash.parallelism));
  switch (facts.met) {
    case Met::kCheckpoint:
      crash.occurrence += facts.hits_before;
      if (facts.redone) crash.occurrence += HitsOf(facts, crash.parallelism);
      crash.checkpoint = kLaterCheckpoint;
      crash.restored = kLaterCheckpoint - 1;
      break;
    case Met::kRoll: crash.restored = kLaterCheckpoint - 1; break;
    case Met::kStart:
    case Met::kRestore: break;
    case Met::kEpoch:   // Before any checkpoint, the last one, too.
    case Met::kElsewhere: return;
  }
  cases.push_back(crash);
}

void AddCases(const PointFacts& facts, const CrashCase& crash, std::vector<CrashCase>& cases) {
  if (facts.met == Met::kElsewhere) return;
  for (size_t which = 0; which < kCheckpoints.size(); ++which) AddCase(facts, crash, which, cases);
  AddLast(facts, crash, cases);
  // In the claim of a job that starts from nothing.
  if (facts.met == Met::kStart || facts.hits_before > 0) cases.push_back(crash);
}

bool IsMet(const PointFacts& facts, Sinks sinks) {
  switch (sinks) {
    case Sinks::kKafka: return facts.kafka;
    case Sinks::kFile: return facts.file;
    // The commit point is the topic's, and the files' points are met, too.
    case Sinks::kBoth: return facts.kafka || std::string_view(facts.name).starts_with("file_sink.");
  }
  return false;
}

}  // namespace

std::span<const PointFacts> CrashPointFacts() { return kPoints; }

std::string CrashCase::Name() const {
  std::string name = fmt::format("{:<5} x{} {}:{}", NameOf(sinks), parallelism, point, occurrence);
  if (restored > 0) name += fmt::format(" after checkpoint {}", restored);
  if (ends) name += restored > 0 ? ", the last one" : " after the end";
  return name;
}

std::vector<CrashCase> AllCrashCases() {
  std::vector<CrashCase> cases;
  for (const Sinks sinks : {Sinks::kKafka, Sinks::kFile, Sinks::kBoth}) {
    for (const uint32_t parallelism : kParallelisms) {
      for (const PointFacts& facts : kPoints) {
        if (!IsMet(facts, sinks)) continue;
        AddCases(facts, {.sinks = sinks, .parallelism = parallelism, .point = facts.name}, cases);
      }
    }
  }
  return cases;
}

std::vector<CrashCase> DrawCrashCases(uint64_t seed, size_t count) {
  std::vector<CrashCase> cases = AllCrashCases();
  std::mt19937_64 random(seed);
  std::shuffle(cases.begin(), cases.end(), random);
  // The first of each point, then the second of each, and so on.
  std::map<std::string, size_t> drawn;
  std::vector<std::pair<size_t, CrashCase>> rounds;
  for (const CrashCase& crash : cases) rounds.emplace_back(drawn[crash.point]++, crash);
  std::stable_sort(rounds.begin(), rounds.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  cases.clear();
  for (auto& [round, crash] : rounds) {
    if (round == 0 || cases.size() < count) cases.push_back(std::move(crash));
  }
  return cases;
}

}  // namespace weir::test
