#include "state/untyped_value_table.h"

#include <limits>
#include <utility>

#include "runtime/base/hash.h"
#include "runtime/reflect/key_codec.h"

namespace weir {

UntypedValueTable::UntypedValueTable(std::string name, std::string layout, std::string key, std::string value,
                                     KeyGroupRange groups, uint16_t key_groups, const StateEpochs& epochs)
    : epochs_(epochs), first_group_(groups.first), key_groups_(key_groups),
      name_offset_(layout == "broadcast" ? kEveryKeyGroup.value() : 0),
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

void UntypedValueTable::RequireEnd(int64_t end) {
  WEIR_CHECK(end != std::numeric_limits<int64_t>::max(), "no slice ends at the end of time");
}

void UntypedValueTable::SaveRange(KeyGroup group, int64_t end) {
  std::string after;
  EncodeKey(EventTime{end + 1}, after);
  epochs_.delta->AddRange(number_, group, {}, after);
}

}  // namespace weir
