// What travels through a channel.
#pragma once

#include "runtime/base/barrier.h"
#include "runtime/base/ids.h"
#include "runtime/channel/batch.h"

namespace weir {

struct Message {
  enum class Kind {
    kBatch,
    kWatermark,  ///< Every row on time with an earlier timestamp was sent before it. Ends idleness.
    kIdle,       ///< Nothing is to be expected from this path: it holds nobody's event time back until its next watermark.
    kBarrier,
  };
  Kind kind = Kind::kBatch;
  BatchPtr batch;                        ///< kBatch
  EventTime watermark = kMinEventTime;   ///< kWatermark
  Barrier barrier;                       ///< kBarrier

  static Message Of(BatchPtr batch) { return {Kind::kBatch, std::move(batch), kMinEventTime, {}}; }
  static Message Of(EventTime watermark) { return {Kind::kWatermark, nullptr, watermark, {}}; }
  static Message Idle() { return {Kind::kIdle, nullptr, kMinEventTime, {}}; }
  static Message Of(Barrier barrier) { return {Kind::kBarrier, nullptr, kMinEventTime, barrier}; }
};

}  // namespace weir
