#include "connectors/file/file_source.h"

#include <algorithm>
#include <utility>

#include "connectors/file/byte_stream.h"
#include "connectors/file/file_head.h"
#include "connectors/file/file_pattern.h"
#include "connectors/file/file_reader.h"

namespace weir {
namespace {

constexpr uint64_t kBackwardBytes = 64 * 1024;

// Where the line that `end` lies in starts: behind the last line end before `end`.
Result<uint64_t> EndOfWholeLines(FileSystem& files, const std::string& path, uint64_t end) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ReadableFile> file, files.Open(path));
  std::string chunk;
  while (end > 0) {
    const uint64_t begin = end - std::min(end, kBackwardBytes);
    chunk.resize(end - begin);
    WEIR_ASSIGN_OR_RETURN(const size_t got, file->Read(begin, chunk.size(), chunk.data()));
    const size_t newline = std::string_view(chunk).substr(0, got).rfind('\n');
    if (newline != std::string_view::npos) return begin + newline + 1;
    end = begin;
  }
  return uint64_t{0};
}

// FNV-1a, 32 bits (Fowler, Noll, Vo): part of which task reads which file, so it must never change.
uint32_t StableHash(std::string_view text) {
  uint32_t hash = 2166136261u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

}  // namespace

FileSource::FileSource(FileSystem& files, const Clock& clock, FileSourceConfig config)
    : files_(files), clock_(clock), config_(std::move(config)) {}

Status FileSource::CheckAsked(size_t files_found, StartPoint from, EndPoint to) const {
  if (from.kind == StartPoint::Kind::kTimestamp || to.kind == EndPoint::Kind::kTimestamp) {
    return InvalidArgument(config_.path + ": a file source cannot start or end at a time, its lines have none; use "
                           "earliest, latest, now or an offset");
  }
  const bool by_offset = from.kind == StartPoint::Kind::kOffset || to.kind == EndPoint::Kind::kOffset;
  if (by_offset && files_found > 1) {
    return InvalidArgument(config_.path + " names " + std::to_string(files_found) +
                           " files: one offset cannot start or end them all; name a single file");
  }
  return Status::Ok();
}

Result<std::vector<SplitAssignment>> FileSource::ListSplits(StartPoint from, EndPoint to) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> paths, MatchFiles(files_, config_.path));
  if (paths.empty() && !config_.follow) {
    return NotFound(config_.path + " names no file; check the path, or set follow to wait for files");
  }
  WEIR_RETURN_IF_ERROR(CheckAsked(paths.size(), from, to));
  std::vector<SplitAssignment> splits;
  splits.reserve(paths.size());
  for (const std::string& path : paths) {
    WEIR_ASSIGN_OR_RETURN(SplitAssignment split, Describe(path, from, to));
    splits.push_back(std::move(split));
  }
  return splits;
}

Result<SplitAssignment> FileSource::Describe(const std::string& path, StartPoint from, EndPoint to) const {
  SplitAssignment split;
  split.split = SplitId(path);
  const bool gzip = IsGzipPath(path);
  if (gzip && config_.follow) {
    return InvalidArgument(path + ": a gzip file cannot be followed; name the plain files only (for example *.json)");
  }
  if (gzip && (from.kind == StartPoint::Kind::kLatest || to.kind == EndPoint::Kind::kOffset)) {
    return InvalidArgument(path + ": the end of a gzip file is where its stream ends; read it from earliest");
  }
  WEIR_ASSIGN_OR_RETURN(const uint64_t size, files_.Size(path));
  uint64_t end = size;
  if (config_.follow && (from.kind == StartPoint::Kind::kLatest || to.kind == EndPoint::Kind::kNow)) {
    WEIR_ASSIGN_OR_RETURN(end, EndOfWholeLines(files_, path, size));
  }
  uint64_t start = 0;
  if (from.kind == StartPoint::Kind::kOffset) start = static_cast<uint64_t>(std::max<int64_t>(from.value, 0));
  if (from.kind == StartPoint::Kind::kLatest) start = end;
  if (to.kind == EndPoint::Kind::kOffset) end = std::min(size, static_cast<uint64_t>(std::max<int64_t>(to.value, 0)));
  if (!gzip && start > size) {
    return InvalidArgument(path + ": the start offset " + std::to_string(start) + " is past its end at " +
                           std::to_string(size));
  }
  split.start.next = Offset{static_cast<int64_t>(start)};
  WEIR_ASSIGN_OR_RETURN(const FileHead head, ReadHead(files_, path, start));
  if (head.size() == std::min(start, FileHead::kBytesMax)) split.start.fingerprint = head.FingerprintAt(start);
  const bool has_end = !gzip && (!config_.follow || to.kind != EndPoint::Kind::kNever);
  if (has_end) split.end = Offset{static_cast<int64_t>(std::max(start, end))};
  return split;
}

uint32_t FileSource::Placement(const SplitId& split) const { return StableHash(split.value()); }

Result<std::unique_ptr<RecordReader>> FileSource::NewReader(Waker& waker) {
  return std::unique_ptr<RecordReader>(std::make_unique<FileReader>(files_, clock_, config_, waker));
}

}  // namespace weir
