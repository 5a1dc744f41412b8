#include "operators/encoded_rows.h"

#include <algorithm>

namespace weir::internal {

Result<bool> EncodedRows::WriteTo(SinkWriter& writer, CheckpointId epoch) {
  while (!empty()) {
    const size_t count = std::min(kRowsPerCall, rows_.size() - next_);
    outgoing_.clear();
    for (size_t i = next_; i < next_ + count; ++i) {
      const Row& row = rows_[i];
      const char* begin = bytes_.data() + row.begin;
      outgoing_.push_back({row.has_key ? std::string_view(begin, row.key_bytes) : std::string_view(),
                           std::string_view(begin + row.key_bytes, row.value_bytes), row.timestamp_ms, row.partition});
    }
    WEIR_ASSIGN_OR_RETURN(const size_t taken, writer.Write(epoch, outgoing_));
    next_ += taken;
    if (taken < count) return false;
  }
  bytes_.clear();
  rows_.clear();
  next_ = 0;
  end_ = 0;
  return true;
}

}  // namespace weir::internal
