// A task's end of one edge: splits batches among the tasks on the other side, puts small pieces together, and keeps
// what does not fit into their channels.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "runtime/channel/channel.h"
#include "runtime/time/watermark_merge.h"
#include "runtime/task/partitioning.h"

namespace weir {

/// Rows that a batch aims to have when it crosses an edge.
#ifdef WEIR_ADVERSE
inline constexpr size_t kBatchRows = 1;
#else
inline constexpr size_t kBatchRows = 1024;
#endif

/// One thread, the producing task's.
class Outlet {
 public:
  Outlet(Partitioning partitioning, uint16_t key_groups, std::vector<Channel*> targets);

  /// Takes a batch; it may wait here until it is large enough or Flush.
  void Take(BatchPtr batch);
  /// Puts a barrier behind all that was taken, on every target.
  void Broadcast(Barrier barrier);
  /// Puts the path's new event time behind all that was taken, on every target.
  void Broadcast(PathTime time);
  /// Pushes as much as fits. True when nothing is left that must go; pieces smaller than a batch stay unless `all`.
  bool Push(bool all);

  /// Rows taken since the start. Safe from any thread.
  uint64_t rows() const { return rows_.load(std::memory_order_relaxed); }

 private:
  struct Target {
    Channel* channel = nullptr;
    std::deque<Message> waiting;
    BatchPtr piece;
  };
  void ReleasePiece(Target& target);
  void TakeWhole(Target& target, BatchPtr batch);
  void Scatter(BatchBase& batch);

  const Partitioning partitioning_;
  const uint16_t key_groups_;
  std::vector<Target> targets_;
  std::vector<uint8_t> owner_of_group_;
  std::vector<uint8_t> target_of_row_;
  size_t next_target_ = 0;
  std::atomic<uint64_t> rows_{0};
};

}  // namespace weir
