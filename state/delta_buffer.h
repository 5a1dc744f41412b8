// Where the task puts the frozen entries that it saves, and where the I/O queue finds them: encoded changes in
// chunks that never move. A buffer that grew as one string would stop the task for the time of its copies.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "runtime/base/ids.h"
#include "state/base_store.h"

namespace weir {

class ChunkPool;

/// Bytes of a file key before the encoded key: state number, key group (big endian).
inline constexpr size_t kKeyPrefixBytes = 3;
/// The key group, on disk, of what every task of an operator has alike: it is in the state of each.
inline constexpr KeyGroup kEveryKeyGroup{0xffff};
/// State numbers are below this: keys must not start with 0xff.
inline constexpr size_t kStatesMax = 255;

/// The changes of one frozen epoch, in the order they were saved. The task fills it, then hands it over whole.
class DeltaBuffer {
 public:
  explicit DeltaBuffer(std::shared_ptr<ChunkPool> pool) : pool_(std::move(pool)) {}
  ~DeltaBuffer();
  DeltaBuffer(const DeltaBuffer&) = delete;

  /// REQUIRES: each key once; both parts shorter than 2 GiB.
  void Add(ChangeKind kind, uint8_t state, KeyGroup group, std::string_view key, std::string_view value) {
    const size_t size = kHeaderBytes + kKeyPrefixBytes + key.size() + value.size();
    char* out = size <= left_ ? next_ : Grow(size);
    const uint32_t sizes[2] = {static_cast<uint32_t>(kKeyPrefixBytes + key.size()),
                               static_cast<uint32_t>(value.size()) << 1 | static_cast<uint32_t>(kind)};
    std::memcpy(out, sizes, kHeaderBytes);
    out += kHeaderBytes;
    out[0] = static_cast<char>(state);
    out[1] = static_cast<char>(group.value() >> 8);
    out[2] = static_cast<char>(group.value());
    // The value of a whole key group has no key.
    if (!key.empty()) std::memcpy(out + kKeyPrefixBytes, key.data(), key.size());
    if (!value.empty()) std::memcpy(out + kKeyPrefixBytes + key.size(), value.data(), value.size());
    next_ += size;
    left_ -= size;
    bytes_ += size;
    ++entries_;
  }

  /// Deletes the keys of one group that begin with a part in [begin, end) and are older than this delta; what was or
  /// will be added to it stays.
  void AddRange(uint8_t state, KeyGroup group, std::string_view begin, std::string_view end);

  uint64_t entries() const { return entries_; }
  bool empty() const { return entries_ == 0 && ranges_.empty(); }
  uint64_t bytes() const { return bytes_; }

  /// Puts all changes in the order of their keys and writes them. Uses about 24 bytes more an entry while it runs.
  Status WriteSorted(SortedFileWriter& out) const;

 private:
  static constexpr size_t kHeaderBytes = 8;
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t used = 0;
    bool pooled = true;
  };
  /// Returns the new next_, with room for `size` bytes.
  char* Grow(size_t size);
  void CloseBlock();

  const std::shared_ptr<ChunkPool> pool_;
  std::vector<Block> blocks_;
  std::vector<RangeDelete> ranges_;
  char* next_ = nullptr;
  size_t left_ = 0;
  uint64_t entries_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace weir
