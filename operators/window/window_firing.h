// Internal: what windows made of slices do that knows no row type: which windows of which key group fire next, how far each
// group has come, when memory is freed.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "operators/window/window_rule.h"
#include "runtime/task/operator.h"
#include "state/group_table.h"

namespace weir::internal {

/// Work of one call: entries looked at, and rows emitted.
class FiringBudget {
 public:
  explicit FiringBudget(size_t rows_per_step) : left_(static_cast<int64_t>(rows_per_step) * kLooksOfStepRow) {}
  bool spent() const { return left_ <= 0; }
  void SpendLook() { --left_; }
  /// Also for a look that has to find its entry first.
  void SpendRow() { left_ -= kLooksOfRow; }

 private:
  static constexpr int64_t kLooksOfRow = 4;
  /// A row of a window costs half as much as one that comes in.
  static constexpr int64_t kLooksOfStepRow = 2 * kLooksOfRow;
  int64_t left_;
};

/// How far the windows of a key group have fired; saved with it. Below: nothing is added any more.
struct FiredThrough {
  int64_t end = std::numeric_limits<int64_t>::min();
};

/// A part of a window's input that came after the window had fired. The rows themselves were added up before the exchange; this
/// happens only where a split had been idle, and woke.
struct LatePart {
  std::string key;        ///< Encoded as in state, in hexadecimal digits.
  int64_t slice_end = 0;  ///< Of a session the gap after the last row.
  int64_t rows = 0;
};

class WindowFiring : public Operator {
 public:
  Result<bool> OnWatermark(EventTime watermark, Emitter& out) override;
  int64_t NextWallTimer() const override;
  Result<bool> OnWallTime(int64_t now_ms, Emitter& out) override;
  Status Flush(Emitter& out) override;
  std::optional<uint64_t> rows_processed() const override;

 protected:
  struct Fired {
    KeyGroup group;
    Window window;
  };

  explicit WindowFiring(const WindowSettings& settings) : settings_(settings) {}
  void OpenFiring(const OperatorContext& context);
  /// Before the first row.
  void BeginProcess() {
    if (!knows_groups_) ReadGroups();
  }

  // For the typed half.

  virtual size_t SlicesOf(KeyGroup group) const = 0;
  virtual int64_t EndOf(KeyGroup group, size_t slice) const = 0;
  /// Emits rows of the window until all are out (true) or the budget is spent.
  virtual Result<bool> Fire(const Fired& fired, FiringBudget& budget, Emitter& out) = 0;
  virtual void DropThrough(KeyGroup group, int64_t end) = 0;
  /// Frees some of what was dropped. True when there is nothing more to free now.
  virtual bool FreeSome() = 0;
  /// Emits what Fire has gathered.
  virtual Status EmitMade(Emitter& out) = 0;
  /// Emits some of the changes since the last time. True when all are out.
  virtual Result<bool> FireEarly(FiringBudget& budget, Emitter& out) = 0;
  /// Nothing of slices up to `end` is worth an early result any more.
  virtual void ForgetEarly(int64_t end) = 0;

  /// The slice is over, for rows that come now. As a rule late rows were found before the exchange.
  bool IsOver(KeyGroup group, int64_t slice_end) const {
    // Most rows are later than anything that has fired: no look at the group.
    return slice_end <= most_fired_ && slice_end + settings_.late_updates_ms <= through_->Get(group).end;
  }
  bool HasFired(KeyGroup group, int64_t end) const { return end <= most_fired_ && end <= through_->Get(group).end; }
  /// What has passed the windows of the group that have fired. (A watermark is not known again until some time after a restart.)
  EventTime FiredOf(KeyGroup group) const { return EventTime{through_->Get(group).end}; }
  /// Where rows that come now go, if not by their event time.
  int64_t SliceOfNow();
  /// A slice has been written to: it may be the next to fire in processing time.
  void NoteSlice(int64_t end) { next_end_ = std::min(next_end_, end); }

  const WindowSettings settings_;
  size_t rows_per_step_ = 0;
  uint64_t processed_ = 0;
  KeyGroupRange groups_;

 private:
  void ReadGroups();
  /// Fires all windows that end at `target` or before, group by group.
  Result<bool> FireThrough(int64_t target, Emitter& out);
  /// All of one group; false if the budget is spent.
  Result<bool> FireGroup(KeyGroup group, int64_t target, FiringBudget& budget, Emitter& out);
  /// The end of the next window of the group that has a slice; nothing if none ends at `target` or before.
  std::optional<int64_t> NextWindow(KeyGroup group, int64_t fired, int64_t target) const;
  /// Lets out the rest of a window that is half out.
  Status FinishWindow(Emitter& out);
  void NoteFired(KeyGroup group, int64_t end);
  void DropBehind(KeyGroup group, int64_t fired);
  const Clock* clock_ = nullptr;
  GroupTable<FiredThrough>* through_ = nullptr;
  bool knows_groups_ = false;                                   // the next two are right
  int64_t least_fired_ = std::numeric_limits<int64_t>::min();   // over all groups
  int64_t most_fired_ = std::numeric_limits<int64_t>::min();
  int64_t next_end_ = kNoWallTimer;                             // least end of a slice, in processing time
  int64_t next_early_ = kNoWallTimer;
  std::optional<uint16_t> group_;                               // the one that is firing, up to target_
  int64_t target_ = 0;
  std::optional<Fired> firing_;                                 // its window that is half out
};

}  // namespace weir::internal
