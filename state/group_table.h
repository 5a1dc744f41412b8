// One value of type V for each key group, saved like the entries of any table: what an operator knows of a whole group,
// such as how far its windows have fired. It moves with the group when parallelism changes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/reflect/binary_codec.h"
#include "state/untyped_value_table.h"

namespace weir {

/// One thread, the task's. Made by StateStore::AddGroupValues, owned by the store. REQUIRES: groups are the store's.
template <class V>
class GroupTable final : public UntypedValueTable {
 public:
  GroupTable(std::string name, KeyGroupRange groups, const StateEpochs& epochs)
      : UntypedValueTable(std::move(name), "group", "\"none\"", SchemaOf<V>(), groups, 0, epochs), slots_(groups.size()) {}

  /// Value-initialised as long as nothing was written.
  const V& Get(KeyGroup group) const { return slots_[group.value() - first_group_].value; }
  V& Mutable(KeyGroup group) {
    Slot& slot = slots_[group.value() - first_group_];
    if (slot.stamp != epochs_.open) {
      if (slot.stamp != StateEpochs::kClean && epochs_.save_on_first_touch) Save(group, slot);
      slot.stamp = epochs_.open;
    }
    return slot.value;
  }

  uint64_t bytes() const override { return slots_.capacity() * sizeof(Slot); }

  bool SaveFrozen(SliceBudget& budget) override {
    for (; cursor_ < slots_.size(); ++cursor_) {
      if (budget.spent()) return false;
      budget.SpendVisit();
      Slot& slot = slots_[cursor_];
      if (slot.stamp != epochs_.frozen) continue;
      budget.SpendSave(Save(KeyGroup{static_cast<uint16_t>(first_group_ + cursor_)}, slot));
      slot.stamp = StateEpochs::kClean;
    }
    cursor_ = 0;
    return true;
  }

  Status RestoreEntry(KeyGroup group, std::string_view key, std::string_view value, CheckpointId) override {
    if (!key.empty()) return NotAKey(key.size());
    if (group.value() < first_group_ || group.value() >= first_group_ + slots_.size()) return NotAValue();
    V decoded{};
    if (!DecodeBinary(value, decoded) || !value.empty()) return NotAValue();
    slots_[group.value() - first_group_].value = std::move(decoded);
    return {};
  }

 private:
  struct Slot {
    V value{};
    uint8_t stamp = StateEpochs::kClean;
  };

  size_t Save(KeyGroup group, const Slot& slot) {
    value_scratch_.clear();
    EncodeBinary(slot.value, value_scratch_);
    epochs_.delta->Add(ChangeKind::kPut, number_, group, {}, value_scratch_);
    return value_scratch_.size();
  }

  std::vector<Slot> slots_;
  size_t cursor_ = 0;   // where SaveFrozen stands
};

}  // namespace weir
