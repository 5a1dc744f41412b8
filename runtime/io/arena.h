// Bytes that a batch's rows point into. A batch keeps its arenas alive; views die with the last batch that holds one.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace weir {

/// Grows in chunks that never move. One thread writes; once shared it is only read.
class Arena {
 public:
  explicit Arena(size_t chunk_bytes = 64 * 1024) : chunk_bytes_(chunk_bytes) {}
  Arena(const Arena&) = delete;

  char* Allocate(size_t size) {
    if (size > left_) Grow(size);
    char* result = next_;
    next_ += size;
    left_ -= size;
    return result;
  }
  std::string_view Copy(std::string_view bytes) {
    if (bytes.empty()) return {};
    char* copy = Allocate(bytes.size());
    std::memcpy(copy, bytes.data(), bytes.size());
    return {copy, bytes.size()};
  }
  bool empty() const { return chunks_.empty(); }

 private:
  void Grow(size_t size) {
    const size_t chunk = size > chunk_bytes_ ? size : chunk_bytes_;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk));
    next_ = chunks_.back().get();
    left_ = chunk;
  }

  size_t chunk_bytes_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace weir
