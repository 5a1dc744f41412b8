// Checksums of what is on disk. XXH3-128 for files (speed), SHA-256 for the manifest (a marker in a log names it).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace weir {

/// 32 lower-case hexadecimal digits.
std::string FileChecksum(std::string_view bytes);
/// 64 lower-case hexadecimal digits.
std::string Sha256(std::string_view bytes);

/// FileChecksum of bytes that come in pieces. One thread.
class FileChecksummer {
 public:
  FileChecksummer();
  ~FileChecksummer();
  void Add(std::string_view bytes);
  std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
