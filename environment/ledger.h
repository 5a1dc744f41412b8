// The poison ledger: the hidden sink that takes the records a job could not process, in the same commit as the rest.
#pragma once

#include <string>

#include "runtime/graph/job_graph.h"

namespace weir {

/// weir.poison.<job>
std::string LedgerTopic(const std::string& job);

/// The graph with a ledger behind every source and sink: a topic where the job's output goes to topics, else files
/// in `<checkpoint directory>/<job>/poison`.
JobGraph WithLedger(JobGraph graph, const std::string& checkpoint_directory);

}  // namespace weir
