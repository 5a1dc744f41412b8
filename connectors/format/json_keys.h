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

  JsonKeys();

  /// The field with number 0, 1, ... REQUIRES: before the first Begin.
  void Add(std::string name);

  /// A new object starts.
  void Begin() { last_ = 0; }

  /// `raw` begins behind the opening quote of a key, in a document that ends at `end` and has kReadBeyond more bytes there.
  /// True if the expected key is there and a colon right behind it: its field (or kNoField) is put into `field`.
  bool MatchExpected(const char* raw, const char* end, int& field) {
    const uint32_t expected = entries_[last_].follower;
    const Entry& entry = entries_[expected];
    uint64_t differences = 0;
    for (size_t i = 0; i < kWords; ++i) differences |= (WordAt(raw + i * sizeof(uint64_t)) ^ entry.words[i]) & entry.masks[i];
    if (differences != 0) return false;
    if (entry.is_long && !MatchLong(entry, raw, end)) return false;
    last_ = expected;
    field = entry.field;
    return true;
  }
  static constexpr size_t kReadBeyond = 24;

  /// The field of any key, unescaped, or kNoField; learns to expect it here.
  int Find(std::string_view key);

 private:
  static constexpr size_t kWords = kReadBeyond / sizeof(uint64_t);
  struct Entry {
    Entry(std::string name, int field, uint32_t follower);

    std::string name;
    int field;
    uint32_t follower;         ///< Entry of the key that came next the last time, 0 for none.
    uint64_t words[kWords];    ///< The name, a quote and a colon, as far as they fit, compared under the masks.
    uint64_t masks[kWords];
    bool is_long;              ///< They do not fit.
  };

  static uint64_t WordAt(const char* at) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word;
  }
  static bool MatchLong(const Entry& entry, const char* raw, const char* end);

  std::vector<Entry> entries_;   ///< The first stands for the start of an object, and is no key.
  uint32_t fields_ = 0;
  uint32_t last_ = 0;
};

}  // namespace weir::internal
