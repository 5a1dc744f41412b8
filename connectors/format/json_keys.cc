#include "connectors/format/json_keys.h"

#include <algorithm>
#include <utility>

namespace weir::internal {
namespace {

// Keys without a field are data: what is learnt of them is bounded.
constexpr size_t kUnknownKeysMax = 64;
constexpr size_t kUnknownKeyBytesMax = 64;

}  // namespace

JsonKeys::Entry::Entry(std::string key, int number, uint32_t next)
    : name(std::move(key)), field(number), follower(next), words{}, masks{}, is_long(name.size() + 2 > kReadBeyond) {
  char text[kReadBeyond] = {};
  char mask[kReadBeyond] = {};
  const std::string whole = name + "\":";
  std::memcpy(text, whole.data(), std::min(whole.size(), kReadBeyond));
  std::memset(mask, 0xff, std::min(whole.size(), kReadBeyond));
  std::memcpy(words, text, kReadBeyond);
  std::memcpy(masks, mask, kReadBeyond);
}

// The name of the first is none that a key can have, so that what has no follower is followed by it.
JsonKeys::JsonKeys() { entries_.emplace_back("\"", kNoField, 0); }

bool JsonKeys::MatchLong(const Entry& entry, const char* raw, const char* end) {
  const size_t length = entry.name.size();
  if (static_cast<size_t>(end - raw) < length + 2) return false;
  return std::memcmp(raw, entry.name.data(), length) == 0 && raw[length] == '"' && raw[length + 1] == ':';
}

void JsonKeys::Add(std::string name) {
  entries_.back().follower = fields_ + 1;
  entries_.emplace_back(std::move(name), static_cast<int>(fields_), 0);
  ++fields_;
}

int JsonKeys::Find(std::string_view key) {
  const uint32_t expected = entries_[last_].follower;
  uint32_t found = entries_[expected].name == key ? expected : 0;
  for (uint32_t i = 1; i < entries_.size() && found == 0; ++i) {
    if (entries_[i].name == key) found = i;
  }
  if (found == 0) {
    if (entries_.size() > fields_ + kUnknownKeysMax || key.size() > kUnknownKeyBytesMax) return kNoField;
    found = static_cast<uint32_t>(entries_.size());
    entries_.emplace_back(std::string(key), kNoField, expected);
  }
  entries_[last_].follower = found;
  last_ = found;
  return entries_[found].field;
}

}  // namespace weir::internal
