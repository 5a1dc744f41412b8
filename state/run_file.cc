#include "state/run_file.h"

#include <cstring>
#include <utility>

#include "runtime/base/checksum.h"

namespace weir {
namespace {

constexpr char kRangeDelete = 2;
constexpr size_t kHeaderBytes = 9;
constexpr size_t kFlushBytes = 64 * 1024;

class RunWriter : public SortedFileWriter {
 public:
  RunWriter(std::string name, std::unique_ptr<WritableFile> file) : file_(std::move(file)) {
    written_.name = std::move(name);
  }
  Status Put(std::string_view key, std::string_view value) override {
    return Add(static_cast<char>(ChangeKind::kPut), key, value);
  }
  Status Delete(std::string_view key) override { return Add(static_cast<char>(ChangeKind::kDelete), key, {}); }
  Status DeleteRange(std::string_view begin, std::string_view end) override {
    ranges_.push_back({std::string(begin), std::string(end)});
    return {};
  }
  Result<StateFile> Finish() override {
    for (const RangeDelete& range : ranges_) WEIR_RETURN_IF_ERROR(Add(kRangeDelete, range.begin, range.end));
    WEIR_RETURN_IF_ERROR(Flush());
    written_.checksum = checksum_.Finish();
    return written_;
  }
  Status Sync() override {
    WEIR_RETURN_IF_ERROR(file_->Sync());
    return file_->Close();
  }

 private:
  Status Add(char kind, std::string_view key, std::string_view value) {
    const uint32_t sizes[2] = {static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())};
    buffer_.push_back(kind);
    buffer_.append(reinterpret_cast<const char*>(sizes), sizeof(sizes));
    buffer_.append(key).append(value);
    return buffer_.size() < kFlushBytes ? Status::Ok() : Flush();
  }
  Status Flush() {
    checksum_.Add(buffer_);
    written_.size += buffer_.size();
    WEIR_RETURN_IF_ERROR(file_->Append(buffer_));
    buffer_.clear();
    return {};
  }

  const std::unique_ptr<WritableFile> file_;
  StateFile written_;
  FileChecksummer checksum_;
  std::string buffer_;
  std::vector<RangeDelete> ranges_;
};

class RunCursor : public ChangeCursor {
 public:
  explicit RunCursor(std::string bytes) : bytes_(std::move(bytes)) {}

  /// Looks at every record once, so that Next cannot fail.
  Status Open(const std::string& path) {
    for (size_t at = 0; at < bytes_.size();) {
      Record record;
      if (!ReadAt(at, &record)) {
        return Corruption(path + ": no whole record at byte " + std::to_string(at) + "; start over with --restore none");
      }
      if (record.kind == kRangeDelete) range_deletes_.push_back({std::string(record.key), std::string(record.value)});
      at = record.end;
    }
    return {};
  }
  bool Next() override {
    Record record;
    if (next_ == bytes_.size() || !ReadAt(next_, &record) || record.kind == kRangeDelete) return false;
    next_ = record.end;
    change_ = {static_cast<ChangeKind>(record.kind), record.key, record.value};
    return true;
  }
  const Change& change() const override { return change_; }
  const Status& status() const override { return status_; }
  const std::vector<RangeDelete>& range_deletes() const override { return range_deletes_; }

 private:
  struct Record {
    char kind = 0;
    std::string_view key;
    std::string_view value;
    size_t end = 0;
  };
  bool ReadAt(size_t at, Record* record) const {
    const std::string_view rest = std::string_view(bytes_).substr(at);
    if (rest.size() < kHeaderBytes || rest[0] < 0 || rest[0] > kRangeDelete) return false;
    uint32_t sizes[2];
    std::memcpy(sizes, rest.data() + 1, sizeof(sizes));
    const uint64_t size = uint64_t{kHeaderBytes} + sizes[0] + sizes[1];
    if (rest.size() < size || (rest[0] == static_cast<char>(ChangeKind::kDelete) && sizes[1] > 0)) return false;
    *record = {rest[0], rest.substr(kHeaderBytes, sizes[0]), rest.substr(kHeaderBytes + sizes[0], sizes[1]),
               at + size};
    return true;
  }

  const std::string bytes_;
  size_t next_ = 0;
  Change change_;
  const Status status_;
  std::vector<RangeDelete> range_deletes_;
};

}  // namespace

Result<std::unique_ptr<SortedFileWriter>> NewRunWriter(FileSystem& files, const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<WritableFile> file, files.Create(path, Replace::kNever));
  return std::unique_ptr<SortedFileWriter>(
      std::make_unique<RunWriter>(path.substr(path.rfind('/') + 1), std::move(file)));
}

Result<std::unique_ptr<ChangeCursor>> OpenRun(FileSystem& files, const std::string& path) {
  WEIR_ASSIGN_OR_RETURN(std::string bytes, ReadWholeFile(files, path));
  auto cursor = std::make_unique<RunCursor>(std::move(bytes));
  WEIR_RETURN_IF_ERROR(cursor->Open(path));
  return std::unique_ptr<ChangeCursor>(std::move(cursor));
}

}  // namespace weir
