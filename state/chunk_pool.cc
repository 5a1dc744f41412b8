#include "state/chunk_pool.h"

#include <utility>

namespace weir {

ChunkPool::Chunk ChunkPool::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!chunks_.empty()) {
      Chunk chunk = std::move(chunks_.back());
      chunks_.pop_back();
      return chunk;
    }
  }
  return std::make_unique_for_overwrite<char[]>(kDeltaChunkBytes);
}

void ChunkPool::Give(Chunk chunk) {
  const std::lock_guard lock(mutex_);
  if (chunks_.size() < chunks_max_) chunks_.push_back(std::move(chunk));
}

}  // namespace weir
