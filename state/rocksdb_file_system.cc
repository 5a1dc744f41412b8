#include "state/rocksdb_file_system.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include <rocksdb/file_system.h>

namespace weir {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

IOStatus ToRocksDb(const Status& status) {
  if (status.ok()) return IOStatus::OK();
  if (status.code() == Code::kNotFound) return IOStatus::PathNotFound(status.message());
  return IOStatus::IOError(status.message());
}

/// Passes an OK result on.
template <class T, class Taken>
IOStatus Take(Result<T> result, Taken taken) {
  if (!result.ok()) return ToRocksDb(result.status());
  taken(std::move(result).value());
  return IOStatus::OK();
}

/// A file of somebody else's, who syncs and closes it.
class SeamWritableFile : public rocksdb::FSWritableFile {
 public:
  explicit SeamWritableFile(WritableFile& file) : file_(file) {}

  using FSWritableFile::Append;
  IOStatus Append(const rocksdb::Slice& data, const IOOptions&, IODebugContext*) override {
    size_ += data.size();
    return ToRocksDb(file_.Append({data.data(), data.size()}));
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

 private:
  WritableFile& file_;
  uint64_t size_ = 0;
};

class OwnWritableFile : public SeamWritableFile {
 public:
  explicit OwnWritableFile(std::unique_ptr<WritableFile> file) : SeamWritableFile(*file), file_(std::move(file)) {}
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return ToRocksDb(file_->Sync()); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return ToRocksDb(file_->Close()); }

 private:
  const std::unique_ptr<WritableFile> file_;
};

class SeamReadableFile : public rocksdb::FSRandomAccessFile {
 public:
  explicit SeamReadableFile(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t size, const IOOptions&, rocksdb::Slice* result, char* scratch,
                IODebugContext*) const override {
    return Take(file_->Read(offset, size, scratch), [&](size_t got) { *result = rocksdb::Slice(scratch, got); });
  }

 private:
  const std::unique_ptr<ReadableFile> file_;
};

class SeamSequentialFile : public rocksdb::FSSequentialFile {
 public:
  explicit SeamSequentialFile(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}
  IOStatus Read(size_t size, const IOOptions&, rocksdb::Slice* result, char* scratch, IODebugContext*) override {
    return Take(file_->Read(at_, size, scratch), [&](size_t got) {
      at_ += got;
      *result = rocksdb::Slice(scratch, got);
    });
  }
  IOStatus Skip(uint64_t bytes) override {
    at_ += bytes;
    return IOStatus::OK();
  }

 private:
  const std::unique_ptr<ReadableFile> file_;
  uint64_t at_ = 0;
};

class SeamDirectory : public rocksdb::FSDirectory {
 public:
  SeamDirectory(weir::FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return ToRocksDb(files_.SyncDirectory(path_)); }

 private:
  weir::FileSystem& files_;
  const std::string path_;
};

class SeamLock : public rocksdb::FileLock {
 public:
  explicit SeamLock(std::unique_ptr<weir::FileLock> lock) : lock_(std::move(lock)) {}

