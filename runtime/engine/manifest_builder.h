// From what the tasks acknowledge to a manifest, and from a manifest to what a state store restores.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/checkpoint/manifest.h"
#include "runtime/graph/job_graph.h"
#include "runtime/task/task.h"
#include "state/state_snapshot.h"

namespace weir {

/// The graph's operators as a manifest names them.
std::vector<ManifestOperator> OperatorsOf(const JobGraph& graph, const PhysicalPlan& plan);

OperatorState ToManifest(const StateSnapshot& snapshot);
/// The snapshots of all instances of an operator that had some of these key groups.
std::vector<StateSnapshot> SnapshotsOf(const Manifest& manifest, const std::string& operator_id, KeyGroupRange groups);

/// Collects one checkpoint. One thread.
class ManifestBuilder {
 public:
  /// Planned ends of bounded splits, kept in every manifest: by source operator id and split.
  using Ends = std::map<std::pair<std::string, std::string>, Offset>;

  /// `head`: job, incarnation, attempt, mode and counts as far as known; `identities`: by source operator id.
  ManifestBuilder(Manifest head, std::map<std::string, std::string> identities, Ends ends);

  void SetNumber(CheckpointId n) { manifest_.n = n; }
  void Add(TaskAcknowledgement acknowledgement);
  /// Records written to transactional sinks in this epoch.
  uint64_t records() const { return records_; }
  /// Of keyed state, in all tasks.
  uint64_t entries() const { return entries_; }
  /// The longest of all tasks: from the first to the last input that brought the barrier, and for one watermark.
  Duration aligned() const { return aligned_; }
  Duration fired() const { return fired_; }
  /// Everything in a fixed order, so that equal checkpoints give equal bytes.
  Manifest Finish();

 private:
  Manifest manifest_;
  std::map<std::string, std::string> identities_;
  Ends ends_;
  std::map<std::string, std::vector<ManifestSplit>> splits_;
  uint64_t rows_read_ = 0;
  uint64_t poison_ = 0;
  uint64_t late_ = 0;
  std::map<std::string, OperatorCounts> counts_;
  uint64_t records_ = 0;
  uint64_t entries_ = 0;
  Duration aligned_{};
  Duration fired_{};
};

}  // namespace weir
