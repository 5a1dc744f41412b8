#include "runtime/base/posix_file_system.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace weir {
namespace {

constexpr size_t kAppendBufferBytes = 64 * 1024;
// The kernel moves at most 2 GiB in one call.
constexpr size_t kTransferBytesMax = size_t{1} << 30;
constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

std::string ErrorText(int error) { return std::generic_category().message(error); }

Status FromErrno(const std::string& what, const std::string& path, int error) {
  std::string message = "cannot " + what + " " + path + ": " + ErrorText(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return NotFound(std::move(message));
    case EEXIST:
      return InvalidArgument(std::move(message));
    case ENOSPC:
    case EDQUOT:
      return IoError(std::move(message) + "; free some space there");
    case EIO:
      return IoError(std::move(message) + "; the disk fails, see the kernel's log (dmesg): if it goes on, stop the "
                                          "job, copy the folder to another disk and give the job that one");
    case EACCES:
    case EPERM:
    case EROFS:
      return IoError(std::move(message) + "; give user " + std::to_string(geteuid()) + " the right to do so");
    case EMFILE:
    case ENFILE:
      return IoError(std::move(message) + "; raise the limit of open files (ulimit -n)");
    default:
      return IoError(std::move(message));
  }
}

template <class Call>
auto Repeating(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result;
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Never repeated after EINTR: Linux has released the number by then, and another thread may own it.
  int Close() { return close(std::exchange(fd_, -1)); }

 private:
  int fd_ = -1;
};

Descriptor OpenDescriptor(const std::string& path, int flags) {
  return Descriptor(Repeating([&] { return open(path.c_str(), flags | O_CLOEXEC, kFileMode); }));
}

class PosixWritableFile : public WritableFile {
 public:
  PosixWritableFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Status Append(std::string_view bytes) override {
    WEIR_RETURN_IF_ERROR(CheckUsable());
    if (buffer_.size() + bytes.size() <= kAppendBufferBytes) {
      if (buffer_.capacity() < kAppendBufferBytes) buffer_.reserve(kAppendBufferBytes);
      buffer_.append(bytes);
      return Status::Ok();
    }
    WEIR_RETURN_IF_ERROR(Flush());
    if (bytes.size() >= kAppendBufferBytes) return WriteAll(bytes);
    buffer_.append(bytes);
    return Status::Ok();
  }

  Status Sync() override {
    WEIR_RETURN_IF_ERROR(CheckUsable());
    WEIR_RETURN_IF_ERROR(Flush());
    // Not repeated after any error, EINTR included: the kernel may have marked the lost pages as clean.
    if (fsync(descriptor_.get()) != 0) return Fail("sync", errno);
    return Status::Ok();
  }

  Status Close() override {
    if (!descriptor_.valid()) return Status::Ok();
    const Status flushed = failure_.ok() ? Flush() : failure_;
    const int result = descriptor_.Close();
    const int error = errno;
    WEIR_RETURN_IF_ERROR(flushed);
    if (result != 0 && error != EINTR) return Fail("close", error);
    return Status::Ok();
  }

 private:
  Status CheckUsable() const {
    if (!failure_.ok()) return failure_.WithContext("an earlier call failed for good");
    if (!descriptor_.valid()) return Internal(path_ + ": used after it was closed");
    return Status::Ok();
  }
  Status Fail(const char* what, int error) {
    // The contract of a file being written knows one code: whatever the cause, its bytes are not to be relied on.
    failure_ = IoError(FromErrno(what, path_, error).message());
    return failure_;
  }
  Status Flush() {
    WEIR_RETURN_IF_ERROR(WriteAll(buffer_));
    buffer_.clear();
    return Status::Ok();
  }
  Status WriteAll(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t size = std::min(bytes.size(), kTransferBytesMax);
      const ssize_t written = Repeating([&] { return write(descriptor_.get(), bytes.data(), size); });
      if (written < 0) return Fail("write to", errno);
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return Status::Ok();
  }

