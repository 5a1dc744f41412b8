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

template <class Value>
void ScatterColumn(const std::vector<Value>& column, std::vector<Value> BatchBase::*member,
             std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) {
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
  if (!from.times.empty()) times.resize(rows, from.times[row]);
  if (!from.late.empty()) late.resize(rows, from.late[row]);
  if (!from.origins.empty()) origins.resize(rows, from.origins[row]);
}

void BatchBase::KeepColumns(const std::vector<bool>& kept) {
  KeepColumn(times, kept);
  KeepColumn(hashes, kept);
  KeepColumn(late, kept);
  KeepColumn(origins, kept);
}

void BatchBase::ScatterColumns(std::span<const uint8_t> target_of_row, std::span<BatchPtr> targets) const {
  const size_t share = ScatterShare(hashes.size(), targets.size());
  for (BatchPtr& target : targets) {
    if (!hashes.empty() && target->hashes.empty()) target->hashes.reserve(share);
    // The target may hold rows of a batch in which none was late.
    if (!late.empty()) target->late.resize(target->times.size(), kMinEventTime);
    AppendColumn(target->arenas, arenas);
  }
  ScatterColumn(hashes, &BatchBase::hashes, target_of_row, targets);
  ScatterColumn(times, &BatchBase::times, target_of_row, targets);
  ScatterColumn(late, &BatchBase::late, target_of_row, targets);
  ScatterColumn(origins, &BatchBase::origins, target_of_row, targets);
  for (BatchPtr& target : targets) {
    if (!target->late.empty()) target->late.resize(target->times.size(), kMinEventTime);
  }
}

void BatchBase::AppendColumns(const BatchBase& from) {
  if (!late.empty() || !from.late.empty()) {
    late.resize(times.size(), kMinEventTime);
    AppendColumn(late, from.late);
    late.resize(times.size() + from.times.size(), kMinEventTime);
  }
  AppendColumn(hashes, from.hashes);
  AppendColumn(times, from.times);
  AppendColumn(origins, from.origins);
  AppendColumn(arenas, from.arenas);
}

}  // namespace weir
