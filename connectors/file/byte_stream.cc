#include "connectors/file/byte_stream.h"

#include <zlib.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace weir {
namespace {

constexpr size_t kCompressedBytes = 256 * 1024;
// zlib's largest window, plus 16 for "gzip framing only".
constexpr int kGzipWindowBits = 15 + 16;

class PlainStream : public ByteStream {
 public:
  PlainStream(std::unique_ptr<ReadableFile> file, uint64_t offset, std::optional<uint64_t> end)
      : file_(std::move(file)), offset_(offset), end_(end) {}

  Result<size_t> Read(char* out, size_t size) override {
    if (end_.has_value()) size = std::min<uint64_t>(size, *end_ > offset_ ? *end_ - offset_ : 0);
    if (size == 0) return size_t{0};
    WEIR_ASSIGN_OR_RETURN(const size_t got, file_->Read(offset_, size, out));
    offset_ += got;
    return got;
  }

 private:
  const std::unique_ptr<ReadableFile> file_;
  uint64_t offset_;
  const std::optional<uint64_t> end_;
};

class GzipStream : public ByteStream {
 public:
  GzipStream(std::unique_ptr<ReadableFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)), input_(kCompressedBytes) {
    WEIR_CHECK(inflateInit2(&zlib_, kGzipWindowBits) == Z_OK, "zlib has no memory");
  }
  GzipStream(const GzipStream&) = delete;
  ~GzipStream() override { inflateEnd(&zlib_); }

  Result<size_t> Read(char* out, size_t size) override {
    zlib_.next_out = reinterpret_cast<Bytef*>(out);
    zlib_.avail_out = static_cast<uInt>(size);
    while (zlib_.avail_out > 0) {
      if (zlib_.avail_in == 0) {
        WEIR_ASSIGN_OR_RETURN(const bool more, Refill());
        if (!more) break;
      }
      WEIR_RETURN_IF_ERROR(Inflate());
    }
    return size - zlib_.avail_out;
  }

 private:
  Result<bool> Refill() {
    WEIR_ASSIGN_OR_RETURN(const size_t got, file_->Read(offset_, input_.size(), input_.data()));
    if (got == 0) {
      if (within_member_) return Damaged("it ends in the middle of its stream");
      return false;
    }
    offset_ += got;
    zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
    zlib_.avail_in = static_cast<uInt>(got);
    return true;
  }

  Status Inflate() {
    within_member_ = true;
    const int result = inflate(&zlib_, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      // What follows is the next member: `cat a.gz b.gz` is a gzip file too.
      within_member_ = false;
      inflateReset(&zlib_);
      return Status::Ok();
    }
    if (result == Z_OK || result == Z_BUF_ERROR) return Status::Ok();
    return Damaged(zlib_.msg != nullptr ? zlib_.msg : "zlib error " + std::to_string(result));
  }

  Status Damaged(const std::string& reason) const {
    return Corruption(path_ + " is not a sound gzip file: " + reason + ", near its byte " +
                      std::to_string(offset_ - zlib_.avail_in) + "; check it with gzip -t and replace it");
  }

  const std::unique_ptr<ReadableFile> file_;
  const std::string path_;
  std::vector<char> input_;
  uint64_t offset_ = 0;
  bool within_member_ = false;
  z_stream zlib_{};
};

}  // namespace

std::unique_ptr<ByteStream> NewPlainStream(std::unique_ptr<ReadableFile> file, uint64_t offset,
                                           std::optional<uint64_t> end) {
  return std::make_unique<PlainStream>(std::move(file), offset, end);
}

std::unique_ptr<ByteStream> NewGzipStream(std::unique_ptr<ReadableFile> file, std::string path) {
  return std::make_unique<GzipStream>(std::move(file), std::move(path));
}

bool IsGzipPath(const std::string& path) { return path.ends_with(".gz"); }

}  // namespace weir
