// The second half of session windows: parts of sessions in, results of sessions out. A session that a part bridges to
// another one becomes one with it. State is one entry a key, with all its open sessions; a session is found when it is over by
// a list of keys by time, which is not saved but made again from the state.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operators/window/session_buckets.h"
#include "operators/window/window_firing.h"
#include "operators/window/window_output.h"
#include "operators/window/window_parts.h"
#include "runtime/base/mutant.h"
#include "state/state_store.h"

namespace weir::internal {

template <class A>
struct OpenSession {
  int64_t start = 0;
  int64_t end = 0;   ///< Not after the start: there is none.
  A accumulator{};
};

/// Of one key, in the order of time. As a rule there is one.
template <class A>
struct OpenSessions {
  OpenSession<A> first{};
  std::vector<OpenSession<A>> more{};
};

template <class K, class A, class Aggregator, class Out, class MakeRows>
class SessionWindow final : public Operator {
  using Part = SessionPart<K, A>;
  using Open_ = OpenSession<A>;
  using Sessions = OpenSessions<A>;

 public:
  SessionWindow(const WindowSettings& settings, Aggregator aggregator, MakeRows finish)
      : rule_(settings.rule), aggregator_(std::move(aggregator)), output_(std::move(finish), true) {}

  Status Open(const OperatorContext& context) override {
    groups_ = context.groups;
    rows_per_step_ = context.rows_per_step;
    key_groups_ = context.key_groups;
    context.state->AddRule(kWindowsRule, rule_.Text());
    table_ = &context.state->AddValue<K, Sessions>("sessions");
    through_ = &context.state->AddGroupValues<FiredThrough>("fired_through");
    buckets_.assign(groups_.size(), SessionBuckets<K>(rule_.size));
    table_->HearOfRestored([this](const K& key, const Sessions& sessions) {
      BucketsOf(GroupOfHash(HashKey(key), key_groups_)).Add(sessions.first.end, key);
    });
    return {};
  }

  Status Process(uint32_t, BatchPtr batch, Emitter& out) override {
    auto& in = static_cast<Batch<Part>&>(*batch);
    for (size_t i = 0; i < in.rows.size(); ++i) {
      Part& part = in.rows[i];
      const KeyGroup group = GroupOfHash(in.hashes[i], key_groups_);
      if (part.start < through_->Get(group).end) [[unlikely]] {
        AddLate(part, EventTime{through_->Get(group).end});
        continue;
      }
      const Sessions* open = Planted(Mutant::kSessionMergeNotSaved) ? table_->Find(part.key, in.hashes[i]) : nullptr;
      Sessions& sessions = open != nullptr ? const_cast<Sessions&>(*open) : table_->Mutable(part.key, in.hashes[i]);
      const int64_t least_end = sessions.first.end;
      const bool fresh = least_end <= sessions.first.start;
      Add(sessions, {part.start, part.end, std::move(part.accumulator)});
      // A session that grows is looked at too early once, and then at its new end.
      if (fresh || sessions.first.end < least_end) BucketsOf(group).Add(sessions.first.end, part.key);
    }
    processed_ += in.rows.size() - (late_ == nullptr ? 0 : late_->rows.size());
    return late_ == nullptr ? Status::Ok() : out.Emit(kLatePort, std::move(late_));
  }

  Result<bool> OnWatermark(EventTime watermark, Emitter& out) override {
    FiringBudget budget(rows_per_step_);
    if (!group_.has_value()) group_ = groups_.first;
    for (; *group_ < groups_.last; ++*group_) {
      const KeyGroup group{*group_};
      WEIR_ASSIGN_OR_RETURN(const bool done, BucketsOf(group).Visit(watermark.millis, budget, [&](const K& key) {
        return Visit(key, watermark.millis, budget, out);
      }));
      if (done && through_->Get(group).end < watermark.millis) through_->Mutable(group).end = watermark.millis;
      if (!done || budget.spent()) {
        if (done) ++*group_;
        WEIR_RETURN_IF_ERROR(output_.Emit(out));
        return false;
      }
    }
    group_.reset();
    WEIR_RETURN_IF_ERROR(output_.Emit(out));
    return true;
  }

