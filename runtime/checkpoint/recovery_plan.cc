#include "runtime/checkpoint/recovery_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/mutant.h"

namespace weir {
namespace {

constexpr std::string_view kStartOver = "start over with --restore none";

/// Checkpoint 2 is only triggered once 1 is committed.
bool HoldsOneAfterACommit(const LocalFacts& local) {
  const CheckpointId harmless{Planted(Mutant::kFirstPreparedIsRefused) ? uint64_t{0} : uint64_t{1}};
  return !local.checkpoints.empty() && local.checkpoints.back().n > harmless;
}

CheckpointId NewestCommitted(const std::optional<VisibleMarker>& newest, const LocalFacts& local) {
  CheckpointId n{};
  if (newest) n = newest->marker.n;
  if (local.hint) n = std::max(n, local.hint->name.n);
  if (local.current) n = std::max(n, local.current->name.n);
  return n;
}

CheckpointName NameIn(const MarkerRecord& marker) { return {marker.n, marker.attempt}; }

RestoreChoice RestoreWhat(const VisibleMarker& newest) {
  return {newest.marker.incarnation, NameIn(newest.marker), newest.marker.manifest_sha256, newest.offset};
}

RecoveryChoice Refuse(Status status) { return Refusal{std::move(status)}; }

/// What the folder knows of commits that the marker topic does not show.
std::optional<Status> MarkersLost(const std::string& job, const std::optional<VisibleMarker>& newest,
                                  const LocalFacts& local) {
  const std::string topic = MarkerTopic(job);
  if (!newest) {
    if (local.hint) {
      return InvalidArgument(fmt::format(
          "the folder of job {} says that checkpoint {} was committed, but {} has no marker: it was deleted, or this "
          "is another cluster; bring the topic back, or {}", job, local.hint->name.n.value(), topic, kStartOver));
    }
    if (HoldsOneAfterACommit(local)) {
      return InvalidArgument(fmt::format(
          "the folder of job {} holds checkpoint {}, so earlier ones were committed, but {} has no marker: it was "
          "deleted, or this is another cluster; bring the topic back, or {}", job,
          local.checkpoints.back().n.value(), topic, kStartOver));
    }
    return std::nullopt;
  }
  if (local.hint && local.hint->name.n > newest->marker.n) {
    return Internal(fmt::format(
        "MARKER REGRESSION: the folder of job {} saw marker {} in {}, now the newest is {}: the topic lost records or "
        "was recreated; bring it back, or {}", job, local.hint->name.n.value(), topic, newest->marker.n.value(),
        kStartOver));
  }
  return std::nullopt;
}

bool IsForeign(const MarkerRecord& marker, const LocalFacts& local) {
  if (!local.hint || local.hint->incarnation.empty() || local.hint->incarnation == marker.incarnation) return false;
  // A new incarnation whose first hint was not written yet is ours: its checkpoint lies here.
  return std::ranges::count(local.checkpoints, NameIn(marker)) == 0;
}

}  // namespace

RecoveryChoice ChooseByMarker(const std::string& job, const std::optional<VisibleMarker>& newest,
                              const LocalFacts& local, RestorePolicy policy, const Defences& defences) {
  const bool started_over = newest && newest->marker.incarnation == local.fresh_incarnation;
  if (started_over) return RestoreWhat(*newest);
  if (policy == RestorePolicy::kNone) {
    const CheckpointId last = NewestCommitted(newest, local);
    return FreshChoice{Next(last), last != CheckpointId{}};
  }
  // What a first commit of the new kind left to be cleared away; a crash came before.
  const bool current_is_past = newest && local.current && newest->marker.n > local.current->name.n &&
                               std::ranges::count(local.checkpoints, NameIn(newest->marker)) > 0;
  if (local.current && !current_is_past) {
    return Refuse(InvalidArgument(fmt::format(
        "job {} has committed up to checkpoint {} in its folder (CURRENT), so it had no Kafka sink or ran with "
        "execution.guarantee=at-least-once; now it would commit by transactions, in {}: go back to that, take another "
        "job id, or {}", job, local.current->name.n.value(), MarkerTopic(job), kStartOver)));
  }
  if (defences.textbook_order && !local.checkpoints.empty()) {
    return RestoreChoice{newest ? newest->marker.incarnation : Id128{}, local.checkpoints.back(), "", -1};
  }
  if (std::optional<Status> lost = MarkersLost(job, newest, local)) return Refuse(*std::move(lost));
  if (!newest && policy == RestorePolicy::kLatest) {
    return Refuse(NotFound(fmt::format(
        "--restore latest: job {} has no committed checkpoint in {}; leave the option out to start from nothing", job,
        MarkerTopic(job))));
  }
  if (!newest) return FreshChoice{CheckpointId{1}, false};
  if (IsForeign(newest->marker, local)) {
    return Refuse(InvalidArgument(fmt::format(
        "the newest marker in {} is of incarnation {}, this folder is of {}: another job uses the id {}; take another "
        "id, point execution.checkpointing.dir to that job's folder, or {}", MarkerTopic(job),
        newest->marker.incarnation.ToString(), local.hint->incarnation.ToString(), job, kStartOver)));
  }
  for (const CheckpointName& name : local.checkpoints) {
    const bool older = Planted(Mutant::kFallsBackToAnOlderOne) && Next(name.n) == newest->marker.n;
    if (older) return RestoreChoice{newest->marker.incarnation, name, "", newest->offset};
  }
  return RestoreWhat(*newest);
}

RecoveryChoice ChooseByCurrent(const std::string& job, const LocalFacts& local, RestorePolicy policy) {
  const bool started_over = local.current && local.current->incarnation == local.fresh_incarnation;
  if (policy == RestorePolicy::kNone && !started_over) {
    const CheckpointId last = NewestCommitted(std::nullopt, local);
    return FreshChoice{Next(last), last != CheckpointId{}};
  }
  const bool hint_is_past = local.current && local.hint && local.current->name.n > local.hint->name.n;
  if (local.hint && !hint_is_past) {
    return Refuse(InvalidArgument(fmt::format(
        "job {} has committed up to checkpoint {} by transactions (COMMITTED in its folder, markers in {}), so it had "
        "a Kafka sink and ran with execution.guarantee=exactly-once; now it has no such sink, or runs with "
        "execution.guarantee=at-least-once: go back to that, take another job id, or {}", job,
        local.hint->name.n.value(), MarkerTopic(job), kStartOver)));
  }
  if (local.current) {
    return RestoreChoice{local.current->incarnation, local.current->name, local.current->manifest_sha256, -1};
  }
  if (HoldsOneAfterACommit(local)) {
    return Refuse(InvalidArgument(fmt::format(
        "the folder of job {} holds checkpoint {}, so earlier ones were committed, but CURRENT is missing: bring it "
        "back, or {}", job, local.checkpoints.back().n.value(), kStartOver)));
  }
  if (policy == RestorePolicy::kLatest) {
    return Refuse(NotFound(fmt::format(
        "--restore latest: job {} has no committed checkpoint (no CURRENT in its folder); leave the option out to "
        "start from nothing", job)));
  }
  return FreshChoice{CheckpointId{1}, false};
}

Status CheckMarkerOrder(const MarkerRecord& last, const MarkerRecord& next) {
  if (next.n > last.n) return {};
  return Internal(fmt::format(
      "MARKER REGRESSION: marker {} (attempt {}) is followed by marker {} (attempt {}): numbers must rise. Somebody "
      "else writes markers of this job; stop every instance and find out who", last.n.value(),
      last.attempt.ToString(), next.n.value(), next.attempt.ToString()));
}

}  // namespace weir
