#include "state/rocksdb_sorted_file.h"

#include <algorithm>
#include <map>
#include <utility>

#include <rocksdb/file_checksum.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>

#include "runtime/base/checksum.h"
#include "state/rocksdb_file_system.h"

namespace weir {
namespace {

constexpr char kRangePrefix = '\xff';

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(rocksdb::Slice bytes) { return {bytes.data(), bytes.size()}; }

class ChecksumGenerator : public rocksdb::FileChecksumGenerator {
 public:
  void Update(const char* data, size_t size) override { checksum_.Add({data, size}); }
  void Finalize() override { finished_ = checksum_.Finish(); }
  std::string GetChecksum() const override { return finished_; }
  const char* Name() const override { return "weir.xxh3-128"; }

 private:
  FileChecksummer checksum_;
  std::string finished_;
};

class ChecksumFactory : public rocksdb::FileChecksumGenFactory {
 public:
  std::unique_ptr<rocksdb::FileChecksumGenerator> CreateFileChecksumGenerator(
      const rocksdb::FileChecksumGenContext&) override {
    return std::make_unique<ChecksumGenerator>();
  }
  const char* Name() const override { return "weir.xxh3-128"; }
};

class SstWriter : public SortedFileWriter {
 public:
  SstWriter(FileSystem& files, const std::string& path, SstContent content, rocksdb::Options options)
      : path_(path), content_(content), env_(NewSeamEnv(files, &file_)), options_(std::move(options)) {
    options_.env = env_.get();
  }

  Status Open() {
    sst_ = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options_, nullptr,
                                                    /*invalidate_page_cache=*/false);
    return Check(sst_->Open(path_));
  }

  Status Put(std::string_view key, std::string_view value) override {
    if (content_ == SstContent::kIngest) return Check(sst_->Put(ToSlice(key), ToSlice(value)));
    return AddChange(ChangeKind::kPut, key, value);
  }
  Status Delete(std::string_view key) override {
    if (content_ == SstContent::kIngest) return Check(sst_->Delete(ToSlice(key)));
    return AddChange(ChangeKind::kDelete, key, {});
  }
  Status DeleteRange(std::string_view begin, std::string_view end) override {
    if (content_ == SstContent::kIngest) return Check(sst_->DeleteRange(ToSlice(begin), ToSlice(end)));
    ranges_.push_back({std::string(begin), std::string(end)});
    return {};
  }

  Result<StateFile> Finish() override {
    if (content_ == SstContent::kChanges) WEIR_RETURN_IF_ERROR(AddRanges());
    rocksdb::ExternalSstFileInfo info;
    WEIR_RETURN_IF_ERROR(Check(sst_->Finish(&info)));
    sst_.reset();
    return StateFile{path_.substr(path_.rfind('/') + 1), info.file_size, info.file_checksum};
  }

  Status Sync() override {
    WEIR_RETURN_IF_ERROR(file_.file->Sync());
    return file_.file->Close();
  }

 private:
  Status Check(const rocksdb::Status& status) const { return FromRocksDb(status, path_); }

  Status AddChange(ChangeKind kind, std::string_view key, std::string_view value) {
    buffer_.assign(1, static_cast<char>(kind));
    buffer_.append(value);
    return Check(sst_->Put(ToSlice(key), buffer_));
  }

  Status AddRanges();

  const std::string path_;
  const SstContent content_;
  SeamFile file_;
  const std::unique_ptr<rocksdb::Env> env_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::SstFileWriter> sst_;
  std::string buffer_;
  std::vector<RangeDelete> ranges_;
};

Status SstWriter::AddRanges() {
  // One key of the file may begin several ranges only if they are nested: the longest says it all.
  std::map<std::string, std::string> longest;
  for (const RangeDelete& range : ranges_) {
    std::string& end = longest[range.begin];
    end = std::max(end, range.end);
  }
  for (const auto& [begin, end] : longest) {
    WEIR_RETURN_IF_ERROR(Check(sst_->Put(kRangePrefix + begin, end)));
  }
  // RocksDB refuses a file without entries; a range that deletes nothing stands for it.
  if (sst_->FileSize() == 0 && longest.empty()) return Check(sst_->Put(std::string(1, kRangePrefix), ""));
  return {};
}

class SstCursor : public ChangeCursor {
 public:
  SstCursor(FileSystem& files, const std::string& path, rocksdb::Options options)
      : path_(path), env_(NewSeamEnv(files, &unused_)), options_(std::move(options)) {
    options_.env = env_.get();
  }

