// What jobs with event time emit, held against the definitions of their operators: which rows are late by their own split,
// which windows and timers are over at a watermark, which rows are pairs. Without any code of the engine, and without regard
// to speed.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/io/codec.h"
#include "tests/simulation/world/output_model.h"
#include "tests/simulation/world/simulated_jobs.h"

namespace weir::simulation {

/// What became of the rows that were read.
struct TimedTruth {
  std::vector<Fact> facts;                                ///< Sorted.
  std::vector<std::pair<std::string, int64_t>> refused;   ///< Sorted: the operator and the late row that it did not take.
};

class TimedOutput final : public OutputModel {
 public:
  /// Splits may become idle, or be empty at first: then it depends on the clock how late the rows of one are that wakes.
  enum class Idleness {
    kNone,
    kInOneTask,   ///< The end is judged, and what is in the ledger is taken for late.
    kRaces,       ///< Also, a row may be overtaken by the watermark of another task on its way: it is late where it arrives.
  };
  /// `input` outlives it.
  TimedOutput(const InputModel& input, JobKind kind, const EventTimes& times, Idleness idleness);

  void Take(const std::string& bytes, Problems& problems) override;
  void TakeLate(const std::string& bytes, Problems& problems) override;
  void Clear() override;
  void CheckCovers(const Reached& least, const Reached& most, const std::string& when, Problems& problems) const override;

 private:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  struct Row {
    int64_t key = 0;
    int64_t price = 0;
    int64_t time = 0;
    InputPartition partition;
    int64_t offset = 0;
    int64_t passed_by = kNever;   ///< The watermark of its split that had passed it; kNever: it is on time.
    int64_t id() const { return IdOf(partition.first, partition.second, offset); }
  };
  using Rows = std::vector<Row>;

  struct Watermarks {
    int64_t all = kEnd;     ///< Of all sources.
    int64_t first = kEnd;   ///< Of the first one.
  };
  /// Adds the rows that were read.
  Watermarks ReadUpTo(const Reached& reached, Rows& rows) const;
  void TakeLatePart(const std::string& operator_id, const std::string& bytes, Problems& problems);
  void TakeAwayFromWindows(std::pair<int64_t, int64_t> slice, int64_t rows, std::vector<Fact>& facts) const;
  /// What can be told of facts where rows may be late on their way.
  std::vector<Fact> Comparable(const std::vector<Fact>& facts) const;
  /// Those that the operator takes; the others are added to `refused`.
  Rows TakenBy(const char* operator_id, const Rows& rows, bool (TimedOutput::*too_late)(const Row&) const,
               TimedTruth& truth) const;
  bool idles() const { return idleness_ != Idleness::kNone; }
  bool IsLate(const Row& row) const { return row.passed_by != kNever; }
  bool IsLateForSlice(const Row& row) const { return IsLate(row) && SliceEndOf(row.time) <= row.passed_by; }
  int64_t SliceEndOf(int64_t time) const { return (time / times_.slice_ms + 1) * times_.slice_ms; }
  bool IsLeftRow(const Row& row) const { return kind_ == JobKind::kJoins ? row.partition.first == 0 : IsLeft(row.price); }

  TimedTruth TruthAt(const Reached& reached) const;
  void AddSliding(const Rows& rows, int64_t watermark, TimedTruth& truth) const;
  void AddSessions(const Rows& rows, int64_t watermark, TimedTruth& truth) const;
  void AddBuckets(const Rows& rows, int64_t watermark, TimedTruth& truth) const;
  void AddPairs(const Rows& left, const Rows& right, int64_t watermark, TimedTruth& truth) const;
  void AddWindowPairs(const Rows& left, const Rows& right, int64_t watermark, TimedTruth& truth) const;
  void AddInOrder(const Rows& left, int64_t watermark, TimedTruth& truth) const;

  const InputModel& input_;
  const JobKind kind_;
  const EventTimes times_;
  const Idleness idleness_;
  const std::unique_ptr<RowDecoder> facts_decoder_;
  const std::unique_ptr<RowDecoder> late_decoder_;
  const std::unique_ptr<RowDecoder> bid_decoder_;
  const std::unique_ptr<RowDecoder> part_decoder_;
  std::multiset<Fact> facts_;
  std::multiset<std::pair<std::string, int64_t>> refused_;
  std::map<std::pair<int64_t, int64_t>, int64_t> late_in_slice_;   // rows by key and end of the slice
  std::map<int64_t, int64_t> late_in_session_;                     // rows by key
  std::map<std::pair<int64_t, int64_t>, int64_t> last_end_;   // by kind and key, as readers see them
};

}  // namespace weir::simulation
