// Internal: which keys of which slices are due for an early result, by rows or by the clock.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "operators/window/window_firing.h"
#include "operators/window/window_rule.h"
#include "state/slice_table.h"
#include "state/state_store.h"

namespace weir::internal {

/// One thread, the task's. Slices are dropped from it as from the table that it belongs to.
template <class K>
class EarlyResults {
 public:
  explicit EarlyResults(const WindowSettings& settings) : settings_(settings) {}

  /// `slices`: of the windows.
  template <class A>
  void Open(StateStore& state, SliceTable<K, A>& slices) {
    if (settings_.early_rows > 0) rows_ = &state.AddSlices<K, int64_t>("early");
    // What of it had been emitted is not known any more: all of it once again.
    if (settings_.early_ms > 0) slices.HearOfRestored([this](int64_t end, const K& key) { changed_[end].insert(key); });
  }

  bool wanted() const { return settings_.early_rows + settings_.early_ms > 0; }

  /// So many rows more. True if a result is due by them.
  bool Add(int64_t end, const K& key, uint64_t hash, int64_t rows) {
    if (rows_ != nullptr) {
      int64_t& since = rows_->Mutable(end, key, hash);
      since += rows;
      if (since >= settings_.early_rows) {
        since = 0;
        if (settings_.early_ms > 0) changed_[end].erase(key);
        return true;
      }
    }
    if (settings_.early_ms > 0) changed_[end].insert(key);
    return false;
  }

  /// Status emit(end, key), for all that has changed since the last time and was not due by rows. False if the budget is spent
  /// before that: then to be called again.
  template <class EmitOne>
  Result<bool> EmitChanged(FiringBudget& budget, EmitOne emit) {
    if (due_.empty()) {
      for (const auto& [end, keys] : changed_) {
        for (const K& key : keys) due_.emplace_back(end, key);
      }
      changed_.clear();
    }
    for (; !due_.empty(); due_.pop_back()) {
      if (budget.spent()) return false;
      budget.SpendRow();
      WEIR_RETURN_IF_ERROR(emit(due_.back().first, due_.back().second));
    }
    return true;
  }

  /// All windows up to `end` have fired.
  void ForgetChanged(int64_t end) {
    while (!changed_.empty() && settings_.rule.LastWindowOf(changed_.begin()->first) <= end) changed_.erase(changed_.begin());
  }
  void DropThrough(KeyGroup group, int64_t end) {
    if (rows_ != nullptr) rows_->DropThrough(group, end);
  }
  bool FreeDropped(SliceBudget& budget) { return rows_ == nullptr || rows_->FreeDropped(budget); }

 private:
  struct Hasher {
    using is_avalanching = void;
    size_t operator()(const K& key) const { return HashKey(key); }
  };
  using Keys = boost::unordered_flat_set<K, Hasher, StateKeyEqual<K>>;

  const WindowSettings settings_;
  SliceTable<K, int64_t>* rows_ = nullptr;     // since the last result; null unless they count
  std::map<int64_t, Keys> changed_;            // since the last results by the clock, by end of slice; not saved
  std::vector<std::pair<int64_t, K>> due_;
};

}  // namespace weir::internal
