#include "tests/fault/harness/epoch_counter.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::test {

void EpochCounter::AddMarker(uint64_t n, uint64_t records, int64_t timestamp_ms) {
  markers_.push_back({n, records, timestamp_ms});
  newest_ = n;
}

void EpochCounter::AddRecord(int32_t partition, int64_t offset, int64_t timestamp_ms) {
  Run& run = growing_[partition];
  if (run.records > 0 && offset != run.last_offset + 1) {
    runs_.push_back(run);
    run = {};
  }
  ++run.records;
  run.last_offset = offset;
  run.last_timestamp_ms = timestamp_ms;
}

EpochCounter::Marker* EpochCounter::OwnerOf(const Run& run) {
  const auto owner = std::lower_bound(
      markers_.begin(), markers_.end(), run.last_timestamp_ms,
      [](const Marker& marker, int64_t timestamp_ms) { return marker.timestamp_ms < timestamp_ms; });
  return owner == markers_.end() ? nullptr : &*owner;
}

std::vector<std::string> EpochCounter::Settle(uint64_t n) {
  const auto count = [&](const Run& run) {
    Marker* owner = OwnerOf(run);
    if (owner == nullptr || owner->n > n) return false;
    owner->visible += run.records;
    return true;
  };
  std::erase_if(runs_, count);
  // A run of a settled epoch is whole: a control record is behind it.
  std::erase_if(growing_, [&](const auto& last) { return count(last.second); });
  std::vector<std::string> problems;
  const auto end = std::find_if(markers_.begin(), markers_.end(), [n](const Marker& marker) { return marker.n > n; });
  for (auto marker = markers_.begin(); marker != end; ++marker) {
    ++settled_;
    if (marker->visible == marker->stated) continue;
    problems.push_back(fmt::format("torn epoch {}: its marker states {} records, {} are visible", marker->n,
                                   marker->stated, marker->visible));
  }
  markers_.erase(markers_.begin(), end);
  if (n != kAll) return problems;
  for (const auto& [partition, run] : growing_) runs_.push_back(run);
  growing_.clear();
  for (const Run& run : runs_) problems.push_back(fmt::format("{} records of an epoch without a marker", run.records));
  runs_.clear();
  return problems;
}

}  // namespace weir::test
