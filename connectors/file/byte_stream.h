// The bytes of a file in order, decompressed where it is a gzip file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/base/file_system.h"

namespace weir {

/// One thread.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Up to `size` bytes into `out`; fewer or none means that there is nothing more now. REQUIRES: size > 0.
  virtual Result<size_t> Read(char* out, size_t size) = 0;
};

/// From `offset`, never past `end`. Asked again after it gave nothing it may give what was appended since.
std::unique_ptr<ByteStream> NewPlainStream(std::unique_ptr<ReadableFile> file, uint64_t offset,
                                           std::optional<uint64_t> end);

/// The decompressed bytes from the start, of all members of the file one after the other.
/// Corruption, naming the place in the compressed file: not gzip, damaged, or cut off.
std::unique_ptr<ByteStream> NewGzipStream(std::unique_ptr<ReadableFile> file, std::string path);

bool IsGzipPath(const std::string& path);

}  // namespace weir
