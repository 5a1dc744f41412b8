#include "connectors/memory/memory_log.h"

#include <algorithm>
#include <utility>

namespace weir {

int64_t MemoryPartition::stable_end() const {
  int64_t stable = end();
  for (const auto& [producer, offsets] : open_) stable = std::min(stable, offsets.front());
  return std::max(stable, begin_);
}

void MemoryPartition::Append(MemoryRecord record, int64_t producer) {
  record.offset = end();
  const bool open = producer != kNoProducer;
  if (open) open_[producer].push_back(record.offset);
  entries_.push_back({std::make_shared<const MemoryRecord>(std::move(record)),
                      open ? State::kOpen : State::kCommitted});
}

void MemoryPartition::EndTransaction(int64_t producer, bool commit) {
  const auto found = open_.find(producer);
  if (found == open_.end()) return;
  for (const int64_t offset : found->second) {
    if (offset >= begin_) At(offset).state = commit ? State::kCommitted : State::kAborted;
  }
  open_.erase(found);
  entries_.push_back({nullptr, State::kControl});
}

void MemoryPartition::TrimBefore(int64_t offset) {
  while (begin_ < offset) {
    entries_.pop_front();
    ++begin_;
  }
}

std::shared_ptr<const MemoryRecord> MemoryPartition::NextCommitted(int64_t* position) const {
  const int64_t stable = stable_end();
  for (; *position < stable; ++*position) {
    const Entry& entry = At(*position);
    if (entry.state != State::kCommitted) continue;
    ++*position;
    return entry.record;
  }
  return nullptr;
}

int64_t MemoryPartition::FindTime(int64_t millis) const {
  for (const Entry& entry : entries_) {
    if (entry.record != nullptr && entry.record->timestamp_ms >= millis) return entry.record->offset;
  }
  return end();
}

std::vector<std::shared_ptr<const MemoryRecord>> MemoryPartition::AllData() const {
  std::vector<std::shared_ptr<const MemoryRecord>> records;
  for (const Entry& entry : entries_) {
    if (entry.record != nullptr) records.push_back(entry.record);
  }
  return records;
}

}  // namespace weir
