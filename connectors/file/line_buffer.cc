#include "connectors/file/line_buffer.h"

#include <algorithm>
#include <cstring>

namespace weir {
namespace {

constexpr size_t kReadBytes = 256 * 1024;

std::string_view WithoutCarriageReturn(std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

LineBuffer::LineBuffer(uint64_t offset, uint64_t line_bytes_max)
    : line_bytes_max_(line_bytes_max), offset_(offset) {}

LineBuffer::Outcome LineBuffer::Next(Line* line) {
  const char* const data = buffer_.get();
  const void* const found = end_ > scanned_ ? std::memchr(data + scanned_, '\n', end_ - scanned_) : nullptr;
  if (found == nullptr) {
    scanned_ = end_;
    return Outcome::kNeedMore;
  }
  const size_t newline = static_cast<size_t>(static_cast<const char*>(found) - data);
  line->text = WithoutCarriageReturn({data + begin_, newline - begin_});
  line->offset = offset_;
  offset_ += newline + 1 - begin_;
  begin_ = scanned_ = newline + 1;
  return Outcome::kLine;
}

Result<size_t> LineBuffer::Fill(ByteStream& stream) {
  if (end_ - begin_ > line_bytes_max_) return TooLong(offset_);
  MakeRoom();
  WEIR_ASSIGN_OR_RETURN(const size_t got, stream.Read(buffer_.get() + end_, capacity_ - end_));
  filled_from_ = end_;
  end_ += got;
  return got;
}

bool LineBuffer::TakeRest(Line* line) {
  if (begin_ == end_) return false;
  line->text = WithoutCarriageReturn({buffer_.get() + begin_, end_ - begin_});
  line->offset = offset_;
  offset_ += end_ - begin_;
  begin_ = scanned_ = end_;
  return true;
}

Status LineBuffer::TooLong(uint64_t offset) const {
  return InvalidArgument("the line at byte " + std::to_string(offset) + " is longer than " +
                         std::to_string(line_bytes_max_) +
                         " bytes, the most that is read: is this a file of lines?");
}

void LineBuffer::MakeRoom() {
  const size_t kept = end_ - begin_;
  // Half a buffer free keeps reads large, and bounds what one long line costs in moves.
  const size_t wanted = kept > capacity_ / 2 ? std::max(2 * capacity_, kReadBytes) : capacity_;
  if (wanted > capacity_ || capacity_ == 0) {
    capacity_ = std::max(wanted, kReadBytes);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    if (kept > 0) std::memcpy(larger.get(), buffer_.get() + begin_, kept);
    buffer_ = std::move(larger);
  } else if (kept > 0 && begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  }
  scanned_ -= begin_;
  begin_ = 0;
  end_ = kept;
}

}  // namespace weir
