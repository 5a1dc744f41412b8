#include "runtime/channel/batch.h"

namespace weir {
namespace {

template <class Value>
void AppendColumn(std::vector<Value>& to, const std::vector<Value>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

template <class Value>
void KeepColumn(std::vector<Value>& column, const std::vector<bool>& kept) {
  size_t to = 0;
  for (size_t i = 0; i < column.size(); ++i) {
    if (kept[i]) column[to++] = column[i];
  }
  column.resize(to);
}

/// Most functions make one row of one.
template <class Value>
void FillColumn(std::vector<Value>& to, const std::vector<Value>& from, size_t row, size_t rows) {
  if (from.empty()) return;
  if (to.size() + 1 == rows) to.push_back(from[row]);
  else to.resize(rows, from[row]);
}

/// Puts `from`, the column of `added` rows or nothing, behind that of `before` rows.
template <class Value>
void Join(std::vector<Value>& to, size_t before, const std::vector<Value>& from, size_t added, Value unknown) {
  if (to.empty() && from.empty()) return;
  to.resize(before, unknown);
  AppendColumn(to, from);
  to.resize(before + added, unknown);
}

/// The rows have moved already.
template <class Value>
void ScatterColumn(const std::vector<Value>& column, std::vector<Value> BatchBase::*member,
                   std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets,
                   const std::vector<size_t>& before, Value unknown) {
  for (size_t t = 0; t < targets.size(); ++t) {
    std::vector<Value>& to = *targets[t].*member;
    if (!column.empty() || !to.empty()) to.resize(column.empty() ? targets[t]->size() : before[t], unknown);
  }
  for (size_t i = 0; i < column.size(); ++i) (*targets[target_of_row[i]].*member).push_back(column[i]);
}

}  // namespace

BatchBase::~BatchBase() = default;

void BatchBase::CopyColumns(BatchBase& to) const {
  to.times = times;
  to.hashes = hashes;
  to.late = late;
  to.origins = origins;
  to.arenas = arenas;
}

void BatchBase::TakeColumns(BatchBase& from) {
  times = std::move(from.times);
  late = std::move(from.late);
  origins = std::move(from.origins);
  arenas = std::move(from.arenas);
}

void BatchBase::FillColumns(const BatchBase& from, size_t row, size_t rows) {
  FillColumn(times, from.times, row, rows);
  FillColumn(late, from.late, row, rows);
  FillColumn(origins, from.origins, row, rows);
}

void BatchBase::KeepColumns(const std::vector<bool>& kept) {
  KeepColumn(times, kept);
  KeepColumn(hashes, kept);
  KeepColumn(late, kept);
  KeepColumn(origins, kept);
}

void BatchBase::ScatterColumns(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) const {
  const size_t share = ScatterShare(hashes.size(), targets.size());
  std::vector<size_t> before;
  for (BatchPtr& target : targets) {
    if (!hashes.empty() && target->hashes.empty()) target->hashes.reserve(share);
    AppendColumn(target->arenas, arenas);
    before.push_back(target->size());
  }
  for (const uint8_t target : target_of_row) --before[target];
  ScatterColumn(hashes, &BatchBase::hashes, target_of_row, targets, before, uint64_t{});
  ScatterColumn(times, &BatchBase::times, target_of_row, targets, before, kMinEventTime);
  ScatterColumn(late, &BatchBase::late, target_of_row, targets, before, kMinEventTime);
  ScatterColumn(origins, &BatchBase::origins, target_of_row, targets, before, RowOrigin{});
}

void BatchBase::AppendColumns(const BatchBase& from) {
  const size_t added = from.size();
  const size_t before = size() - added;
  AppendColumn(hashes, from.hashes);
  Join(times, before, from.times, added, kMinEventTime);
  Join(late, before, from.late, added, kMinEventTime);
  Join(origins, before, from.origins, added, RowOrigin{});
  AppendColumn(arenas, from.arenas);
}

}  // namespace weir
