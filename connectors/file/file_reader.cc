#include "connectors/file/file_reader.h"

#include <algorithm>
#include <utility>

#include "runtime/base/executor.h"

namespace weir {
namespace {

// What one call may read, so that a step stays short even where few lines come of it.
constexpr size_t kBytesPerCallMax = 1024 * 1024;
constexpr size_t kSkipBytesPerCall = 4 * 1024 * 1024;
constexpr size_t kSkipChunkBytes = 256 * 1024;

constexpr const char* kWayOut =
    "; put the file back as it was, or start without the checkpoint (--restore none), which reads it again from the "
    "start";

Status Shrunk(const std::string& path, uint64_t size, uint64_t wanted) {
  return Corruption(path + " has " + std::to_string(size) + " bytes, but was read or listed up to byte " +
                    std::to_string(wanted) + ": it was cut or replaced" + kWayOut);
}

Status Gone(const std::string& path) {
  return Corruption(path + " is gone, and nothing says whether it was read to its end" + kWayOut);
}

}  // namespace

FileReader::FileReader(FileSystem& files, const Clock& clock, const FileSourceConfig& config, Waker& waker)
    : files_(files), clock_(clock), config_(config), waker_(waker) {}

Status FileReader::Add(const SplitAssignment& assignment) {
  Split split;
  split.path = assignment.split.value();
  split.next = static_cast<uint64_t>(assignment.start.next.value());
  split.seen = split.next;
  if (assignment.end.has_value()) split.end = static_cast<uint64_t>(assignment.end->value());
  const Status checked = CheckUnchanged(split, assignment.start.fingerprint, &split.head);
  if (checked.code() == Code::kNotFound) return Gone(split.path);
  WEIR_RETURN_IF_ERROR(checked);
  splits_.push_back(std::move(split));
  return Status::Ok();
}

Status FileReader::CheckUnchanged(const Split& split, const std::string& fingerprint, FileHead* head) const {
  WEIR_ASSIGN_OR_RETURN(const uint64_t size, files_.Size(split.path));
  if (!IsGzipPath(split.path)) {
    const uint64_t wanted = std::max(split.next, split.end.value_or(0));
    if (size < wanted) return Shrunk(split.path, size, wanted);
  }
  WEIR_ASSIGN_OR_RETURN(FileHead found, ReadHead(files_, split.path, split.next));
  const uint64_t head_wanted = std::min(split.next, FileHead::kBytesMax);
  if (found.size() < head_wanted) return Shrunk(split.path, found.size(), split.next);
  if (!fingerprint.empty() && found.FingerprintAt(split.next) != fingerprint) {
    return Corruption(split.path + " does not begin as it did when it was read (first " + std::to_string(head_wanted) +
                      " bytes; hash " + found.FingerprintAt(split.next) + ", was " + fingerprint + "): another file" +
                      kWayOut);
  }
  if (head != nullptr) *head = std::move(found);
  return Status::Ok();
}

Result<ReadResult> FileReader::Read(size_t index, size_t rows_max, const RawVisitor& visit) {
  Split& split = splits_.at(index);
  if (split.ended) return ReadResult{0, SplitState::kEnded};
  if (split.stream == nullptr) {
    WEIR_ASSIGN_OR_RETURN(const bool open, Open(split));
    if (!open) return Wait(0);
  }
  if (split.skip_left > 0) {
    WEIR_RETURN_IF_ERROR(Skip(split));
    return ReadResult{0, SplitState::kMore};
  }
  Result<ReadResult> result = ReadLines(split, rows_max, visit);
  if (!result.ok()) return result.status().WithContext("reading " + split.path);
  return result;
}

// False: a followed file has nothing new.
Result<bool> FileReader::Open(Split& split) {
  if (Follows(split)) {
    WEIR_ASSIGN_OR_RETURN(const bool grown, HasGrown(split));
    if (!grown) return false;
  }
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<ReadableFile> file, files_.Open(split.path));
  if (IsGzipPath(split.path)) {
    split.stream = NewGzipStream(std::move(file), split.path);
    split.skip_left = split.next;
  } else {
    split.stream = NewPlainStream(std::move(file), split.next, split.end);
  }
  split.lines.emplace(split.next, config_.line_bytes_max);
  return true;
}