  Status Open() {
    reader_ = std::make_unique<rocksdb::SstFileReader>(options_);
    WEIR_RETURN_IF_ERROR(FromRocksDb(reader_->Open(path_), path_));
    rocksdb::ReadOptions read;
    read.verify_checksums = true;
    read.fill_cache = false;
    read.readahead_size = kReadAheadBytes;
    entries_.reset(reader_->NewIterator(read));
    const std::string prefix(1, kRangePrefix);
    for (entries_->Seek(prefix); entries_->Valid(); entries_->Next()) {
      const std::string_view begin = ToView(entries_->key()).substr(1);
      if (entries_->value().size() > 0) range_deletes_.push_back({std::string(begin), entries_->value().ToString()});
    }
    WEIR_RETURN_IF_ERROR(FromRocksDb(entries_->status(), path_));
    entries_->SeekToFirst();
    return {};
  }

  bool Next() override {
    if (!started_) {
      started_ = true;
    } else if (entries_->Valid()) {
      entries_->Next();
    }
    if (!entries_->Valid()) {
      status_ = FromRocksDb(entries_->status(), path_);
      return false;
    }
    const std::string_view value = ToView(entries_->value());
    change_.key = ToView(entries_->key());
    if (change_.key.starts_with(kRangePrefix)) return false;
    constexpr char kDelete = static_cast<char>(ChangeKind::kDelete);
    if (value.empty() || value[0] > kDelete || value[0] < 0 || (value[0] == kDelete && value.size() > 1)) {
      status_ = Corruption(path_ + ": an entry is no change; start over with --restore none");
      return false;
    }
    change_.kind = static_cast<ChangeKind>(value[0]);
    change_.value = value.substr(1);
    return true;
  }
  const Change& change() const override { return change_; }
  const Status& status() const override { return status_; }
  const std::vector<RangeDelete>& range_deletes() const override { return range_deletes_; }

 private:
  static constexpr size_t kReadAheadBytes = 256 * 1024;

  const std::string path_;
  SeamFile unused_;
  const std::unique_ptr<rocksdb::Env> env_;
  rocksdb::Options options_;
  std::unique_ptr<rocksdb::SstFileReader> reader_;
  std::unique_ptr<rocksdb::Iterator> entries_;
  bool started_ = false;
  Change change_;
  Status status_;
  std::vector<RangeDelete> range_deletes_;
};

}  // namespace

std::shared_ptr<rocksdb::FileChecksumGenFactory> NewRocksDbChecksums() {
  return std::make_shared<ChecksumFactory>();
}

Status FromRocksDb(const rocksdb::Status& status, const std::string& what) {
  if (status.ok()) return {};
  const std::string message = what + ": " + status.ToString();
  if (status.IsCorruption() || status.IsNotFound()) return Corruption(message);
  return IoError(message);
}

Result<std::unique_ptr<SortedFileWriter>> NewSstWriter(FileSystem& files, const std::string& path, SstContent content,
                                                       const rocksdb::Options& options) {
  auto writer = std::make_unique<SstWriter>(files, path, content, options);
  WEIR_RETURN_IF_ERROR(writer->Open());
  return std::unique_ptr<SortedFileWriter>(std::move(writer));
}

Result<std::unique_ptr<ChangeCursor>> OpenSst(FileSystem& files, const std::string& path,
                                              const rocksdb::Options& options) {
  auto cursor = std::make_unique<SstCursor>(files, path, options);
  WEIR_RETURN_IF_ERROR(cursor->Open());
  return std::unique_ptr<ChangeCursor>(std::move(cursor));
}

}  // namespace weir
