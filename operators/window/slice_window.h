// The second half of windows that are made of slices (Tumbling, Sliding, Cumulating): parts of slices in, results of
// windows out. Overlapping windows share their slices; a window of several is combined key by key when it fires.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "operators/window/early_results.h"
#include "operators/window/window_firing.h"
#include "operators/window/window_output.h"
#include "operators/window/window_parts.h"
#include "state/slice_table.h"
#include "state/state_store.h"

namespace weir::internal {

template <class K, class A, class Aggregator, class Out, class MakeRows>
class SliceWindow final : public WindowFiring {
  using Part = SlicePart<K, A>;

 public:
  SliceWindow(const WindowSettings& settings, Aggregator aggregator, MakeRows finish)
      : WindowFiring(settings), aggregator_(std::move(aggregator)),
        output_(std::move(finish), settings.rule.needs_event_time()), early_(settings) {}

  Status Open(const OperatorContext& context) override {
    context.state->AddRule(kWindowsRule, settings_.Text());
    table_ = &context.state->AddSlices<K, A>("slices");
    early_.Open(*context.state, *table_);
    key_groups_ = context.key_groups;
    OpenFiring(context);
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<Part>&>(*batch);
    BeginProcess();
    const bool timed = settings_.rule.needs_event_time();
    const int64_t now = timed ? 0 : SliceOfNow();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      Part& part = in.rows[i];
      if (!timed) {
        part.end = now;
      } else if (IsOver(GroupOfHash(in.hashes[i], key_groups_), part.end)) [[unlikely]] {
        AddLate(part, in.hashes[i]);
        continue;
      }
      aggregator_.Merge(table_->Mutable(part.end, part.key, in.hashes[i]), part.accumulator);
      if (settings_.late_updates_ms > 0) WEIR_RETURN_IF_ERROR(Update(part, in.hashes[i], out));
      if (early_.wanted() && early_.Add(part.end, part.key, in.hashes[i], part.rows)) {
        WEIR_RETURN_IF_ERROR(EmitEarly(part.key, in.hashes[i], part.end, out));
      }
    }
    WEIR_RETURN_IF_ERROR(output_.Emit(out));
    if (table_->has_dropped()) FreeSome();
    if (late_ == nullptr) {
      processed_ += in.rows.size();
      return {};
    }
    processed_ += in.rows.size() - late_->rows.size();
    return out.Emit(kLatePort, std::move(late_));
  }

 private:
  using Table = SliceTable<K, A>;
  using Reader = typename Table::Reader;
  struct Hasher {
    using is_avalanching = void;
    size_t operator()(const K& key) const { return HashKey(key); }
  };
  using Combined = boost::unordered_flat_map<K, A, Hasher, StateKeyEqual<K>>;
  enum class Phase { kBegin, kCombine, kEmitSlice, kEmitCombined };

  size_t SlicesOf(KeyGroup group) const override { return table_->slices(group); }
  int64_t EndOf(KeyGroup group, size_t slice) const override { return table_->end_of(group, slice); }
  void DropThrough(KeyGroup group, int64_t end) override {
    table_->DropThrough(group, end);
    early_.DropThrough(group, end);
  }
  Status EmitMade(Emitter& out) override { return output_.Emit(out); }
  bool FreeSome() override {
    SliceBudget budget(kFreedAStep);
    return table_->FreeDropped(budget) && early_.FreeDropped(budget);
  }

  Result<bool> Fire(const Fired& fired, FiringBudget& budget, Emitter& out) override {
    if (phase_ == Phase::kBegin) BeginWindow(fired);
    if (phase_ == Phase::kCombine && !Combine(fired, budget)) return false;
    if (phase_ == Phase::kEmitSlice) {
      for (; !reader_.done(); reader_.Next()) {
        if (budget.spent()) return false;
        budget.SpendRow();
        WEIR_RETURN_IF_ERROR(output_.Add(reader_.key(), fired.window, reader_.value(), kMinEventTime, out));
      }
    } else {
      for (; next_combined_ != combined_.end(); ++next_combined_) {
        if (budget.spent()) return false;
        budget.SpendRow();
        WEIR_RETURN_IF_ERROR(output_.Add(next_combined_->first, fired.window, next_combined_->second, kMinEventTime, out));
      }
      combined_.clear();
    }
    phase_ = Phase::kBegin;
    return true;
  }