Result<bool> FileReader::HasGrown(Split& split) {
  const Result<uint64_t> size = files_.Size(split.path);
  if (size.status().code() == Code::kNotFound) return Gone(split.path);
  if (!size.ok()) return size.status();
  if (*size < split.seen) return Shrunk(split.path, *size, split.seen);
  if (*size == split.seen) return false;
  WEIR_RETURN_IF_ERROR(CheckUnchanged(split, split.head.FingerprintAt(split.next), nullptr));
  return true;
}

Status FileReader::Skip(Split& split) {
  const auto scratch = std::make_unique_for_overwrite<char[]>(kSkipChunkBytes);
  for (size_t done = 0; done < kSkipBytesPerCall && split.skip_left > 0;) {
    const size_t size = std::min<uint64_t>(kSkipChunkBytes, split.skip_left);
    WEIR_ASSIGN_OR_RETURN(const size_t got, split.stream->Read(scratch.get(), size));
    if (got == 0) return Shrunk(split.path, split.next - split.skip_left, split.next);
    split.skip_left -= got;
    done += got;
  }
  return Status::Ok();
}

Result<ReadResult> FileReader::ReadLines(Split& split, size_t rows_max, const RawVisitor& visit) {
  LineBuffer& lines = *split.lines;
  size_t rows = 0;
  size_t filled = 0;
  Line line;
  while (rows < rows_max) {
    if (lines.Next(&line) == LineBuffer::Outcome::kLine) {
      WEIR_RETURN_IF_ERROR(HandOut(split, line, visit, &rows));
      continue;
    }
    if (filled >= kBytesPerCallMax) break;
    WEIR_ASSIGN_OR_RETURN(const size_t got, lines.Fill(*split.stream));
    if (got == 0) return FinishAtEnd(split, rows, visit);
    filled += got;
    split.head.Extend(lines.fill_offset(), lines.filled());
  }
  return ReadResult{rows, SplitState::kMore};
}

Result<ReadResult> FileReader::FinishAtEnd(Split& split, size_t rows, const RawVisitor& visit) {
  const bool follows = Follows(split);
  Line rest;
  const bool has_rest = split.lines->TakeRest(&rest);
  const uint64_t read_to = split.lines->next_offset();
  if (!follows) {
    if (split.end.has_value() && read_to < *split.end) return Shrunk(split.path, read_to, *split.end);
    if (has_rest) WEIR_RETURN_IF_ERROR(HandOut(split, rest, visit, &rows));
    split.ended = true;
  }
  split.seen = read_to;
  // The rest of a followed file is read again, as a whole line, once its end has been written.
  split.next = follows && has_rest ? rest.offset : read_to;
  split.lines.reset();
  split.stream.reset();
  return follows ? Wait(rows) : ReadResult{rows, SplitState::kEnded};
}

Status FileReader::HandOut(const Split& split, const Line& line, const RawVisitor& visit, size_t* rows) const {
  if (line.offset == 0 && config_.skip_header) return Status::Ok();
  if (line.text.empty() && config_.skip_blank_lines) return Status::Ok();
  WEIR_RETURN_IF_ERROR(split.lines->CheckLength(line));
  RawRecord record;
  record.value = line.text;
  record.offset = Offset{static_cast<int64_t>(line.offset)};
  visit(record);
  ++*rows;
  return Status::Ok();
}

ReadResult FileReader::Wait(size_t rows) {
  waker_.WakeAt(clock_.Now() + config_.follow_interval);
  return {rows, SplitState::kWaiting};
}

Position FileReader::PositionOf(size_t index) const {
  const Split& split = splits_.at(index);
  const uint64_t next = split.lines.has_value() ? split.lines->next_offset() : split.next;
  Position position;
  position.next = Offset{static_cast<int64_t>(next)};
  position.fingerprint = split.head.FingerprintAt(next);
  return position;
}

int64_t FileReader::LagOf(size_t index) const {
  const Split& split = splits_.at(index);
  return split.ended || (Follows(split) && !split.lines.has_value()) ? 0 : -1;
}

}  // namespace weir