  std::optional<uint64_t> rows_processed() const override { return processed_; }

 private:
  SessionBuckets<K>& BucketsOf(KeyGroup group) { return buckets_[group.value() - groups_.first]; }

  static bool Touch(const Open_& a, const Open_& b) { return a.start < b.end && b.start < a.end; }
  void MergeInto(Open_& into, Open_& from) {
    into.start = std::min(into.start, from.start);
    into.end = std::max(into.end, from.end);
    aggregator_.Merge(into.accumulator, std::as_const(from.accumulator));
  }

  void Add(Sessions& sessions, Open_ added) {
    Open_& first = sessions.first;
    if (first.end <= first.start) {
      first = std::move(added);
    } else if (sessions.more.empty() && Touch(first, added)) {
      MergeInto(first, added);
    } else {
      AddToSeveral(sessions, std::move(added));
    }
  }
  void AddToSeveral(Sessions& sessions, Open_ added) {
    std::vector<Open_>& more = sessions.more;
    const auto at = [&](size_t i) -> Open_& { return i == 0 ? sessions.first : more[i - 1]; };
    const auto after = [&](size_t i) { return more.begin() + static_cast<std::ptrdiff_t>(i); };
    // Sessions lie apart from each other: what it touches stands together.
    size_t begin = 0;
    while (begin <= more.size() && at(begin).end <= added.start) ++begin;
    size_t end = begin;
    while (end <= more.size() && at(end).start < added.end) ++end;
    if (begin == end) {
      if (begin == 0) std::swap(sessions.first, added);
      more.insert(after(begin == 0 ? 0 : begin - 1), std::move(added));
      return;
    }
    MergeInto(at(begin), added);
    for (size_t i = begin + 1; i < end; ++i) MergeInto(at(begin), at(i));
    more.erase(after(begin), after(end - 1));
  }

  /// Emits what of the key is over, and returns when to look again: the end of its next session; nothing if it has none.
  Result<std::optional<int64_t>> Visit(const K& key, int64_t watermark, FiringBudget& budget, Emitter& out) {
    using Again = std::optional<int64_t>;
    budget.SpendRow();
    const uint64_t hash = HashKey(key);
    const Sessions* found = table_->Find(key, hash);
    if (found == nullptr) return Again{};
    if (found->first.end > watermark) return Again{found->first.end};
    const auto emit = [&](const Open_& session) {
      budget.SpendRow();
      return output_.Add(key, {session.start, session.end}, session.accumulator, kMinEventTime, out);
    };
    WEIR_RETURN_IF_ERROR(emit(found->first));
    size_t over = 0;
    for (; over < found->more.size() && found->more[over].end <= watermark; ++over) {
      WEIR_RETURN_IF_ERROR(emit(found->more[over]));
    }
    if (over == found->more.size()) {
      table_->Erase(key, hash);
      return Again{};
    }
    Sessions& left = *table_->FindMutable(key, hash);
    left.first = std::move(left.more[over]);
    left.more.erase(left.more.begin(), left.more.begin() + static_cast<std::ptrdiff_t>(over) + 1);
    return Again{left.first.end};
  }

  void AddLate(const Part& part, EventTime passed) {
    if (late_ == nullptr) late_ = std::make_unique<Batch<LatePart>>();
    std::string key;
    EncodeKey(part.key, key);
    late_->rows.push_back({HexOf(key), part.end, part.rows});
    late_->times.push_back(EventTime{part.start});
    late_->late.push_back(passed);
  }

  const WindowRule rule_;
  Aggregator aggregator_;
  WindowOutput<K, A, Out, MakeRows> output_;
  KeyGroupRange groups_;
  size_t rows_per_step_ = 0;
  uint16_t key_groups_ = 0;
  ValueTable<K, Sessions>* table_ = nullptr;
  GroupTable<FiredThrough>* through_ = nullptr;   // a row earlier than this may belong to what has fired
  std::vector<SessionBuckets<K>> buckets_;        // by group; not saved
  std::optional<uint16_t> group_;                 // the one that is firing
  std::unique_ptr<Batch<LatePart>> late_;
  uint64_t processed_ = 0;
};

}  // namespace weir::internal
