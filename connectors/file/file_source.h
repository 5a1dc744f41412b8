// Files as a source: each file is a split, each line a record. Bounded by default; with `follow` it reads on as the
// files grow and as new ones appear.
//
// A record's offset is the byte where its line starts; a position is the byte where the next line starts, with a hash
// of the file's first bytes, so that a file that was replaced or rewritten is refused instead of misread.
// Files named *.gz are decompressed; their offsets count decompressed bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "runtime/io/source.h"

namespace weir {

struct FileSourceConfig {
  /// A file, a folder (its files, not those of folders in it), or a pattern with * ? [ ] in any part.
  /// Names that start with '.' or '_' are left out unless spelled out.
  std::string path;
  /// Read on as files grow, whole lines only. Not for *.gz.
  bool follow = false;
  /// How often a followed file is looked at once all of it was read.
  Duration follow_interval = std::chrono::milliseconds(200);
  /// The line at offset zero is a header, not a record.
  bool skip_header = false;
  /// An empty line is no record.
  bool skip_blank_lines = true;
  /// A longer line is an error: a guard against files that are not made of lines.
  uint64_t line_bytes_max = 16 * 1024 * 1024;
};

/// `files` and `clock` outlive the source and its readers.
class FileSource : public RecordSource {
 public:
  FileSource(FileSystem& files, const Clock& clock, FileSourceConfig config);

  /// Without `follow` every plain file ends at its size of now, or at the offset that `to` names if that is less; *.gz
  /// end where their stream ends and have no end here. With `follow`, kLatest and kNow mean the end of the last whole line.
  /// InvalidArgument: times (files have none), an offset where there are several files, following *.gz.
  Result<std::vector<SplitAssignment>> ListSplits(StartPoint from, EndPoint to) override;
  bool bounded() const override { return !config_.follow; }
  /// The same for all file sources: files are told apart by path and content, and may move with the job to a new host.
  std::string Identity() const override { return "files"; }
  uint32_t Placement(const SplitId& split) const override;
  Result<std::unique_ptr<RecordReader>> NewReader(Waker& waker) override;

 private:
  Result<SplitAssignment> Describe(const std::string& path, StartPoint from, EndPoint to) const;
  Status CheckAsked(size_t files_found, StartPoint from, EndPoint to) const;

  FileSystem& files_;
  const Clock& clock_;
  const FileSourceConfig config_;
};

}  // namespace weir
