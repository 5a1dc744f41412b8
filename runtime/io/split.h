// Splits and positions: where a source stands, and what a checkpoint remembers of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/ids.h"

namespace weir {

/// Name of one independently positioned part of a source, unique within it: "bids/3", "/data/part-0.json".
using SplitId = StrongId<struct SplitIdTag, std::string>;

/// Where a split stands: all that is needed to go on without reading a record twice or skipping one.
struct Position {
  Offset next;                               ///< The first record not yet read.
  EventTime max_timestamp = kMinEventTime;   ///< Greatest event time seen.
  EventTime watermark = kMinEventTime;       ///< Of the split alone, else late would turn into on time.
  bool idle = false;
  /// What the connector needs to see at restore that the split is still the one it read (opaque to the engine,
  /// printable ASCII without line ends): for Kafka the last record read, for a file the hash of its head.
  std::string fingerprint;
  friend bool operator==(const Position&, const Position&) = default;
};

struct SplitPosition {
  SplitId split;
  Position position;
  friend bool operator==(const SplitPosition&, const SplitPosition&) = default;
};

/// A split as the engine hands it to a reader: where to start, and where a bounded run ends (not read: >= end).
struct SplitAssignment {
  SplitId split;
  Position start;
  std::optional<Offset> end;
};

}  // namespace weir