 private:
  const std::unique_ptr<weir::FileLock> lock_;
};

class SeamFileSystem : public rocksdb::FileSystem {
 public:
  explicit SeamFileSystem(weir::FileSystem& files) : files_(files) {}
  const char* Name() const override { return "weir"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result, IODebugContext*) override {
    return Take(files_.Open(path), [&](auto file) { *result = std::make_unique<SeamSequentialFile>(std::move(file)); });
  }
  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext*) override {
    return Take(files_.Open(path), [&](auto file) { *result = std::make_unique<SeamReadableFile>(std::move(file)); });
  }
  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) override {
    return Take(files_.Create(path, Replace::kExisting),
                [&](auto file) { *result = std::make_unique<OwnWritableFile>(std::move(file)); });
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext*) override {
    *result = std::make_unique<SeamDirectory>(files_, path);
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>*, IODebugContext*) override {
    return IOStatus::NotSupported("what RocksDB has to say is in its errors");
  }
  IOStatus FileExists(const std::string& path, const IOOptions&, IODebugContext*) override {
    bool found = false;
    const IOStatus status = Take(files_.Exists(path), [&](bool exists) { found = exists; });
    return status.ok() && !found ? IOStatus::NotFound(path) : status;
  }
  IOStatus GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* result,
                       IODebugContext*) override {
    return Take(files_.List(path), [&](auto names) { *result = std::move(names); });
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* result, IODebugContext*) override {
    return Take(files_.IsDirectory(path), [&](bool is) { *result = is; });
  }
  IOStatus GetFileSize(const std::string& path, const IOOptions&, uint64_t* result, IODebugContext*) override {
    return Take(files_.Size(path), [&](uint64_t size) { *result = size; });
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* result, IODebugContext*) override {
    *result = 0;   // The seam knows no times, and what is decided by them is off.
    return IOStatus::OK();
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToRocksDb(files_.RemoveFile(path));
  }
  IOStatus CreateDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToRocksDb(files_.CreateDirectories(path));
  }
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToRocksDb(files_.CreateDirectories(path));
  }
  IOStatus DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) override {
    return ToRocksDb(files_.RemoveTree(path));
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) override {
    return ToRocksDb(files_.Rename(from, to, Replace::kExisting));
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) override {
    return ToRocksDb(files_.HardLink(from, to));
  }
  IOStatus LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** result, IODebugContext*) override {
    return Take(files_.Lock(path), [&](auto lock) { *result = new SeamLock(std::move(lock)); });
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    delete static_cast<SeamLock*>(lock);
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string*, IODebugContext*) override {
    return IOStatus::NotSupported("tests of RocksDB's own");
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result, IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }

 protected:
  weir::FileSystem& files_;
};

class SortedFileFileSystem : public SeamFileSystem {
 public:
  SortedFileFileSystem(weir::FileSystem& files, SeamFile* written) : SeamFileSystem(files), written_(written) {}

  IOStatus NewWritableFile(const std::string& path, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext*) override {
    return Take(files_.Create(path, Replace::kNever), [&](auto file) {
      written_->file = std::move(file);
      *result = std::make_unique<SeamWritableFile>(*written_->file);
    });
  }

 private:
  SeamFile* const written_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewSeamEnv(FileSystem& files, SeamFile* written) {
  return rocksdb::NewCompositeEnv(std::make_shared<SortedFileFileSystem>(files, written));
}

/// RocksDB schedules work under its own locks, so not even "at once" can mean on the caller's thread.
class StoreEnv::Worker {
 public:
  struct Work {
    void (*function)(void*);
    void* argument;
    void* tag;
    void (*unscheduled)(void*);
  };

  Worker() : thread_([this] { Run(); }) {}
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void Add(Work work) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(work);
    changed_.notify_all();
  }
  int Remove(const void* tag) {
    std::deque<Work> removed;
    {
      const std::lock_guard lock(mutex_);
      for (auto work = waiting_.begin(); work != waiting_.end();) {
        if (work->tag == tag) {
          removed.push_back(*work);
          work = waiting_.erase(work);
        } else {
          ++work;
        }
      }
    }
    for (const Work& work : removed) {
      if (work.unscheduled != nullptr) work.unscheduled(work.argument);
    }
    return static_cast<int>(removed.size());
  }
  void WaitUntilIdle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const Work work = waiting_.front();
      waiting_.pop_front();
      busy_ = true;
      lock.unlock();
      work.function(work.argument);
      lock.lock();
      busy_ = false;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> waiting_;   // Guarded by mutex_, as all below.
  bool busy_ = false;
  bool ending_ = false;
  std::thread thread_;
};

StoreEnv::StoreEnv(FileSystem& files)
    : EnvWrapper(rocksdb::NewCompositeEnv(std::make_shared<SeamFileSystem>(files))),
      worker_(std::make_unique<Worker>()) {
  file_system_ = target()->GetFileSystem();
}
StoreEnv::~StoreEnv() = default;

void StoreEnv::WaitUntilIdle() { worker_->WaitUntilIdle(); }

void StoreEnv::Schedule(void (*function)(void*), void* argument, Priority, void* tag, void (*unscheduled)(void*)) {
  worker_->Add({function, argument, tag, unscheduled});
}

int StoreEnv::UnSchedule(void* tag, Priority) { return worker_->Remove(tag); }

}  // namespace weir
