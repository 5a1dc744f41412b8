// Reads several layers of changes as one: the newest change of a key wins, range deletes hide what is older.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/base_store.h"

namespace weir {

/// One thread. Its range deletes are those of all layers: they hold for what is older than all of them.
class MergeCursor : public ChangeCursor {
 public:
  /// `layers`: oldest first.
  explicit MergeCursor(std::vector<std::unique_ptr<ChangeCursor>> layers);

  bool Next() override;
  const Change& change() const override { return layers_[current_]->change(); }
  const Status& status() const override { return status_; }
  const std::vector<RangeDelete>& range_deletes() const override { return range_deletes_; }

 private:
  struct LayeredRange {
    std::string_view begin;
    std::string_view end;
    size_t layer;
  };
  /// Moves one layer; puts it back into the heap unless it ended. False on an error.
  bool MoveLayer(size_t layer);
  bool ComesAfter(size_t a, size_t b) const;
  bool IsHidden(std::string_view key, size_t layer);

  std::vector<std::unique_ptr<ChangeCursor>> layers_;
  std::vector<size_t> heap_;               // layers that stand at a change; least key first, then newest
  size_t current_ = 0;
  bool started_ = false;
  std::string last_key_;
  std::vector<RangeDelete> range_deletes_;
  std::vector<LayeredRange> ranges_;       // by begin
  size_t next_range_ = 0;                  // first that begins after the keys seen so far
  std::vector<LayeredRange> open_ranges_;  // begun, perhaps ended
  Status status_;
};

}  // namespace weir
