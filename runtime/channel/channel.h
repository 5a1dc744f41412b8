// A bounded single-producer single-consumer queue of messages between two tasks: the only way rows pass between
// them, and the only place where back-pressure arises.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

#include "runtime/base/executor.h"
#include "runtime/channel/message.h"

namespace weir {

#ifdef WEIR_ADVERSE
inline constexpr size_t kChannelMessages = 2;
#else
inline constexpr size_t kChannelMessages = 16;
#endif

/// One producing task, one consuming task. Each side is woken when what it waited for may have come.
class Channel {
 public:
  /// It holds at most `messages_max`, and no more than kChannelMessages.
  explicit Channel(size_t messages_max = kChannelMessages) : capacity_(std::min(messages_max, kChannelMessages)) {}

  /// Set both before the first message.
  void SetWakers(Waker* producer, Waker* consumer) {
    producer_ = producer;
    consumer_ = consumer;
  }

  /// Producer. False, with `message` untouched, when full: the producer is woken when there is room.
  bool TryPush(Message& message);
  /// Consumer. False when empty: the consumer is woken by the next push.
  bool TryPop(Message& message);
  /// Consumer. True if TryPop would succeed.
  bool HasMessage() const { return head_.load(std::memory_order_relaxed) != tail_.load(std::memory_order_acquire); }

 private:
  const size_t capacity_;
  Message ring_[kChannelMessages];
  alignas(64) std::atomic<uint64_t> head_{0};   ///< Next to pop; the consumer writes it.
  alignas(64) std::atomic<uint64_t> tail_{0};   ///< Next to push; the producer writes it.
  std::atomic<bool> producer_waits_{false};
  Waker* producer_ = nullptr;
  Waker* consumer_ = nullptr;
};

}  // namespace weir
