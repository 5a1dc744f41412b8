#include "runtime/channel/channel.h"

#include <utility>

namespace weir {

bool Channel::TryPush(Message& message) {
  const uint64_t tail = tail_.load(std::memory_order_relaxed);
  if (tail - head_.load(std::memory_order_acquire) == capacity_) {
    producer_waits_.store(true, std::memory_order_seq_cst);
    // The consumer may have popped between the two: look again, or nobody would wake us.
    if (tail - head_.load(std::memory_order_seq_cst) == capacity_) return false;
    producer_waits_.store(false, std::memory_order_relaxed);
  }
  ring_[tail % kChannelMessages] = std::move(message);
  tail_.store(tail + 1, std::memory_order_release);
  consumer_->Wake();
  return true;
}

bool Channel::TryPop(Message& message) {
  const uint64_t head = head_.load(std::memory_order_relaxed);
  if (head == tail_.load(std::memory_order_acquire)) return false;
  message = std::move(ring_[head % kChannelMessages]);
  head_.store(head + 1, std::memory_order_seq_cst);
  if (producer_waits_.load(std::memory_order_seq_cst)) {
    producer_waits_.store(false, std::memory_order_relaxed);
    producer_->Wake();
  }
  return true;
}

}  // namespace weir
