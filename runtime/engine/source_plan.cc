#include "runtime/engine/source_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "runtime/time/path_time.h"

namespace weir {
namespace {

const SourceState* FindSource(const Manifest* manifest, const std::string& operator_id) {
  if (manifest == nullptr) return nullptr;
  for (const SourceState& source : manifest->sources) {
    if (source.operator_id == operator_id) return &source;
  }
  return nullptr;
}

/// Where event time stood in the source.
EventTime WatermarkIn(const SourceState& state) {
  PathsTogether splits;
  for (const ManifestSplit& split : state.splits) splits.Add({split.position.watermark, split.position.idle});
  return splits.time().watermark;
}

/// A split that time went on without: its rows are late behind the others'.
void StartBehind(Position& start, EventTime watermark) {
  start.idle = true;
  start.watermark = std::max(start.watermark, watermark);
}

/// Every split of the checkpoint, and those that appeared since unless the set was fixed when the run began.
Result<std::vector<SplitAssignment>> Resume(SplitSource& source, const SourceState& state,
                                            const EngineOptions& options) {
  const bool fixed = options.mode == RunMode::kReplay || source.bounded();
  std::vector<SplitAssignment> splits;
  for (const ManifestSplit& split : state.splits) {
    WEIR_RETURN_IF_ERROR(source.CheckResume(split.split, split.position));
    splits.push_back({split.split, split.position, fixed ? split.end : std::nullopt});
    if (split.position.idle) StartBehind(splits.back().start, WatermarkIn(state));
  }
  if (fixed) return splits;
  WEIR_ASSIGN_OR_RETURN(std::vector<SplitAssignment> listed,
                        source.ListSplits({StartPoint::Kind::kEarliest, 0}, {EndPoint::Kind::kNever, 0}));
  std::set<SplitId> known;
  for (const SplitAssignment& split : splits) known.insert(split.split);
  for (SplitAssignment& split : listed) {
    if (known.erase(split.split) > 0) continue;
    StartBehind(split.start, WatermarkIn(state));
    splits.push_back(std::move(split));
  }
  if (!known.empty()) {
    return InvalidArgument("split " + known.begin()->value() + " of the checkpoint is gone. Records of it may never "
                           "have been read: restore its topic or file, or start again with --restore none");
  }
  return splits;
}

}  // namespace

Result<PlannedSplits> PlanSourceSplits(const JobGraph& graph,
                                       const std::map<uint32_t, std::unique_ptr<SplitSource>>& sources,
                                       const Manifest* restored, const EngineOptions& options) {
  PlannedSplits planned;
  for (const auto& [node, source] : sources) {
    const std::string& id = graph.nodes[node].id;
    const SourceState* state = FindSource(restored, id);
    const StartPoint start = options.start(graph.nodes[node].source->start());
    Result<std::vector<SplitAssignment>> splits =
        state != nullptr ? Resume(*source, *state, options) : source->ListSplits(start, options.end);
    if (!splits.ok()) return splits.status().WithContext("source " + id);
    if (state == nullptr && start.kind == StartPoint::Kind::kLatest) planned.starts_move = true;
    for (const SplitAssignment& split : *splits) {
      if (split.end.has_value()) planned.ends[{id, split.split.value()}] = *split.end;
    }
    planned.identities[id] = source->Identity();
    planned.splits[node] = std::move(splits).value();
  }
  return planned;
}

}  // namespace weir
