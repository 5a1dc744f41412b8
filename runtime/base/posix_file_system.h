// The file system of the machine: the seam of file_system.h on Linux system calls.
//
// Appends go through a small buffer, so what was appended can be read by others only after Sync or Close.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/file_system.h"

namespace weir {

/// Safe from any thread; has no state. Files are opened close-on-exec and interrupted calls are repeated.
/// A lock belongs to its holder object, not to the process: a second Lock of one path within a process is refused too.
class PosixFileSystem : public FileSystem {
 public:
  Result<std::unique_ptr<WritableFile>> Create(const std::string& path, Replace replace) override;
  Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path, uint64_t size) override;
  Result<std::unique_ptr<ReadableFile>> Open(const std::string& path) override;

  Result<bool> Exists(const std::string& path) override;
  Result<bool> IsDirectory(const std::string& path) override;
  Result<uint64_t> Size(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& directory) override;

  Status CreateDirectories(const std::string& path) override;
  Status SyncDirectory(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to, Replace replace) override;
  Status HardLink(const std::string& from, const std::string& to) override;
  Status RemoveFile(const std::string& path) override;
  /// Never follows links: a link below `path` is removed, not what it points to.
  Status RemoveTree(const std::string& path) override;

  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
};

}  // namespace weir
