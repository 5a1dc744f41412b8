// The first bytes of a file, and the fingerprint by which a later run sees that it is still the same file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/file_system.h"

namespace weir {

/// Collects the first kBytesMax decompressed bytes of a file. One thread.
class FileHead {
 public:
  static constexpr uint64_t kBytesMax = 4096;

  /// Takes from `bytes`, which are at `offset` of the file, what belongs to the head and is not known yet.
  /// REQUIRES: no gap: offset <= bytes taken so far, or the head is complete.
  void Extend(uint64_t offset, std::string_view bytes);
  /// "<bytes hashed>:<hash>" over the head as far as a reader at `position` has read it; empty for position zero.
  std::string FingerprintAt(uint64_t position) const;
  uint64_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

/// The head of a file as far as `position`; shorter only where the file is.
Result<FileHead> ReadHead(FileSystem& files, const std::string& path, uint64_t position);

}  // namespace weir
