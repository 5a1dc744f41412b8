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
  /// `input` outlives it. `idles`: splits may become idle or are empty at first, so that it depends on the clock how late the
  /// rows of one are that wakes: then the end is judged, and only what is in the ledger is taken for late.
  TimedOutput(const InputModel& input, JobKind kind, const EventTimes& times, bool idles);

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

  /// Adds the rows that were read, and returns the watermark there.
  int64_t ReadUpTo(const Reached& reached, Rows& rows) const;
  /// Those that the operator takes; the others are added to `refused`.
  Rows TakenBy(const char* operator_id, const Rows& rows, bool (TimedOutput::*too_late)(const Row&) const,
               TimedTruth& truth) const;
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
  const bool idles_;
  const std::unique_ptr<RowDecoder> facts_decoder_;
  const std::unique_ptr<RowDecoder> late_decoder_;
  const std::unique_ptr<RowDecoder> bid_decoder_;
  std::multiset<Fact> facts_;
  std::multiset<std::pair<std::string, int64_t>> refused_;
  std::map<std::pair<int64_t, int64_t>, int64_t> last_end_;   // by kind and key, as readers see them
};

}  // namespace weir::simulation
