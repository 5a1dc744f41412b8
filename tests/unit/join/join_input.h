// What tests of joins read: splits whose rows come out of order, some of them late.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/base/random.h"
#include "runtime/channel/batch.h"

namespace weir::test {

/// A row of either side. `id` is unique.
struct Event {
  int64_t key = 0;
  int64_t time = 0;
  int64_t id = 0;
  std::string text;
};

/// A row where it was read.
struct ReadEvent {
  Event event;
  EventTime late = kMinEventTime;   ///< As BatchBase::late.
  RowOrigin origin;
};

/// A split: rows in the order of their offsets, and after each the split's watermark.
struct ReadSplit {
  std::vector<ReadEvent> events;
  std::vector<int64_t> watermarks;
};

struct DataShape {
  int64_t events = 200;
  int64_t keys = 5;
  int64_t span = 300;       ///< Event times lie in [0, span) ...
  int64_t disorder = 20;    ///< ... and mostly in order: watermarks are this much behind.
  int64_t jump = 45;        ///< A row in twenty is up to this much behind.
};

/// Half of the rows are of key 0.
inline ReadSplit RandomSplit(Random& random, const DataShape& shape, uint32_t split, int64_t& next_id) {
  ReadSplit made;
  int64_t greatest = -1'000'000;
  for (int64_t i = 0; i < shape.events; ++i) {
    ReadEvent read;
    int64_t time = shape.span * i / shape.events + static_cast<int64_t>(random.Below(static_cast<uint64_t>(shape.disorder)));
    if (random.OneIn(20)) time -= static_cast<int64_t>(random.Below(static_cast<uint64_t>(shape.jump)));
    const int64_t watermark = greatest - shape.disorder;
    if (i > 0 && random.OneIn(5)) time = watermark;   // As early as a row on time can be: where bounds are off by one.
    read.event = {random.OneIn(2) ? 0 : static_cast<int64_t>(random.Below(static_cast<uint64_t>(shape.keys))), time, next_id++,
                  std::string(random.Below(20), 't')};
    read.origin = {split, i};
    if (time < watermark) read.late = EventTime{watermark};
    greatest = std::max(greatest, time);
    made.events.push_back(read);
    made.watermarks.push_back(greatest - shape.disorder);
  }
  return made;
}

inline std::vector<ReadEvent> AllOf(const std::vector<ReadSplit>& splits) {
  std::vector<ReadEvent> all;
  for (const ReadSplit& split : splits) all.insert(all.end(), split.events.begin(), split.events.end());
  return all;
}

}  // namespace weir::test
