// Reads the files of one source task line by line. Made by FileSource::NewReader.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/file/byte_stream.h"
#include "connectors/file/file_head.h"
#include "connectors/file/file_source.h"
#include "connectors/file/line_buffer.h"

namespace weir {

/// One thread. A file is open and has a buffer only while it is being read: not before its first Read, not after its
/// end, and not while a followed file has nothing new.
class FileReader : public RecordReader {
 public:
  FileReader(FileSystem& files, const Clock& clock, const FileSourceConfig& config, Waker& waker);

  Status Add(const SplitAssignment& assignment) override;
  Result<ReadResult> Read(size_t index, size_t rows_max, const RawVisitor& visit) override;
  Position PositionOf(size_t index) const override;
  /// Zero once the file ended, or a followed one had nothing new at the last look; else -1: how many lines lie ahead is
  /// not known.
  int64_t LagOf(size_t index) const override;

 private:
  struct Split {
    std::string path;
    std::optional<uint64_t> end;
    uint64_t next = 0;         // Valid while `lines` is empty.
    uint64_t seen = 0;         // How much of a followed file was there at the last look.
    uint64_t skip_left = 0;    // Decompressed bytes before `next` that are still to be passed over.
    FileHead head;
    std::unique_ptr<ByteStream> stream;
    std::optional<LineBuffer> lines;
    bool ended = false;
  };

  Status CheckUnchanged(const Split& split, const std::string& fingerprint, FileHead* head) const;
  Result<bool> Open(Split& split);
  Result<bool> HasGrown(Split& split);
  Status Skip(Split& split);
  Result<ReadResult> ReadLines(Split& split, size_t rows_max, const RawVisitor& visit);
  Result<ReadResult> FinishAtEnd(Split& split, size_t rows, const RawVisitor& visit);
  Status HandOut(const Split& split, const Line& line, const RawVisitor& visit, size_t* rows) const;
  ReadResult Wait(size_t rows);
  bool Follows(const Split& split) const { return config_.follow && !split.end.has_value(); }

  FileSystem& files_;
  const Clock& clock_;
  const FileSourceConfig config_;
  Waker& waker_;
  std::vector<Split> splits_;
};

}  // namespace weir
