// The records of the demo's jobs as the verifiers see them.
#pragma once

#include <compare>
#include <cstdint>

namespace demo {

/// A record of the input of auction-totals: a bid and where it stands there.
struct Bid {
  int64_t partition = 0;   ///< Of the topic, or a number given to a file.
  int64_t offset = 0;      ///< Of the record, or the byte where the file's line starts.
  int64_t auction = 0;
  int64_t price = 0;
};

/// A record of its output: what the job says about one bid.
struct Total {
  int64_t auction = 0;
  int64_t partition = 0;
  int64_t offset = 0;
  int64_t price = 0;
  int64_t count = 0;
  int64_t sum = 0;
};

/// A record of the input of a job with windows.
struct TimedRow {
  int64_t key = 0;
  int64_t time = 0;   ///< Milliseconds.
};

/// A record of its output.
struct FoundWindow {
  int64_t key = 0;
  int64_t start = 0;
  int64_t end = 0;
  int64_t rows = 0;
};

/// A record of its ledger of late rows.
struct LateRow {
  int64_t time = 0;
  int64_t watermark = 0;   ///< Of its partition, which had passed it.
  friend auto operator<=>(const LateRow&, const LateRow&) = default;
};

/// Where a record of the output was found.
struct OutputPlace {
  int64_t partition = 0;
  int64_t offset = 0;
};

}  // namespace demo
