// The file system seam: all that checkpoints, state and the file connector do with files.
// Durability is explicit: nothing is durable before Sync of the file and SyncDirectory of its folder.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/status.h"

namespace weir {

/// One thread at a time. Destroying an unclosed file closes it and drops what was not yet written.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status Append(std::string_view bytes) = 0;
  /// Makes all that was appended durable. An error is final: never sync again, the kernel may have dropped pages.
  virtual Status Sync() = 0;
  virtual Status Close() = 0;
};

/// Safe from any thread.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// Up to `size` bytes from `offset` into `out`; fewer only at the end of the file. Returns how many.
  virtual Result<size_t> Read(uint64_t offset, size_t size, char* out) const = 0;
};

/// Held until destroyed or until the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class Replace { kNever, kExisting };

/// Safe from any thread. Codes: NotFound where a path is missing, IoError for all else; messages name the path.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// A new empty file; an existing one is truncated (kExisting) or refused with InvalidArgument (kNever).
  virtual Result<std::unique_ptr<WritableFile>> Create(const std::string& path, Replace replace) = 0;
  /// Opens an existing file to append to it, cut to `size` bytes first. REQUIRES: it has at least that many.
  virtual Result<std::unique_ptr<WritableFile>> OpenForAppend(const std::string& path, uint64_t size) = 0;
  virtual Result<std::unique_ptr<ReadableFile>> Open(const std::string& path) = 0;

  virtual Result<bool> Exists(const std::string& path) = 0;
  virtual Result<bool> IsDirectory(const std::string& path) = 0;
  virtual Result<uint64_t> Size(const std::string& path) = 0;
  /// Names (not paths) of a folder's entries, sorted.
  virtual Result<std::vector<std::string>> List(const std::string& directory) = 0;

  /// Also creates missing parents. Fine if it exists.
  virtual Status CreateDirectories(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  /// Atomic. kNever: InvalidArgument if the target exists.
  virtual Status Rename(const std::string& from, const std::string& to, Replace replace) = 0;
  /// A second name for the same file. InvalidArgument if the target exists.
  virtual Status HardLink(const std::string& from, const std::string& to) = 0;
  virtual Status RemoveFile(const std::string& path) = 0;
  /// Removes a folder and all below it; fine if it is missing.
  virtual Status RemoveTree(const std::string& path) = 0;

  /// Takes an exclusive lock on a file (created if missing) and writes this process's id into it.
  /// Held by another: Unavailable, the message naming the holder's process id.
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
};

/// The whole of a file.
Result<std::string> ReadWholeFile(FileSystem& files, const std::string& path);

/// THE durable order: write to a temporary name, sync it, rename it over `path`, sync the folder.
/// After OK the file has these bytes after any crash; after an error it has the old ones or the new ones.
/// `temporary`: empty for a name beside `path`. Writers of one path that may run at once need one each.
Status WriteDurably(FileSystem& files, const std::string& path, std::string_view bytes, std::string temporary = {});

/// "a" + "b" = "a/b".
std::string JoinPath(std::string_view directory, std::string_view name);
/// "a/b" -> "a"; "b" -> ".".
std::string ParentOf(std::string_view path);

}  // namespace weir
