// The simulated jobs that work by event time. What they emit are facts, which follow from the input by the definitions of
// windows, sessions, timers and joins alone, so that all of it can be judged (timed_output.h).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

#include "operators/pipeline.h"

namespace weir::simulation {

/// Lengths of time in a job, drawn for each seed.
struct EventTimes {
  int64_t disorder_ms = 40;   ///< What the sources are told.
  int64_t slice_ms = 50;
  int64_t slices = 3;         ///< Of a sliding window.
  int64_t gap_ms = 60;        ///< Of a session.
};

struct TimedBid {
  int64_t auction = 0;
  int64_t price = 0;
  int64_t source = 0;
  EventTime time;
  int64_t partition = 0;   // Where it was read, as `offset`: not part of its bytes.
  int64_t offset = 0;
};

enum class FactKind : int64_t {
  kSliding,      ///< Count and sum of a sliding window.
  kSession,
  kBucket,       ///< A tumbling window made by hand, with timers and a map.
  kLateRow,      ///< A late row that a function saw: `a` is the row.
  kPair,         ///< Two rows within bounds: `a` left, `b` right.
  kUnmatched,    ///< `a`: a left row without a right one.
  kWindowPair,   ///< Two rows in one tumbling window; `b` is kNobody where there was none.
  kInOrder,      ///< Row `a` was number `count` of its key, by time.
};
inline int64_t CodeOf(FactKind kind) { return static_cast<int64_t>(kind); }
inline constexpr int64_t kNobody = -1;

struct Fact {
  int64_t kind = 0;
  int64_t key = 0;
  int64_t start = 0;
  int64_t end = 0;
  int64_t count = 0;
  int64_t sum = 0;
  int64_t a = 0;
  int64_t b = 0;
  friend auto operator<=>(const Fact&, const Fact&) = default;
};

/// A row of the input as one number.
inline int64_t IdOf(int64_t source, int64_t partition, int64_t offset) {
  return (source * 100 + partition) * 1'000'000 + offset;
}

/// right.time - left.time of a pair.
inline constexpr std::chrono::milliseconds kPairFrom{-30};
inline constexpr std::chrono::milliseconds kPairTo{50};

// The ids of operators that refuse late rows, as their ledger names them.
inline constexpr const char* kSlidingId = "sliding";
inline constexpr const char* kSessionId = "sessions";
inline constexpr const char* kPairsId = "pairs";
inline constexpr const char* kWindowPairsId = "window-pairs";
inline constexpr const char* kInOrderId = "in-order";

/// Sliding windows and sessions of one source.
Stream<Fact> WindowFacts(const Stream<TimedBid>& bids, const EventTimes& times);
/// Functions with timers.
Stream<Fact> TimerFacts(const Stream<TimedBid>& bids, const EventTimes& times);
/// Joins of two streams, and the left one in the order of time.
Stream<Fact> JoinFacts(const Stream<TimedBid>& left, const Stream<TimedBid>& right, const EventTimes& times);

/// Of a job with one source: which side of the join a row is on.
inline bool IsLeft(int64_t price) { return price % 2 == 0; }

/// The bytes of a bid as a producer would write them.
std::string TimedBidBytes(const TimedBid& bid);

}  // namespace weir::simulation
