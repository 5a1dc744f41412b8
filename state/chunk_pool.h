// Memory for delta buffers.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace weir {

inline constexpr size_t kDeltaChunkBytes = 256 * 1024;

/// Keeps chunks that were used, so that saving does not fault in fresh pages at every checkpoint. Safe from any thread.
class ChunkPool {
 public:
  using Chunk = std::unique_ptr<char[]>;   ///< Of kDeltaChunkBytes.
  explicit ChunkPool(size_t bytes_max) : chunks_max_(bytes_max / kDeltaChunkBytes) {}
  Chunk Take();
  /// Frees the chunk where the pool already holds its share.
  void Give(Chunk chunk);

 private:
  const size_t chunks_max_;
  std::mutex mutex_;
  std::vector<Chunk> chunks_;
};

}  // namespace weir
