// A batch: a run of rows of one type with what travels beside them. Batches cross borders, rows do not.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "runtime/base/ids.h"
#include "runtime/io/arena.h"

namespace weir {

/// Where a row was read: equal input gives equal origins, whatever the parallelism.
struct RowOrigin {
  uint32_t split = 0;   ///< SplitSource::Placement of its split, and below it the source: see SourceTimes.
  int64_t offset = 0;
  friend constexpr auto operator<=>(const RowOrigin&, const RowOrigin&) = default;
};

class BatchBase;
using BatchPtr = std::unique_ptr<BatchBase>;

/// What the untyped engine sees of a batch. Owned by one task at a time. What does not depend on the row type is in
/// batch.cc, so that a user's program need not compile it once for each of its types.
class BatchBase {
 public:
  virtual ~BatchBase();
  virtual size_t size() const = 0;
  /// Row i, for code that works by a RowType.
  virtual const void* row(size_t i) const = 0;
  /// A copy, for a stream with several consumers.
  virtual BatchPtr Clone() const = 0;
  /// Moves each row i to `targets[target_of_row[i]]`, creating the target where it is null; columns follow.
  virtual void Scatter(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) = 0;
  /// Moves all rows of `other`, a batch of the same type, behind these.
  virtual void Append(BatchBase& other) = 0;

  /// For a batch made of these rows one by one (Map): takes over all columns but the hashes, which were of other keys.
  void TakeColumns(BatchBase& from);
  /// For a batch made of some rows of `from` (FlatMap): the columns of row `row` for all rows from here to `rows` in all.
  void FillColumns(const BatchBase& from, size_t row, size_t rows);
  /// Keeps the columns of those rows for which `kept` is true, in order (Filter).
  void KeepColumns(const std::vector<bool>& kept);

  /// True if the row was late where it was read: its split's watermark had passed it.
  bool is_late(size_t row) const { return !late.empty() && late[row] != kMinEventTime; }

  std::vector<EventTime> times;     ///< One a row, or empty where the stream has no event time.
  std::vector<uint64_t> hashes;     ///< One a row once keyed, else empty.
  /// One a row, or empty where none is late: the watermark of its own split that had passed a late row when it was read,
  /// kMinEventTime for a row on time. Decided once, at the source, by the split alone: so equal input has equal late rows
  /// whatever the parallelism and the speed of other splits.
  std::vector<EventTime> late;
  std::vector<RowOrigin> origins;   ///< One a row where an operator downstream asks for it, else empty.
  std::vector<std::shared_ptr<const Arena>> arenas;   ///< Keep alive what string_view fields point to.

 protected:
  // The columns' part of Clone, Scatter and Append.
  void CopyColumns(BatchBase& to) const;
  /// REQUIRES: no target is null.
  // Rows may meet others that have a column which they lack (behind a Union): then theirs is filled up with nothing known.
  void ScatterColumns(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) const;
  void AppendColumns(const BatchBase& from);
  /// Rows that a new target of Scatter makes room for: an even share, and some more.
  static size_t ScatterShare(size_t rows, size_t targets) { return rows / targets + rows / 8 + 1; }
};

template <class T>
class Batch final : public BatchBase {
 public:
  size_t size() const override { return rows.size(); }
  const void* row(size_t i) const override { return &rows[i]; }

  BatchPtr Clone() const override {
    auto copy = std::make_unique<Batch>();
    copy->rows = rows;
    CopyColumns(*copy);
    return copy;
  }

  void Scatter(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) override {
    for (BatchPtr& target : targets) {
      if (target != nullptr) continue;
      auto made = std::make_unique<Batch>();
      made->rows.reserve(ScatterShare(rows.size(), targets.size()));
      target = std::move(made);
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      static_cast<Batch&>(*targets[target_of_row[i]]).rows.push_back(std::move(rows[i]));
    }
    ScatterColumns(target_of_row, targets);
  }

  void Append(BatchBase& other) override {
    auto& from = static_cast<Batch&>(other);
    rows.insert(rows.end(), std::make_move_iterator(from.rows.begin()), std::make_move_iterator(from.rows.end()));
    AppendColumns(from);
  }

  std::vector<T> rows;
};

}  // namespace weir
