// The first half of a window: adds rows up per slice and key before they cross the exchange, and sends away those that are
// late. One look into a small index a row; a miss costs little more than sending the row itself would.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "operators/aggregators.h"
#include "operators/callable.h"
#include "operators/window/window_rule.h"
#include "runtime/reflect/key_codec.h"
#include "runtime/task/operator.h"
#include "state/same_key.h"

namespace weir::internal {

/// Some rows of one key and slice.
template <class K, class A>
struct SlicePart {
  K key{};
  int64_t end = 0;      ///< Of the slice.
  int64_t rows = 0;
  A accumulator{};
};

/// Some rows of one key, each less than the gap from the next.
template <class K, class A>
struct SessionPart {
  K key{};
  int64_t start = 0;    ///< Of the first row.
  int64_t end = 0;      ///< The gap after the last.
  int64_t rows = 0;
  A accumulator{};
};

/// What WindowParts knows of no row type.
class UntypedWindowParts : public Operator {
 public:
  std::optional<uint64_t> rows_processed() const override;
  Result<bool> OnWatermark(EventTime watermark, Emitter& out) override;
  Status Flush(Emitter& out) override;

 protected:
  /// Parts that wait at most; they leave before each watermark and barrier anyway.
  static constexpr size_t kPartsMax = 4096;

  explicit UntypedWindowParts(const WindowSettings& settings) : settings_(settings) {}
  virtual Status EmitParts(Emitter& out) = 0;

  /// True if the row is late: the first of its windows had fired for its own split.
  bool IsLate(int64_t slice_end, EventTime late) const {
    return late != kMinEventTime && (session() || slice_end + settings_.late_updates_ms <= late.millis);
  }
  /// What fires by the clock or by rows, and not by the watermark, must not wait for one.
  bool may_wait() const {
    return settings_.rule.needs_event_time() && settings_.early_rows == 0 && settings_.early_ms == 0;
  }
  /// Every so many rows: the second half must see them one by one.
  bool may_combine() const { return settings_.early_rows == 0; }
  /// Of sessions: the second half judges a part by its first row. It may have passed one of these rows and not the other one where
  /// a watermark lies between them (a split that was idle and woke), or one of before a restart, which is not known yet.
  bool AreOneSide(int64_t a, int64_t b) const {
    return passed_ != kMinEventTime && (a < passed_.millis) == (b < passed_.millis);
  }
  bool session() const { return settings_.rule.kind == WindowRule::Kind::kSession; }

  const WindowSettings settings_;
  uint64_t processed_ = 0;
  EventTime passed_ = kMinEventTime;   // the last watermark
};

/// The rows of `in` at `rows`, with their columns.
template <class T>
BatchPtr TakeRows(Batch<T>& in, const std::vector<uint32_t>& rows) {
  auto taken = std::make_unique<Batch<T>>();
  for (const uint32_t row : rows) {
    taken->rows.push_back(std::move(in.rows[row]));
    taken->FillColumns(in, row, taken->rows.size());
  }
  taken->arenas = in.arenas;
  return taken;
}

template <class T, class K, class KeyFunction, class Aggregator, class Part>
class WindowParts final : public UntypedWindowParts {
  static constexpr bool kSession = requires(Part part) { part.start; };

 public:
  WindowParts(const WindowSettings& settings, KeyFunction key, Aggregator aggregator)
      : UntypedWindowParts(settings), slices_(settings.rule), key_(std::move(key)), aggregator_(std::move(aggregator)) {
    index_.fill(0);
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    const bool timed = settings_.rule.needs_event_time();
    late_.clear();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      const int64_t time = timed ? in.times[i].millis : 0;
      const int64_t end = kSession ? time + settings_.rule.size : timed ? slices_.EndOf(time) : 0;
      if (!in.late.empty() && timed && IsLate(end, in.late[i])) [[unlikely]] {
        late_.push_back(static_cast<uint32_t>(i));
        continue;
      }
      if (made_ == nullptr) Begin();
      Add(in.rows[i], time, end);
      if (made_->rows.size() == kPartsMax) WEIR_RETURN_IF_ERROR(EmitParts(out));
    }
    processed_ += in.rows.size() - late_.size();
    if (!may_wait()) WEIR_RETURN_IF_ERROR(EmitParts(out));
    return late_.empty() ? Status::Ok() : out.Emit(kLatePort, TakeRows(in, late_));
  }

 private:
  static constexpr size_t kIndexSize = 4 * kPartsMax;

  void Begin() {
    made_ = std::make_unique<Batch<Part>>();
    made_->rows.reserve(kPartsMax);
    made_->hashes.reserve(kPartsMax);
  }

  void Add(const T& row, int64_t time, int64_t end) {
    decltype(auto) found_key = std::invoke(key_, row);
    const uint64_t hash = HashKey(found_key);
    // Slices next to each other lie apart in the index; sessions of a key follow each other in one place.
    const uint64_t place = kSession ? hash : hash + static_cast<uint64_t>(end) * 0x9e3779b97f4a7c15ULL;
    uint32_t& index = index_[(place >> 32) % kIndexSize];
    if (index - base_ < made_->rows.size() && may_combine()) {
      Part& part = made_->rows[index - base_];
      if (made_->hashes[index - base_] == hash && Takes(part, time, end) && SameStateKey(part.key, K(found_key))) {
        aggregator_.Add(part.accumulator, row);
        ++part.rows;
        if constexpr (kSession) {
          part.start = std::min(part.start, time);
          part.end = std::max(part.end, end);
        }
        return;
      }
    }
    index = base_ + static_cast<uint32_t>(made_->rows.size());
    Part& part = made_->rows.emplace_back();
    part.key = K(found_key);
    part.end = end;
    part.rows = 1;
    if constexpr (kSession) part.start = time;
    aggregator_.Add(part.accumulator, row);
    made_->hashes.push_back(hash);
  }

  bool Takes(const Part& part, int64_t time, int64_t end) const {
    if constexpr (kSession) return time < part.end && part.start < end && AreOneSide(part.start, time);
    else return part.end == end;
  }

  Status EmitParts(Emitter& out) override {
    if (made_ == nullptr || made_->rows.empty()) return {};
    // Moves the numbers of all parts on, instead of clearing the index.
    base_ += static_cast<uint32_t>(made_->rows.size());
    return out.Emit(kMainPort, std::move(made_));
  }

  SliceFinder slices_;
  KeyFunction key_;
  Aggregator aggregator_;
  std::unique_ptr<Batch<Part>> made_;
  std::array<uint32_t, kIndexSize> index_;   // numbers of parts, counted from base_ on; what is no number of now is none
  uint32_t base_ = 1;
  std::vector<uint32_t> late_;               // of the batch at hand
};

}  // namespace weir::internal
