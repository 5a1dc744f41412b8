#include "state/untyped_value_table.h"

#include <utility>

#include "runtime/base/hash.h"

namespace weir {

UntypedValueTable::UntypedValueTable(std::string name, std::string layout, std::string key, std::string value,
                                     KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
    : epochs_(epochs), first_group_(groups.first), key_groups_(key_groups),
      schema_{std::move(name), std::move(layout), std::move(key), std::move(value)} {}

UntypedValueTable::~UntypedValueTable() = default;

const StateSchema& UntypedValueTable::schema() const { return schema_; }
uint64_t UntypedValueTable::keys() const { return keys_; }
void UntypedValueTable::SetNumber(uint8_t number) { number_ = number; }

Status UntypedValueTable::NotAKey(size_t bytes) const {
  return Corruption("state " + schema_.state + ": a key of " + std::to_string(bytes) + " bytes is not a " +
                    schema_.key);
}

Status UntypedValueTable::NotAValue() const {
  return Corruption("state " + schema_.state + ": a value does not decode as " + schema_.value);
}

Status UntypedValueTable::NotItsGroup(KeyGroup name, uint64_t hash) const {
  return Corruption("state " + schema_.state + ": a key lies in key group " + std::to_string(name.value()) +
                    ", its hash says " + std::to_string(GroupOfHash(hash, key_groups_).value()));
}

}  // namespace weir