  Descriptor descriptor_;
  const std::string path_;
  std::string buffer_;
  Status failure_;
};

class PosixReadableFile : public ReadableFile {
 public:
  PosixReadableFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<size_t> Read(uint64_t offset, size_t size, char* out) const override {
    size_t total = 0;
    while (total < size) {
      const size_t want = std::min(size - total, kTransferBytesMax);
      const off_t at = static_cast<off_t>(offset + total);
      const ssize_t got = Repeating([&] { return pread(descriptor_.get(), out + total, want, at); });
      if (got < 0) {
        return FromErrno("read " + std::to_string(want) + " bytes at " + std::to_string(at) + " of", path_, errno);
      }
      if (got == 0) break;
      total += static_cast<size_t>(got);
    }
    return total;
  }

 private:
  const Descriptor descriptor_;
  const std::string path_;
};

class PosixFileLock : public FileLock {
 public:
  explicit PosixFileLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  const Descriptor descriptor_;
};

Result<struct stat> StatOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return FromErrno("look at", path, errno);
  return info;
}

std::string HolderOf(int fd) {
  char text[32];
  const ssize_t got = Repeating([&] { return pread(fd, text, sizeof text, 0); });
  std::string holder(text, static_cast<size_t>(std::max<ssize_t>(got, 0)));
  holder.erase(std::find_if(holder.begin(), holder.end(), [](char c) { return c < '0' || c > '9'; }), holder.end());
  return holder.empty() ? "of unknown id" : holder;
}

Status RemoveBelow(int parent, const std::string& name, const std::string& path);

Status RemoveEntriesOf(int directory, const std::string& path) {
  DIR* entries = fdopendir(directory);
  if (entries == nullptr) {
    const int error = errno;
    close(directory);
    return FromErrno("list", path, error);
  }
  Status status;
  while (status.ok()) {
    errno = 0;
    const dirent* entry = readdir(entries);
    if (entry == nullptr) {
      if (errno != 0) status = FromErrno("list", path, errno);
      break;
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") status = RemoveBelow(dirfd(entries), name, JoinPath(path, name));
  }
  closedir(entries);
  return status;
}

Status RemoveBelow(int parent, const std::string& name, const std::string& path) {
  if (unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return Status::Ok();
  if (errno != EISDIR && errno != EPERM) return FromErrno("remove", path, errno);
  const int directory = openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) return errno == ENOENT ? Status::Ok() : FromErrno("open", path, errno);
  WEIR_RETURN_IF_ERROR(RemoveEntriesOf(directory, path));
  if (unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return Status::Ok();
  return FromErrno("remove", path, errno);
}

}  // namespace

Result<std::unique_ptr<WritableFile>> PosixFileSystem::Create(const std::string& path, Replace replace) {
  const int flags = O_WRONLY | O_CREAT | O_APPEND | (replace == Replace::kNever ? O_EXCL : O_TRUNC);
  Descriptor descriptor = OpenDescriptor(path, flags);
  if (!descriptor.valid()) return FromErrno("create", path, errno);
  return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(std::move(descriptor), path));
}

Result<std::unique_ptr<WritableFile>> PosixFileSystem::OpenForAppend(const std::string& path, uint64_t size) {
  Descriptor descriptor = OpenDescriptor(path, O_WRONLY | O_APPEND);
  if (!descriptor.valid()) return FromErrno("open", path, errno);
  WEIR_ASSIGN_OR_RETURN(const uint64_t now, Size(path));
  if (now < size) {
    return IoError("cannot append to " + path + " after byte " + std::to_string(size) + ": it has only " +
                   std::to_string(now) + " bytes");
  }
  const int result = Repeating([&] { return ftruncate(descriptor.get(), static_cast<off_t>(size)); });
  if (result != 0) return FromErrno("cut to " + std::to_string(size) + " bytes", path, errno);
  return std::unique_ptr<WritableFile>(std::make_unique<PosixWritableFile>(std::move(descriptor), path));
}

Result<std::unique_ptr<ReadableFile>> PosixFileSystem::Open(const std::string& path) {
  Descriptor descriptor = OpenDescriptor(path, O_RDONLY);
  if (!descriptor.valid()) return FromErrno("open", path, errno);
  struct stat info {};
  if (fstat(descriptor.get(), &info) != 0) return FromErrno("look at", path, errno);
  if (S_ISDIR(info.st_mode)) return IoError("cannot open " + path + ": it is a folder, not a file");
  return std::unique_ptr<ReadableFile>(std::make_unique<PosixReadableFile>(std::move(descriptor), path));
}

