// What a StateStore asks of its tables, whatever their layout, and what it tells them about epochs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "state/delta_buffer.h"
#include "state/state_snapshot.h"

namespace weir {

/// The epochs that slots can belong to: the open one and at most one frozen one. They swap two stamps, so a slot
/// needs two bits for its stamp. Owned by the store, read by its tables at every access.
struct StateEpochs {
  static constexpr uint8_t kClean = 0;

  uint8_t open = 1;
  uint8_t frozen = kClean;        ///< kClean: none.
  CheckpointId frozen_id;
  DeltaBuffer* delta = nullptr;   ///< Of the frozen epoch.
  bool save_on_first_touch = true;
};

/// Work that a slice may still do. A saved entry costs as much as its size, one only looked at a fraction.
class SliceBudget {
 public:
  explicit SliceBudget(size_t saves) : left_(static_cast<int64_t>(saves) * kSave) {}
  bool spent() const { return left_ <= 0; }
  void SpendSave(size_t bytes) { left_ -= kSave + static_cast<int64_t>(bytes / kBytesOfVisit); }
  void SpendVisit() { --left_; }

 private:
  static constexpr int64_t kSave = 16;            // in visits
  static constexpr size_t kBytesOfVisit = 16;
  int64_t left_;
};

/// One thread, the task's.
class StateTable {
 public:
  virtual ~StateTable() = default;
  virtual const StateSchema& schema() const = 0;
  /// Entries that a user would find.
  virtual uint64_t keys() const = 0;
  /// Memory, about: slots, indexes, and what keys and values own outside their slots (runtime/reflect/heap_bytes.h). Of values that
  /// can change this is what it was when a checkpoint last saved them: one that grows is seen once it is saved.
  virtual uint64_t bytes() const = 0;

  // The rest is for the store.

  /// The first byte of this table's keys on disk. Before anything else.
  virtual void SetNumber(uint8_t number) = 0;
  /// Saves entries of the frozen epoch into its delta, in order of key groups. True when none is left in this table.
  virtual bool SaveFrozen(SliceBudget& budget) = 0;
  /// Takes an entry of a checkpoint. Corruption where the bytes are not a key and value of this table.
  virtual Status RestoreEntry(KeyGroup group, std::string_view key, std::string_view value, CheckpointId saved_in) = 0;
};

}  // namespace weir
