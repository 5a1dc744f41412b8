#include "state/rocksdb_file_system.h"

#include <rocksdb/file_system.h>

namespace weir {
namespace {

rocksdb::IOStatus ToRocksDb(const Status& status) {
  if (status.ok()) return rocksdb::IOStatus::OK();
  if (status.code() == Code::kNotFound) return rocksdb::IOStatus::PathNotFound(status.message());
  return rocksdb::IOStatus::IOError(status.message());
}

class SeamWritableFile : public rocksdb::FSWritableFile {
 public:
  explicit SeamWritableFile(WritableFile& file) : file_(file) {}

  using FSWritableFile::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    size_ += data.size();
    return ToRocksDb(file_.Append({data.data(), data.size()}));
  }
  rocksdb::IOStatus Flush(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus Close(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::OK();
  }
  uint64_t GetFileSize(const rocksdb::IOOptions&, rocksdb::IODebugContext*) override { return size_; }

 private:
  WritableFile& file_;
  uint64_t size_ = 0;
};

class SeamReadableFile : public rocksdb::FSRandomAccessFile {
 public:
  explicit SeamReadableFile(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}

  rocksdb::IOStatus Read(uint64_t offset, size_t size, const rocksdb::IOOptions&, rocksdb::Slice* result,
                         char* scratch, rocksdb::IODebugContext*) const override {
    const Result<size_t> got = file_->Read(offset, size, scratch);
    if (!got.ok()) return ToRocksDb(got.status());
    *result = rocksdb::Slice(scratch, *got);
    return rocksdb::IOStatus::OK();
  }

 private:
  const std::unique_ptr<ReadableFile> file_;
};

class SeamFileSystem : public rocksdb::FileSystemWrapper {
 public:
  SeamFileSystem(weir::FileSystem& files, SeamFile* written)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), files_(files), written_(written) {}
  const char* Name() const override { return "weir"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions&,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext*) override {
    Result<std::unique_ptr<WritableFile>> file = files_.Create(path, Replace::kNever);
    if (!file.ok()) return ToRocksDb(file.status());
    written_->file = std::move(file).value();
    *result = std::make_unique<SeamWritableFile>(*written_->file);
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext*) override {
    Result<std::unique_ptr<ReadableFile>> file = files_.Open(path);
    if (!file.ok()) return ToRocksDb(file.status());
    *result = std::make_unique<SeamReadableFile>(std::move(file).value());
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus GetFileSize(const std::string& path, const rocksdb::IOOptions&, uint64_t* size,
                                rocksdb::IODebugContext*) override {
    const Result<uint64_t> found = files_.Size(path);
    if (found.ok()) *size = *found;
    return ToRocksDb(found.status());
  }

 private:
  weir::FileSystem& files_;
  SeamFile* const written_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> NewSeamEnv(FileSystem& files, SeamFile* written) {
  return rocksdb::NewCompositeEnv(std::make_shared<SeamFileSystem>(files, written));
}

}  // namespace weir