Result<bool> PosixFileSystem::Exists(const std::string& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return FromErrno("look at", path, errno);
}

Result<bool> PosixFileSystem::IsDirectory(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) == 0) return S_ISDIR(info.st_mode);
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return FromErrno("look at", path, errno);
}

Result<uint64_t> PosixFileSystem::Size(const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(const struct stat info, StatOf(path));
  return static_cast<uint64_t>(info.st_size);
}

Result<std::vector<std::string>> PosixFileSystem::List(const std::string& directory) {
  DIR* entries = opendir(directory.c_str());
  if (entries == nullptr) return FromErrno("list", directory, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(entries)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int error = errno;
  closedir(entries);
  if (error != 0) return FromErrno("list", directory, error);
  std::sort(names.begin(), names.end());
  return names;
}

Status PosixFileSystem::CreateDirectories(const std::string& path) {
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), kDirectoryMode) != 0) {
      const int error = errno;
      WEIR_ASSIGN_OR_RETURN(const bool directory, IsDirectory(part));
      if (!directory) {
        const Status status = FromErrno("create folder", part, error);
        return status.code() == Code::kInvalidArgument ? IoError(status.message()) : status;
      }
    }
    if (end == std::string::npos) return Status::Ok();
  }
}

Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const Descriptor descriptor = OpenDescriptor(path, O_RDONLY | O_DIRECTORY);
  if (!descriptor.valid()) return FromErrno("open folder", path, errno);
  if (fsync(descriptor.get()) != 0) return IoError(FromErrno("sync folder", path, errno).message());
  return Status::Ok();
}

Status PosixFileSystem::Rename(const std::string& from, const std::string& to, Replace replace) {
  const unsigned flags = replace == Replace::kNever ? RENAME_NOREPLACE : 0;
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return Status::Ok();
  const int error = errno;
  if (error == EINVAL && flags != 0) {
    return IoError("cannot rename " + from + " to " + to + ": " + ErrorText(error) +
                   "; this file system cannot rename without replacing (RENAME_NOREPLACE), use another one");
  }
  const Status status = FromErrno("rename " + from + " to", to, error);
  // With replacement allowed, "exists" means a folder in the way.
  if (flags == 0 && status.code() == Code::kInvalidArgument) return IoError(status.message());
  return status;
}

Status PosixFileSystem::HardLink(const std::string& from, const std::string& to) {
  if (link(from.c_str(), to.c_str()) == 0) return Status::Ok();
  return FromErrno("link " + from + " as", to, errno);
}

Status PosixFileSystem::RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) == 0) return Status::Ok();
  return FromErrno("remove", path, errno);
}

Status PosixFileSystem::RemoveTree(const std::string& path) { return RemoveBelow(AT_FDCWD, path, path); }

Result<std::unique_ptr<FileLock>> PosixFileSystem::Lock(const std::string& path) {
  for (;;) {
    Descriptor descriptor = OpenDescriptor(path, O_RDWR | O_CREAT);
    if (!descriptor.valid()) return FromErrno("open", path, errno);
    if (Repeating([&] { return flock(descriptor.get(), LOCK_EX | LOCK_NB); }) != 0) {
      if (errno != EWOULDBLOCK) return FromErrno("lock", path, errno);
      return Unavailable(path + " is locked by process " + HolderOf(descriptor.get()) + "; stop that process first");
    }
    // The file may have been removed and made anew between open and lock: then the lock guards nothing.
    struct stat locked {};
    struct stat named {};
    if (fstat(descriptor.get(), &locked) != 0) return FromErrno("look at", path, errno);
    if (stat(path.c_str(), &named) != 0 || locked.st_ino != named.st_ino || locked.st_dev != named.st_dev) continue;
    const std::string text = std::to_string(getpid()) + "\n";
    if (ftruncate(descriptor.get(), 0) != 0 ||
        pwrite(descriptor.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      return FromErrno("write the process id into", path, errno);
    }
    return std::unique_ptr<FileLock>(std::make_unique<PosixFileLock>(std::move(descriptor)));
  }
}

}  // namespace weir
