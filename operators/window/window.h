// Windows: pieces of event time (or of a count of rows) whose rows are summed up together.
//
//   bids.KeyBy(&Bid::auction).Window(weir::Sliding{.size = 10s, .slide = 2s})
//       .Aggregate("bids", weir::Count{}, [](int64_t auction, weir::Window w, int64_t n) { return Hot{auction, w, n}; })
//
// A window of event time fires when the watermark has reached its end, and its result has the time of its last
// millisecond. A row counts in all windows that it belongs to, or, where the first of them had fired already for the row's
// own split, in none: then it is late. (A session takes no late row at all.)
#pragma once

#include <chrono>
#include <cstdint>

namespace weir {

/// [start, end) in milliseconds since 1970; of CountWindow the numbers of the rows of the key, from zero. May be a field of a
/// row.
struct Window {
  int64_t start = 0;
  int64_t end = 0;
  friend bool operator==(const Window&, const Window&) = default;
};

/// One window after the other: [n * size + offset, (n + 1) * size + offset).
struct Tumbling {
  std::chrono::milliseconds size{};
  std::chrono::milliseconds offset{};
  bool processing_time = false;
  /// By the clock of the machine that runs the operator: needs no event time, and no result repeats (class none).
  Tumbling OnProcessingTime() const { return {size, offset, true}; }
};

/// A window of `size` every `slide`. The slide must divide the size.
struct Sliding {
  std::chrono::milliseconds size{};
  std::chrono::milliseconds slide{};
  std::chrono::milliseconds offset{};
};

/// Windows that begin every `size` and end each `step` later than the one before: what has come since midnight, every hour.
/// The step must divide the size.
struct Cumulating {
  std::chrono::milliseconds size{};
  std::chrono::milliseconds step{};
  std::chrono::milliseconds offset{};
};

/// Rows of a key that are less than `gap` apart; ends `gap` after its last row.
struct Session {
  std::chrono::milliseconds gap{};
};

/// The last `rows` rows of a key, each time that `slide` more have come (zero: as many as `rows`). In the order of arrival.
struct CountWindow {
  int64_t rows = 0;
  int64_t slide = 0;
};

/// All rows of a key, in one window that ends with the input. Fires early, where EarlyEvery is said, and when drained.
struct Global {};

}  // namespace weir
