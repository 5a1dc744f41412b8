#include "runtime/engine/manifest_builder.h"

#include <algorithm>
#include <utility>

namespace weir {

std::vector<ManifestOperator> OperatorsOf(const JobGraph& graph, const PhysicalPlan& plan) {
  std::vector<ManifestOperator> operators;
  for (uint32_t i = 0; i < graph.nodes.size(); ++i) {
    const GraphNode& node = graph.nodes[i];
    const OperatorRole role = node.source != nullptr ? OperatorRole::kSource
                              : node.sink != nullptr ? OperatorRole::kSink
                              : node.stateful        ? OperatorRole::kStateful
                                                     : OperatorRole::kStateless;
    operators.push_back({node.id, role, plan.ParallelismOf(i)});
  }
  return operators;
}

OperatorState ToManifest(const StateSnapshot& snapshot) {
  OperatorState state{snapshot.operator_id, snapshot.index, snapshot.groups, {}, {}, {}, snapshot.ingested};
  for (const StateSchema& schema : snapshot.schemas) {
    state.schemas.push_back({schema.state, schema.layout, schema.key, schema.value});
  }
  for (const StateFile& file : snapshot.base) state.base.push_back({file.name, file.size, file.checksum});
  for (const StateFile& file : snapshot.deltas) state.deltas.push_back({file.name, file.size, file.checksum});
  return state;
}

std::vector<StateSnapshot> SnapshotsOf(const Manifest& manifest, const std::string& operator_id, KeyGroupRange groups) {
  std::vector<StateSnapshot> snapshots;
  for (const OperatorState& state : manifest.states) {
    const bool apart = state.groups.last <= groups.first || state.groups.first >= groups.last;
    if (state.operator_id != operator_id || apart) continue;
    StateSnapshot& snapshot = snapshots.emplace_back();
    snapshot.operator_id = operator_id;
    snapshot.index = state.index;
    snapshot.groups = state.groups;
    snapshot.key_groups = manifest.key_groups;
    snapshot.hash_version = manifest.hash_version;
    snapshot.ingested = state.ingested;
    for (const ManifestSchema& schema : state.schemas) {
      snapshot.schemas.push_back({schema.state, schema.layout, schema.key, schema.value});
    }
    for (const ManifestFile& file : state.base) snapshot.base.push_back({file.name, file.size, file.checksum});
    for (const ManifestFile& file : state.deltas) snapshot.deltas.push_back({file.name, file.size, file.checksum});
  }
  return snapshots;
}

ManifestBuilder::ManifestBuilder(Manifest head, std::map<std::string, std::string> identities, Ends ends)
    : manifest_(std::move(head)), identities_(std::move(identities)), ends_(std::move(ends)) {
  for (const auto& [operator_id, identity] : identities_) splits_[operator_id];
}

void ManifestBuilder::Add(TaskAcknowledgement acknowledgement) {
  rows_read_ += acknowledgement.rows_read;
  poison_ += acknowledgement.poison;
  entries_ += acknowledgement.entries;
  aligned_ = std::max(aligned_, acknowledgement.aligned);
  fired_ = std::max(fired_, acknowledgement.fired);
  for (const RowCounts& counts : acknowledgement.counts) {
    late_ += counts.late;
    OperatorCounts& sum = counts_[counts.operator_id];
    sum.rows_in += counts.rows_in;
    sum.counts.processed += counts.processed;
    sum.counts.late += counts.late;
    sum.counts.poison += counts.poison;
  }
  for (const StateSnapshot& snapshot : acknowledgement.states) manifest_.states.push_back(ToManifest(snapshot));
  for (TaskAcknowledgement::SourcePositions& source : acknowledgement.positions) {
    for (SplitPosition& split : source.splits) {
      ManifestSplit entry{split.split, std::move(split.position), std::nullopt};
      const auto end = ends_.find({source.operator_id, split.split.value()});
      if (end != ends_.end()) entry.end = end->second;
      splits_[source.operator_id].push_back(std::move(entry));
    }
  }
  for (TaskAcknowledgement::Sealed& sealed : acknowledgement.sealed) {
    // A staged sink without bytes has written nothing, so what counts here is transactional.
    if (sealed.epoch.staged.bytes.empty()) {
      records_ += sealed.epoch.records;
    } else {
      manifest_.staged.push_back({sealed.operator_id, sealed.index, std::move(sealed.epoch.staged.bytes)});
    }
  }
}

Manifest ManifestBuilder::Finish() {
  manifest_.counts.processed += rows_read_ - std::min(poison_, rows_read_);
  manifest_.counts.late += late_;
  manifest_.counts.poison += poison_;
  for (const OperatorCounts& before : manifest_.operator_counts) {
    OperatorCounts& sum = counts_[before.operator_id];
    sum.rows_in += before.rows_in;
    sum.counts.processed += before.counts.processed;
    sum.counts.late += before.counts.late;
    sum.counts.poison += before.counts.poison;
  }
  manifest_.operator_counts.clear();
  for (auto& [operator_id, sum] : counts_) {
    sum.operator_id = operator_id;
    manifest_.operator_counts.push_back(std::move(sum));
  }
  for (auto& [operator_id, splits] : splits_) {
    std::sort(splits.begin(), splits.end(), [](const auto& a, const auto& b) { return a.split < b.split; });
    manifest_.sources.push_back({operator_id, identities_.at(operator_id), std::move(splits)});
  }
  const auto by_instance = [](const auto& a, const auto& b) {
    return std::pair(a.operator_id, a.index) < std::pair(b.operator_id, b.index);
  };
  std::sort(manifest_.states.begin(), manifest_.states.end(), by_instance);
  std::sort(manifest_.staged.begin(), manifest_.staged.end(), by_instance);
  return std::move(manifest_);
}

}  // namespace weir
