// The rows of each key in the order of event time: each waits in state until the watermark has passed it, then leaves with
// those of its key by time, split, offset. What follows sees the same rows in the same order in every run, so Process and
// Reduce behind it are of class exact.
//
//   trades.KeyBy(&Trade::account).InEventTimeOrder("by-time").Reduce("last", [](Trade& kept, const Trade& next) { kept = next; })
//
// Late rows go out on the late port, before the exchange (late_gate.h); so do, behind it, those that the operator's watermark
// has passed though their own split's had not (passed_time.h). Rows that were read at the same place (FlatMap made
// several of one) or nowhere (a window made them) and have one time leave in the order of their bytes.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "operators/join/join_node.h"
#include "operators/join/join_output.h"
#include "operators/join/join_results.h"
#include "operators/join/late_gate.h"
#include "operators/key_by.h"
#include "operators/passed_time.h"
#include "operators/stream.h"
#include "state/ordered_table.h"

namespace weir {
namespace internal {

/// A row and where it was read.
template <class T>
struct WaitingRow {
  T row{};
  uint32_t split = 0;
  int64_t offset = 0;
};

template <class T, class K, class KeyFunction>
class EventTimeOrderOperator final : public Operator {
 public:
  explicit EventTimeOrderOperator(KeyFunction key) : key_(std::move(key)) {}

  Status Open(const OperatorContext& context) override {
    waiting_ = &context.state->AddOrdered<K, WaitingRow<T>>("waiting");
    waiting_->SetStep(kStepMs);
    passed_.Open(context);
    rows_per_step_ = context.rows_per_step;
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<T>&>(*batch);
    late_.clear();
    for (size_t i = 0; i < in.rows.size(); ++i) {
      if (in.times[i] < passed_.most() && in.times[i] < passed_.Of(in.hashes[i])) [[unlikely]] {
        late_.push_back(static_cast<uint32_t>(i));
        continue;
      }
      const RowOrigin origin = in.origins.empty() ? RowOrigin{} : in.origins[i];
      const K key(std::invoke(key_, std::as_const(in.rows[i])));
      waiting_->Insert(key, in.hashes[i], in.times[i], {std::move(in.rows[i]), origin.split, origin.offset});
    }
    processed_ += in.rows.size() - late_.size();
    return late_.empty() ? Status::Ok() : out.Emit(kLatePort, passed_.TakeLate(in, late_));
  }

  Result<bool> OnWatermark(EventTime watermark, Emitter& out) override {
    auto made = std::make_unique<Batch<T>>();
    uint64_t key_of_ties = 0;
    const bool done = waiting_->Expire(watermark, rows_per_step_, ExpiryEnds::kBetweenTimes,
                                       [&](const K&, uint64_t hash, EventTime time, WaitingRow<T>&& row, bool) {
      if (!ties_.empty() && (key_of_ties != hash || ties_time_ != time)) Release(key_of_ties, *made);
      key_of_ties = hash;
      ties_time_ = time;
      ties_.push_back(std::move(row));
    });
    // An expiry never ends between rows of one key and time.
    Release(key_of_ties, *made);
    WEIR_RETURN_IF_ERROR(out.Emit(kMainPort, std::move(made)));
    if (done) passed_.Pass(watermark);
    return done;
  }

  std::optional<uint64_t> rows_processed() const override { return processed_; }

 private:
  static constexpr int64_t kStepMs = 256;

  /// Two keys of one hash and time that follow each other are sorted as one: that keeps the order of each.
  void Release(uint64_t hash, Batch<T>& made) {
    if (ties_.size() > 1) SortTies();
    for (WaitingRow<T>& tie : ties_) {
      made.rows.push_back(std::move(tie.row));
      made.times.push_back(ties_time_);
      made.hashes.push_back(hash);
      made.origins.push_back({tie.split, tie.offset});
    }
    ties_.clear();
  }
  void SortTies() {
    std::sort(ties_.begin(), ties_.end(), [](const WaitingRow<T>& a, const WaitingRow<T>& b) {
      if (a.split != b.split || a.offset != b.offset) return std::tie(a.split, a.offset) < std::tie(b.split, b.offset);
      std::string bytes[2];
      EncodeBinary(a.row, bytes[0]);
      EncodeBinary(b.row, bytes[1]);
      return bytes[0] < bytes[1];
    });
  }

  KeyFunction key_;
  OrderedTable<K, WaitingRow<T>>* waiting_ = nullptr;
  size_t rows_per_step_ = 0;
  std::vector<WaitingRow<T>> ties_;   // of one key and time
  EventTime ties_time_;
  PassedTime passed_;
  std::vector<uint32_t> late_;        // of the batch at hand
  uint64_t processed_ = 0;
};

}  // namespace internal

/// A keyed stream in the order of event time.
template <class K, class T, class KeyFunction>
class OrderedKeyedStream : public KeyedStream<K, T, KeyFunction> {
 public:
  OrderedKeyedStream(KeyedStream<K, T, KeyFunction> stream, std::shared_ptr<internal::GraphBuilder> builder, uint32_t gate,
                     uint32_t ordered)
      : KeyedStream<K, T, KeyFunction>(std::move(stream)), builder_(std::move(builder)), gate_(gate), ordered_(ordered) {}

  /// The late rows as a stream; without it they go to the ledger. They are still late there.
  Stream<T> LateOutput() const { return internal::LateOutputOf<T>(builder_, gate_, ordered_, kLatePort); }

 private:
  std::shared_ptr<internal::GraphBuilder> builder_;
  uint32_t gate_;
  uint32_t ordered_;
};

template <class K, class T, class KeyFunction>
auto KeyedStream<K, T, KeyFunction>::InEventTimeOrder(std::string id) const {
  static_assert(StateValue<T>,
                "Rows that wait for their turn must own their data: use std::string instead of std::string_view, or Map to "
                "a smaller plain struct before KeyBy.");
  if constexpr (StateValue<T>) {
    const RowType* late_row = nullptr;
    if constexpr (kIsRow<T>) late_row = &RowTypeOf<T>();
    // Rows that the ledger cannot hold are the gate's complaint alone.
    std::vector<LateRows> late;
    if (late_row != nullptr) late.push_back({kLatePort, late_row, id});
    const TimeNeeds needs{.event_time = true, .origins = true, .step_ms = 1000};
    const uint32_t gate = builder_->Add({.id = id.empty() ? "" : id + ".gate", .kind = "late_gate", .prepares = true, .time = needs,
                                         .late = {{kLatePort, late_row, id}}},
                                        {node_}, Partitioning::kForward, [] { return std::make_unique<internal::LateGate>(); });
    const uint32_t keyed = builder_->Add({.kind = "key_by", .prepares = true}, {gate}, Partitioning::kForward, [key = key_] {
      return std::make_unique<internal::KeyByOperator<T, KeyFunction>>(key);
    });
    const uint32_t ordered = builder_->Add({.id = id, .kind = "event_time_order", .row = internal::LabelOf<T>(),
                                            .stateful = true, .time = needs, .late = late},
                                           {keyed}, Partitioning::kKeyGroup, [key = key_] {
      return std::make_unique<internal::EventTimeOrderOperator<T, K, KeyFunction>>(key);
    });
    KeyedStream made(builder_, ordered, key_);
    made.ordered_ = true;
    return OrderedKeyedStream<K, T, KeyFunction>(std::move(made), builder_, gate, ordered);
  }
}

}  // namespace weir