  void BeginWindow(const Fired& fired) {
    slice_ = table_->IndexOf(fired.group, fired.window.start + 1);
    slices_end_ = table_->IndexOf(fired.group, fired.window.end + 1);
    reader_ = table_->Read(fired.group, slice_);
    if (slices_end_ - slice_ == 1) {
      phase_ = Phase::kEmitSlice;
      return;
    }
    phase_ = Phase::kCombine;
    size_t most = 0;
    for (size_t i = slice_; i < slices_end_; ++i) most = std::max(most, table_->keys_of(fired.group, i));
    combined_.reserve(most);
  }

  bool Combine(const Fired& fired, FiringBudget& budget) {
    for (;;) {
      for (; !reader_.done(); reader_.Next()) {
        if (budget.spent()) return false;
        budget.SpendLook();
        const auto [at, fresh] = combined_.try_emplace(reader_.key(), reader_.value());
        if (!fresh) aggregator_.Merge(at->second, reader_.value());
      }
      if (++slice_ == slices_end_) break;
      reader_ = table_->Read(fired.group, slice_);
    }
    next_combined_ = combined_.begin();
    phase_ = Phase::kEmitCombined;
    return true;
  }

  /// Emits what the window has of one key now.
  Status EmitKey(const K& key, uint64_t hash, Window window, EventTime late, Emitter& out) {
    const KeyGroup group = GroupOfHash(hash, key_groups_);
    A combined{};
    for (size_t i = table_->IndexOf(group, window.start + 1); i < table_->slices(group); ++i) {
      const int64_t end = table_->end_of(group, i);
      if (end > window.end) break;
      if (const A* found = table_->Find(end, key, hash)) aggregator_.Merge(combined, *found);
    }
    return output_.Add(key, window, combined, late, out);
  }

  /// New values of the windows that had fired without these rows.
  Status Update(const Part& part, uint64_t hash, Emitter& out) {
    const WindowRule& rule = settings_.rule;
    const KeyGroup group = GroupOfHash(hash, key_groups_);
    for (int64_t end = part.end; end <= rule.LastWindowOf(part.end) && HasFired(group, end); end += rule.slice) {
      WEIR_RETURN_IF_ERROR(EmitKey(part.key, hash, {rule.StartOf(end), end}, FiredOf(group), out));
    }
    return {};
  }

  Status EmitEarly(const K& key, uint64_t hash, int64_t slice_end, Emitter& out) {
    const WindowRule& rule = settings_.rule;
    const KeyGroup group = GroupOfHash(hash, key_groups_);
    for (int64_t end = slice_end; end <= rule.LastWindowOf(slice_end); end += rule.slice) {
      if (HasFired(group, end)) continue;
      WEIR_RETURN_IF_ERROR(EmitKey(key, hash, {rule.StartOf(end), end}, kMinEventTime, out));
    }
    return {};
  }
  Result<bool> FireEarly(FiringBudget& budget, Emitter& out) override {
    return early_.EmitChanged(budget, [&](int64_t end, const K& key) { return EmitEarly(key, HashKey(key), end, out); });
  }
  void ForgetEarly(int64_t end) override { early_.ForgetChanged(end); }

  void AddLate(const Part& part, uint64_t hash) {
    if (late_ == nullptr) late_ = std::make_unique<Batch<LatePart>>();
    std::string key;
    EncodeKey(part.key, key);
    late_->rows.push_back({HexOf(key), part.end, part.rows});
    late_->times.push_back(EventTime{part.end - 1});
    late_->late.push_back(FiredOf(GroupOfHash(hash, key_groups_)));
  }

  static constexpr size_t kFreedAStep = 128;
  Aggregator aggregator_;
  WindowOutput<K, A, Out, MakeRows> output_;
  Table* table_ = nullptr;
  uint16_t key_groups_ = 0;
  EarlyResults<K> early_;
  std::unique_ptr<Batch<LatePart>> late_;

  // Of the window that is firing.
  Phase phase_ = Phase::kBegin;
  size_t slice_ = 0, slices_end_ = 0;
  Reader reader_;
  Combined combined_;
  typename Combined::iterator next_combined_{};
};

}  // namespace weir::internal
