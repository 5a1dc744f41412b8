// Cuts a byte stream into lines without copying them: a line is a view into the read buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/file/byte_stream.h"

namespace weir {

/// A line and the place where it starts. The text has no line end ("\n" or "\r\n").
struct Line {
  std::string_view text;
  uint64_t offset = 0;
};

/// One thread. Holds one buffer, which grows with the longest line up to the bound.
class LineBuffer {
 public:
  enum class Outcome {
    kLine,      ///< `line` is valid until the next call.
    kNeedMore,  ///< No whole line is buffered: Fill.
  };

  /// Lines start at `offset` of the stream.
  LineBuffer(uint64_t offset, uint64_t line_bytes_max);

  Outcome Next(Line* line);
  /// Reads once from the stream; zero at its end for now. InvalidArgument: a line is too long, naming its place.
  Result<size_t> Fill(ByteStream& stream);
  /// The bytes after the last line end, as a line of their own; false where there are none. For the end of a file.
  bool TakeRest(Line* line);

  /// InvalidArgument if the line is longer than the bound, naming its place.
  Status CheckLength(const Line& line) const {
    return line.text.size() <= line_bytes_max_ ? Status::Ok() : TooLong(line.offset);
  }

  /// Where the next line starts.
  uint64_t next_offset() const { return offset_; }
  /// What the last Fill read; its first byte is at stream offset fill_offset(). Valid right after Fill.
  std::string_view filled() const { return {buffer_.get() + filled_from_, end_ - filled_from_}; }
  uint64_t fill_offset() const { return offset_ + (filled_from_ - begin_); }

 private:
  Status TooLong(uint64_t offset) const;
  void MakeRoom();

  const uint64_t line_bytes_max_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;         // First byte of the next line.
  size_t scanned_ = 0;       // No line end in [begin_, scanned_).
  size_t end_ = 0;
  size_t filled_from_ = 0;
  uint64_t offset_;
};

}  // namespace weir
