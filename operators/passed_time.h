// Internal: how far event time has come for an operator behind an exchange, in each key group and through restarts.
//
// What is late is decided before the exchange, by a row's own split (operators/join/late_gate.h). But where a split of another
// source had been idle and wakes, it brings rows that are on time for it and behind this operator's watermark: what they belong
// to may be gone. They are late here. A restart must not forget how far that was: the first watermark after it comes later, and
// may be less.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/base/hash.h"
#include "runtime/channel/batch.h"
#include "state/group_table.h"

namespace weir {
struct OperatorContext;

namespace internal {

/// Of a key group.
struct PassedThrough {
  int64_t watermark = kMinEventTime.millis;
};

/// One thread, the task's.
class PassedTime {
 public:
  /// For the operator's own Open: adds the state "passed".
  void Open(const OperatorContext& context, const char* state = "passed");

  /// The greatest watermark of any group: what is not earlier is on time.
  EventTime most() const {
    if (!known_) [[unlikely]] ReadGroups();
    return most_;
  }
  /// Of the group that a key with this hash is in.
  EventTime Of(uint64_t hash) const { return EventTime{through_->Get(GroupOfHash(hash, key_groups_)).watermark}; }

  /// All that this watermark completes is done.
  void Pass(EventTime watermark);

  /// The rows of `in` at `rows`, each marked with the watermark that had passed it.
  template <class T>
  BatchPtr TakeLate(Batch<T>& in, const std::vector<uint32_t>& rows) const {
    auto taken = std::make_unique<Batch<T>>();
    for (const uint32_t row : rows) {
      taken->rows.push_back(std::move(in.rows[row]));
      taken->FillColumns(in, row, taken->rows.size());
      taken->late.resize(taken->rows.size());
      taken->late.back() = Of(in.hashes[row]);
    }
    taken->arenas = in.arenas;
    return taken;
  }

 private:
  void ReadGroups() const;

  GroupTable<PassedThrough>* through_ = nullptr;
  KeyGroupRange groups_;
  uint16_t key_groups_ = 0;
  mutable bool known_ = false;   // most_ is that of the groups, which a restore has filled
  mutable EventTime most_ = kMinEventTime;
};

}  // namespace internal
}  // namespace weir
