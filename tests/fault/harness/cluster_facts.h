// What one node of a cluster says when it is asked directly: who leads a partition, who coordinates a transaction, and
// how far that has come. Two nodes that cannot see each other may say different things.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/status.h"

namespace weir::test {

struct PartitionFacts {
  int leader = -1;
  size_t in_sync = 0;   ///< Replicas.
};

/// By partition. `port`: where the node really listens.
Result<std::vector<PartitionFacts>> PartitionsOf(int port, const std::string& topic);

/// The node that coordinates the transactions of this id. Unavailable while there is none.
Result<int> CoordinatorOf(int port, const std::string& transactional_id);

/// In Kafka's words: Ongoing, PrepareCommit, CompleteCommit and so on. Only the coordinator knows.
Result<std::string> TransactionStateOf(int port, const std::string& transactional_id);

}  // namespace weir::test
