// Internal: all of ValueTable and its like that knows neither key nor value, so that no program compiles it again for
// its own types.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "state/state_table.h"

namespace weir {

class UntypedValueTable : public StateTable {
 public:
  ~UntypedValueTable() override;
  const StateSchema& schema() const override;
  uint64_t keys() const override;
  void SetNumber(uint8_t number) override;
  /// Of bytes(): what keys and values own outside their slots. That of a value is known from when it was last saved.
  uint64_t heap_bytes() const { return heap_bytes_; }

 protected:
  /// An entry that can change keeps in few bits what was counted for it: returns these anew.
  uint64_t CountHeap(uint64_t units_before, uint64_t bytes, uint64_t units_max) {
    constexpr uint64_t kUnit = 16;
    const uint64_t units = std::min((bytes + kUnit - 1) / kUnit, units_max);
    heap_bytes_ += (units - units_before) * kUnit;
    return units;
  }

  /// `key`, `value`: their schemas.
  UntypedValueTable(std::string name, std::string layout, std::string key, std::string value, KeyGroupRange groups,
                    uint16_t key_groups, const StateEpochs& epochs);

  // What RestoreEntry refuses.
  Status NotAKey(size_t bytes) const;
  Status NotAValue() const;
  Status NotItsGroup(KeyGroup name, uint64_t hash) const;

  // Of SliceTable and of timers: keys that begin with a time.
  static constexpr uint64_t kBytesFreedAVisit = 1024;
  /// Hides all older entries of a group up to `end`, which is not the greatest of numbers.
  void SaveRange(KeyGroup group, int64_t end);
  static void RequireEnd(int64_t end);

  const StateEpochs& epochs_;
  const uint16_t first_group_;
  const uint16_t key_groups_;
  const uint16_t name_offset_;   // of groups on disk: see kEveryKeyGroup
  uint64_t keys_ = 0;
  uint64_t heap_bytes_ = 0;
  uint8_t number_ = 0;
  std::string key_scratch_;
  std::string value_scratch_;

 private:
  const StateSchema schema_;
};

}  // namespace weir
