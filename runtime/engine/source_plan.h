// Where each split of each source starts and ends in this run: from the checkpoint where there is one, from the
// configuration where there is none.
#pragma once

#include <map>
#include <string>

#include "runtime/engine/engine_options.h"
#include "runtime/engine/manifest_builder.h"
#include "runtime/engine/task_builder.h"
#include "runtime/graph/job_graph.h"

namespace weir {

struct PlannedSplits {
  SplitsOfNode splits;
  ManifestBuilder::Ends ends;
  std::map<std::string, std::string> identities;   ///< By source operator id.
  /// Some source starts at the end of its input: a later plan would start it elsewhere. What is read must not be
  /// forgotten, so nothing may be read before a checkpoint with these starts is committed.
  bool starts_move = false;
};

/// Blocks on metadata calls. Errors: InvalidArgument where a split of the checkpoint is gone or cannot be resumed;
/// what SplitSource::ListSplits answers.
Result<PlannedSplits> PlanSourceSplits(const JobGraph& graph,
                                       const std::map<uint32_t, std::unique_ptr<SplitSource>>& sources,
                                       const Manifest* restored, const EngineOptions& options);

}  // namespace weir
