// The ledgers: hidden sinks that take, in the same commit as the rest, the records a job could not process, and the rows
// that came when what they belong to was over.
#pragma once

#include <string>

#include "runtime/graph/job_graph.h"

namespace weir {

/// weir.poison.<job>
std::string LedgerTopic(const std::string& job);

/// weir.late.<job>
std::string LateTopic(const std::string& job);

/// The graph with a ledger of poison records behind every source and sink, and one of late rows behind every operator whose
/// late rows the pipeline does not take itself: topics where the job's output goes to topics, else files in
/// `<checkpoint directory>/<job>/poison` and `late`.
JobGraph WithLedger(JobGraph graph, const std::string& checkpoint_directory);

}  // namespace weir
