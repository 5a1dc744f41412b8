// Where the transactional sinks of a job find the producer they all share, and learn which epoch is open: while
// epoch n is being committed they hold the output of n+1.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/base/executor.h"
#include "runtime/base/ids.h"
#include "runtime/base/mutant.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// Written by the engine's coordinator, read by sink tasks. Safe from any thread.
class TransactionGate {
 public:
  /// The producer whose transaction carries `epoch`, null while that epoch is not open. REQUIRES: not a past epoch.
  std::shared_ptr<LogProducer> ProducerFor(CheckpointId epoch) const {
    const std::lock_guard lock(mutex_);
    if (Planted(Mutant::kMarkerNotLast)) return producer_;
    if (Planted(Mutant::kLedgerOutsideOfTheEpoch) && open_ == CheckpointId{0}) return producer_;
    return epoch == open_ ? producer_ : nullptr;
  }

  /// Adds to the time in which some sink could take no more because its epoch was not open.
  void AddStall(Duration duration) { stalled_ns_.fetch_add(duration.count(), std::memory_order_relaxed); }
  Duration stalled() const { return Duration(stalled_ns_.load(std::memory_order_relaxed)); }

  void Open(CheckpointId epoch, std::shared_ptr<LogProducer> producer) {
    std::vector<Waker*> wakers;
    {
      const std::lock_guard lock(mutex_);
      open_ = epoch;
      if (producer != introduced_) {
        for (Waker* waker : wakers_) producer->AddWaker(waker);
        introduced_ = producer;
      }
      producer_ = std::move(producer);
      wakers = wakers_;
    }
    for (Waker* waker : wakers) waker->Wake();
  }

  /// No epoch is open from here on; a sink that still holds the producer finishes its call.
  void Close() {
    const std::lock_guard lock(mutex_);
    open_.reset();
    producer_.reset();
    introduced_.reset();
  }

  /// Woken when an epoch opens and when the producer's full queue has room again.
  void AddWaker(Waker* waker) {
    const std::lock_guard lock(mutex_);
    wakers_.push_back(waker);
    if (introduced_ != nullptr) introduced_->AddWaker(waker);
  }

 private:
  mutable std::mutex mutex_;
  std::atomic<int64_t> stalled_ns_{0};
  std::optional<CheckpointId> open_;
  std::shared_ptr<LogProducer> producer_;
  std::shared_ptr<LogProducer> introduced_;   ///< The producer that knows the wakers.
  std::vector<Waker*> wakers_;
};

}  // namespace weir
