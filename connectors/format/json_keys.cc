#include "connectors/format/json_keys.h"

namespace weir::internal {
namespace {

// Keys without a field are data: what is learnt of them is bounded.
constexpr size_t kUnknownKeysMax = 64;
constexpr size_t kUnknownKeyBytesMax = 64;

}  // namespace

void JsonKeys::Add(std::string name) {
  if (fields_ > 0) entries_.back().follower = fields_ + 1;
  entries_.push_back({std::move(name), static_cast<int>(fields_), 0});
  ++fields_;
}

int JsonKeys::Find(std::string_view key) {
  uint32_t found = 0;
  for (uint32_t i = 1; i < entries_.size() && found == 0; ++i) {
    if (entries_[i].name == key) found = i;
  }
  if (found == 0) {
    if (entries_.size() > fields_ + kUnknownKeysMax || key.size() > kUnknownKeyBytesMax) return kNoField;
    found = static_cast<uint32_t>(entries_.size());
    entries_.push_back({std::string(key), kNoField, entries_[last_].follower});
  }
  entries_[last_].follower = found;
  last_ = found;
  return entries_[found].field;
}

}  // namespace weir::internal
