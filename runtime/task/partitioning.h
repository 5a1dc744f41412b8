// How rows find their way over an edge. Apart from outlet.h, so that a graph can say it without knowing channels.
#pragma once

namespace weir {

/// How an edge chooses the receiving task of a row.
enum class Partitioning {
  kForward,     ///< The task of the same index; needs equal parallelism.
  kKeyGroup,    ///< The owner of the row's key group; needs hashes.
  kBroadcast,   ///< Every task.
  kRebalance,   ///< Whole batches in turn; order between splits is not kept.
};

}  // namespace weir
