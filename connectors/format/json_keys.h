// Internal: from the key of a JSON member to the number of a field. Producers write members in the same order again
// and again, so the table remembers which key followed which: one comparison a key, also for keys that no field has.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace weir::internal {

/// One thread.
class JsonKeys {
 public:
  static constexpr int kNoField = -1;

  /// The field with number 0, 1, ... REQUIRES: before the first Begin.
  void Add(std::string name);

  /// A new object starts.
  void Begin() { last_ = 0; }

  /// `raw` begins behind the opening quote and reaches to the end of the document. If the expected key is there,
  /// its length is put into `length` and its field (or kNoField) into `field`; otherwise the answer is false.
  bool MatchExpected(std::string_view raw, size_t& length, int& field) {
    const uint32_t expected = entries_[last_].follower;
    const Entry& entry = entries_[expected];
    length = entry.name.size();
    if (expected == 0 || length >= raw.size() || raw[length] != '"') return false;
    if (std::memcmp(raw.data(), entry.name.data(), length) != 0) return false;
    last_ = expected;
    field = entry.field;
    return true;
  }

  /// The field of any key, unescaped, or kNoField; learns to expect it here.
  int Find(std::string_view key);

 private:
  struct Entry {
    std::string name;
    int field;
    uint32_t follower;   ///< Entry of the key that came next the last time, 0 for none.
  };

  std::vector<Entry> entries_{{"", kNoField, 1}};   ///< The first stands for the start of an object.
  uint32_t fields_ = 0;
  uint32_t last_ = 0;
};

}  // namespace weir::internal
