#include "state/merge_cursor.h"

#include <algorithm>

namespace weir {

MergeCursor::MergeCursor(std::vector<std::unique_ptr<ChangeCursor>> layers) : layers_(std::move(layers)) {
  for (size_t i = 0; i < layers_.size(); ++i) {
    for (const RangeDelete& range : layers_[i]->range_deletes()) {
      range_deletes_.push_back(range);
      ranges_.push_back({range.begin, range.end, i});
    }
  }
  std::sort(ranges_.begin(), ranges_.end(),
            [](const LayeredRange& a, const LayeredRange& b) { return a.begin < b.begin; });
}

bool MergeCursor::ComesAfter(size_t a, size_t b) const {
  const int order = layers_[a]->change().key.compare(layers_[b]->change().key);
  return order != 0 ? order > 0 : a < b;
}

bool MergeCursor::MoveLayer(size_t layer) {
  if (layers_[layer]->Next()) {
    heap_.push_back(layer);
    std::push_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) { return ComesAfter(a, b); });
    return true;
  }
  status_ = layers_[layer]->status();
  return status_.ok();
}

bool MergeCursor::IsHidden(std::string_view key, size_t layer) {
  while (next_range_ < ranges_.size() && ranges_[next_range_].begin <= key) {
    open_ranges_.push_back(ranges_[next_range_++]);
  }
  std::erase_if(open_ranges_, [&](const LayeredRange& range) { return range.end <= key; });
  return std::any_of(open_ranges_.begin(), open_ranges_.end(),
                     [&](const LayeredRange& range) { return range.layer > layer; });
}

bool MergeCursor::Next() {
  if (!status_.ok() || layers_.empty()) return false;
  if (!started_) {
    for (size_t i = 0; i < layers_.size(); ++i) {
      if (!MoveLayer(i)) return false;
    }
  } else if (!MoveLayer(current_)) {
    return false;
  }
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), [this](size_t a, size_t b) { return ComesAfter(a, b); });
    current_ = heap_.back();
    heap_.pop_back();
    const std::string_view key = change().key;
    const bool repeated = started_ && key == last_key_;
    started_ = true;
    if (!repeated) last_key_.assign(key);
    if (!repeated && !IsHidden(key, current_)) return true;
    if (!MoveLayer(current_)) return false;
  }
  layers_.clear();
  return false;
}

}  // namespace weir
