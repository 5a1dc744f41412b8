// Encoded rows on their way to a sink that may refuse them for a while.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/status.h"
#include "runtime/io/sink.h"

namespace weir::internal {

/// First in, first out. One thread.
class EncodedRows {
 public:
  bool empty() const { return next_ == rows_.size(); }
  std::string& bytes() { return bytes_; }
  /// What was appended to bytes() since the last End is one row: [key][value], the key of `key_bytes`.
  void End(size_t key_bytes, bool has_key, int64_t timestamp_ms, int32_t partition) {
    rows_.push_back({end_, key_bytes, bytes_.size() - end_ - key_bytes, timestamp_ms, partition, has_key});
    end_ = bytes_.size();
  }
  /// Takes back what was appended since the last End.
  void Cancel() { bytes_.resize(end_); }

  /// Offers all that is left to `writer` under `epoch`. True when nothing is left.
  Result<bool> WriteTo(SinkWriter& writer, CheckpointId epoch);

 private:
  struct Row {
    size_t begin;
    size_t key_bytes;
    size_t value_bytes;
    int64_t timestamp_ms;
    int32_t partition;
    bool has_key;
  };
  static constexpr size_t kRowsPerCall = 1024;

  std::string bytes_;
  std::vector<Row> rows_;
  size_t next_ = 0;
  size_t end_ = 0;
  std::vector<OutgoingRecord> outgoing_;
};

}  // namespace weir::internal
