#include "tests/simulation/world/input_model.h"

#include <algorithm>

namespace weir::simulation {

void InputModel::Add(InputPartition partition, Row row) {
  std::vector<Row>& rows = partitions_[partition];
  if (row.poison) poison_offsets_[partition].push_back(static_cast<int64_t>(rows.size()));
  rows.push_back(row);
  ++rows_;
  poison_ += row.poison ? 1 : 0;
}

const InputModel::Row* InputModel::Find(InputPartition partition, int64_t offset) const {
  const auto found = partitions_.find(partition);
  if (found == partitions_.end() || offset < 0) return nullptr;
  const auto index = static_cast<size_t>(offset);
  return index < found->second.size() ? &found->second[index] : nullptr;
}

int64_t InputModel::PoisonBefore(InputPartition partition, int64_t offset) const {
  const auto found = poison_offsets_.find(partition);
  if (found == poison_offsets_.end()) return 0;
  const auto end = std::lower_bound(found->second.begin(), found->second.end(), offset);
  return end - found->second.begin();
}

Positions InputModel::Ends() const {
  Positions ends;
  for (const auto& [partition, rows] : partitions_) ends[partition] = static_cast<int64_t>(rows.size());
  return ends;
}

}  // namespace weir::simulation
