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

class BatchBase;
using BatchPtr = std::unique_ptr<BatchBase>;

/// What the untyped engine sees of a batch. Owned by one task at a time.
class BatchBase {
 public:
  virtual ~BatchBase() = default;
  virtual size_t size() const = 0;
  /// A copy, for a stream with several consumers.
  virtual BatchPtr Clone() const = 0;
  /// Moves each row i to `targets[target_of_row[i]]`, creating the target where it is null; columns follow.
  virtual void Scatter(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) = 0;
  /// Moves all rows of `other`, a batch of the same type, behind these.
  virtual void Append(BatchBase& other) = 0;

  std::vector<EventTime> times;     ///< One a row, or empty where the stream has no event time.
  std::vector<uint64_t> hashes;     ///< One a row once keyed, else empty.
  std::vector<std::shared_ptr<const Arena>> arenas;   ///< Keep alive what string_view fields point to.

 protected:
  void CopyColumns(BatchBase& to) const {
    to.times = times;
    to.hashes = hashes;
    to.arenas = arenas;
  }
};

template <class T>
class Batch final : public BatchBase {
 public:
  size_t size() const override { return rows.size(); }

  BatchPtr Clone() const override {
    auto copy = std::make_unique<Batch>();
    copy->rows = rows;
    CopyColumns(*copy);
    return copy;
  }

  void Scatter(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) override {
    for (BatchPtr& target : targets) {
      if (target == nullptr) {
        auto made = std::make_unique<Batch>();
        made->rows.reserve(rows.size() / targets.size() + rows.size() / 8 + 1);
        if (!hashes.empty()) made->hashes.reserve(made->rows.capacity());
        target = std::move(made);
      }
      target->arenas.insert(target->arenas.end(), arenas.begin(), arenas.end());
    }
    const auto to = [&](size_t i) -> Batch& { return static_cast<Batch&>(*targets[target_of_row[i]]); };
    for (size_t i = 0; i < rows.size(); ++i) to(i).rows.push_back(std::move(rows[i]));
    for (size_t i = 0; i < hashes.size(); ++i) to(i).hashes.push_back(hashes[i]);
    for (size_t i = 0; i < times.size(); ++i) to(i).times.push_back(times[i]);
  }

  void Append(BatchBase& other) override {
    auto& from = static_cast<Batch&>(other);
    rows.insert(rows.end(), std::make_move_iterator(from.rows.begin()), std::make_move_iterator(from.rows.end()));
    hashes.insert(hashes.end(), from.hashes.begin(), from.hashes.end());
    times.insert(times.end(), from.times.begin(), from.times.end());
    arenas.insert(arenas.end(), from.arenas.begin(), from.arenas.end());
  }

  std::vector<T> rows;
};

}  // namespace weir
