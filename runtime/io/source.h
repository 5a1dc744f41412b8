// What a byte source promises: connectors implement it, the engine and the Source operator use it.
//
// Life: the engine asks a SplitSource for its splits once (and again every discovery interval), gives each source
// task a RecordReader and the task's share of the splits, and then reads in bounded calls until the job ends.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/status.h"
#include "runtime/io/split.h"

namespace weir {

class Waker;

/// One undecoded record. Views are valid during the visitor's call only.
struct RawRecord {
  std::string_view key;      ///< Data is null where there is no key.
  std::string_view value;    ///< Data is null for a tombstone.
  Offset offset;
  int64_t timestamp_ms = -1; ///< Kafka's timestamp, -1 where there is none.
};

/// Called once a record, in offset order within a split.
using RawVisitor = std::function<void(const RawRecord&)>;

enum class SplitState {
  kMore,     ///< More records can be read now.
  kWaiting,  ///< Nothing now; the waker is called when there may be.
  kEnded,    ///< The bounded end was reached; nothing follows.
};

struct ReadResult {
  size_t rows = 0;
  SplitState state = SplitState::kWaiting;
};

/// Reads the splits of one source task. One thread, the task's. Never blocks.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// Adds a split; split indices count from zero in the order of Add. May be called while running (discovery).
  /// Fails with Corruption where the split is not the one that `start` was taken from, with the way out.
  virtual Status Add(const SplitAssignment& assignment) = 0;
  /// Hands at most `rows_max` records of split `index` to `visit`. A failure ends the engine (Aborted, IoError,
  /// Corruption, Unavailable after the connector's own retries).
  virtual Result<ReadResult> Read(size_t index, size_t rows_max, const RawVisitor& visit) = 0;
  /// Position after the last record handed out (control records behind it may be included).
  /// `max_timestamp` and `idle` are left for the caller to fill in.
  virtual Position PositionOf(size_t index) const = 0;
  /// Records known to lie between the position and the end of the split now, -1 where unknown.
  virtual int64_t LagOf(size_t index) const = 0;
};

/// Where a run starts that has no checkpoint, and where a bounded run ends.
struct StartPoint {
  enum class Kind { kEarliest, kLatest, kTimestamp, kOffset } kind = Kind::kEarliest;
  int64_t value = 0;   ///< Milliseconds for kTimestamp, offset for kOffset.
};
struct EndPoint {
  enum class Kind { kNever, kNow, kTimestamp, kOffset } kind = Kind::kNever;
  int64_t value = 0;
};

/// The splits of one source operator of a running job. Calls may block for a bounded time; they run on a
/// queue of their own, one at a time.
class SplitSource {
 public:
  virtual ~SplitSource() = default;
  /// All splits there are now, each with its start for `from` and, if `to` bounds the run, its end, sorted by name.
  /// Errors: NotFound with what looks alike; Unavailable while the broker is away (call again).
  virtual Result<std::vector<SplitAssignment>> ListSplits(StartPoint from, EndPoint to) = 0;
  /// True when no split will ever grow or appear (files without follow): a run of only such sources ends as drain.
  virtual bool bounded() const = 0;
  /// How much may be read ahead of each split. Before NewReader, if at all.
  virtual void SetPrefetch(uint64_t /*bytes_per_split*/) {}
  /// Names the cluster or host that the splits are in; a checkpoint of another one is refused.
  virtual std::string Identity() const = 0;
  /// Splits go to source tasks by this number modulo the parallelism, so that a split stays where it was.
  virtual uint32_t Placement(const SplitId& split) const = 0;
  /// Refuses (InvalidArgument, with the way out) a position that the split can no longer be read from without a gap.
  virtual Status CheckResume(const SplitId&, const Position&) { return {}; }
  /// Shows people under the name `reader` how far committed checkpoints have read, where the outside world has a place
  /// for that. Nothing is ever read back, so a failure loses nothing: Unavailable (the next checkpoint shows newer
  /// positions) or a refusal. `positions`: of all splits. Unlike the others it may run beside another call.
  virtual Status ShowProgress(const std::string& /*reader*/, std::span<const SplitPosition> /*positions*/) { return {}; }
};

/// A source of bytes.
class RecordSource : public SplitSource {
 public:
  /// Called by the worker that will use the reader. `waker` outlives it.
  virtual Result<std::unique_ptr<RecordReader>> NewReader(Waker& waker) = 0;
};

}  // namespace weir
