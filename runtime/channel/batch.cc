#include "runtime/channel/batch.h"

namespace weir {

BatchBase::~BatchBase() = default;

void BatchBase::CopyColumns(BatchBase& to) const {
  to.times = times;
  to.hashes = hashes;
  to.arenas = arenas;
}

void BatchBase::ScatterColumns(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) const {
  const size_t share = ScatterShare(hashes.size(), targets.size());
  for (BatchPtr& target : targets) {
    if (!hashes.empty() && target->hashes.empty()) target->hashes.reserve(share);
    target->arenas.insert(target->arenas.end(), arenas.begin(), arenas.end());
  }
  for (size_t i = 0; i < hashes.size(); ++i) targets[target_of_row[i]]->hashes.push_back(hashes[i]);
  for (size_t i = 0; i < times.size(); ++i) targets[target_of_row[i]]->times.push_back(times[i]);
}

void BatchBase::AppendColumns(const BatchBase& from) {
  hashes.insert(hashes.end(), from.hashes.begin(), from.hashes.end());
  times.insert(times.end(), from.times.begin(), from.times.end());
  arenas.insert(arenas.end(), from.arenas.begin(), from.arenas.end());
}

}  // namespace weir
