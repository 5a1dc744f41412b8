#include "connectors/file/file_head.h"

#include <algorithm>

#include "connectors/file/byte_stream.h"
#include "runtime/base/checksum.h"

namespace weir {

void FileHead::Extend(uint64_t offset, std::string_view bytes) {
  if (bytes_.size() >= kBytesMax || offset > bytes_.size()) return;
  const size_t known = std::min<size_t>(bytes.size(), bytes_.size() - offset);
  bytes_.append(bytes.substr(known, kBytesMax - bytes_.size()));
}

std::string FileHead::FingerprintAt(uint64_t position) const {
  const uint64_t size = std::min<uint64_t>(position, kBytesMax);
  if (size == 0) return {};
  WEIR_CHECK(size <= bytes_.size(), "the head of a file was not collected as far as it was read");
  return std::to_string(size) + ":" + FileChecksum(std::string_view(bytes_).substr(0, size));
}

Result<FileHead> ReadHead(FileSystem& files, const std::string& path, uint64_t position) {
  FileHead head;
  const uint64_t wanted = std::min(position, FileHead::kBytesMax);
  if (wanted == 0) return head;
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, files.Open(path));
  const std::unique_ptr<ByteStream> stream =
      IsGzipPath(path) ? NewGzipStream(std::move(file), path) : NewPlainStream(std::move(file), 0, wanted);
  std::string bytes(wanted, '\0');
  while (head.size() < wanted) {
    WEIR_ASSIGN_OR_RETURN(const size_t got, stream->Read(bytes.data(), wanted - head.size()));
    if (got == 0) break;
    head.Extend(head.size(), std::string_view(bytes).substr(0, got));
  }
  return head;
}

}  // namespace weir
