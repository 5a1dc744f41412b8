// Whether each epoch of a topic is whole: as many records of it are visible as its marker states. Pure; fed while the
// job runs, or when it is over.
//
// In each partition a transaction's records stand without a gap, and a control record follows: each such run belongs to
// the first marker that was produced after its last record.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir::test {

/// One thread.
class EpochCounter {
 public:
  static constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();

  /// REQUIRES: in the order of the marker topic.
  void AddMarker(uint64_t n, uint64_t records, int64_t timestamp_ms);
  /// REQUIRES: committed ones, in order within a partition.
  void AddRecord(int32_t partition, int64_t offset, int64_t timestamp_ms);
  /// What is wrong with the epochs up to n that were not settled before, and with records that belong to none.
  /// REQUIRES: all markers up to n and all visible records of their epochs were added.
  std::vector<std::string> Settle(uint64_t n = kAll);
  /// The newest marker, zero before the first.
  uint64_t newest() const { return newest_; }
  uint64_t settled() const { return settled_; }

 private:
  struct Marker {
    uint64_t n = 0;
    uint64_t stated = 0;
    int64_t timestamp_ms = 0;
    uint64_t visible = 0;
  };
  struct Run {
    uint64_t records = 0;
    int64_t last_offset = -1;
    int64_t last_timestamp_ms = 0;
  };
  Marker* OwnerOf(const Run& run);

  std::vector<Marker> markers_;         // Not settled yet.
  std::map<int32_t, Run> growing_;      // By partition: the last one.
  std::vector<Run> runs_;               // That have ended, and whose marker is not settled.
  uint64_t newest_ = 0;
  uint64_t settled_ = 0;
};

}  // namespace weir::test
