#include "tests/simulation/world/timed_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "connectors/format/row_format.h"
#include "operators/late_record.h"
#include "operators/window/window_firing.h"

namespace weir::simulation {
namespace {

std::string Text(const Fact& fact) {
  return fmt::format("kind {} key {} [{}, {}) count {} sum {} a {} b {}", fact.kind, fact.key, fact.start, fact.end,
                     fact.count, fact.sum, fact.a, fact.b);
}
std::string Text(const std::pair<std::string, int64_t>& late) { return fmt::format("row {} at {}", late.second, late.first); }

int64_t In(const Positions& positions, InputPartition partition) {
  const auto found = positions.find(partition);
  return found == positions.end() ? 0 : found->second;
}

template <class Least, class Most, class Seen>
void Compare(const Least& least, const Most& most, const Seen& seen, const std::string& what, const std::string& when,
             Problems& problems) {
  using Value = typename Least::value_type;
  std::vector<Value> difference;
  std::set_difference(least.begin(), least.end(), seen.begin(), seen.end(), std::back_inserter(difference));
  if (!difference.empty()) {
    problems.push_back({Damage::kLost, fmt::format("{}: {} of {} {} are missing: {}", when, difference.size(), least.size(), what,
                                                   Text(difference.front()))});
  }
  difference.clear();
  std::set_difference(seen.begin(), seen.end(), most.begin(), most.end(), std::back_inserter(difference));
  if (difference.empty()) return;
  const bool twice = std::binary_search(most.begin(), most.end(), difference.front());
  problems.push_back({twice ? Damage::kDuplicated : Damage::kWrong,
                      fmt::format("{}: {} {} {}: {}", when, difference.size(), what,
                                  twice ? "came out again" : "should not be there", Text(difference.front()))});
}

}  // namespace

TimedOutput::TimedOutput(const InputModel& input, JobKind kind, const EventTimes& times, Idleness idleness)
    : input_(input), kind_(kind), times_(times), idleness_(idleness), facts_decoder_(NewDecoder(RowTypeOf<Fact>(), {})),
      late_decoder_(NewDecoder(RowTypeOf<LateRecord>(), {})), bid_decoder_(NewDecoder(RowTypeOf<TimedBid>(), {})),
      part_decoder_(NewDecoder(RowTypeOf<internal::LatePart>(), {})) {}

void TimedOutput::Take(const std::string& bytes, Problems& problems) {
  ++rows_;
  Fact fact;
  Arena arena;
  if (const Status status = facts_decoder_->Decode(bytes, &fact, arena); !status.ok()) {
    problems.push_back({Damage::kWrong, fmt::format("output row {}: {}", bytes, status.message())});
    return;
  }
  facts_.insert(fact);
  // Pairs come as their rows come; what the watermark completes, in its order; what comes late on its way, afterwards.
  if (idleness_ == Idleness::kRaces) return;
  const auto kind = static_cast<FactKind>(fact.kind);
  if (kind != FactKind::kSliding && kind != FactKind::kSession && kind != FactKind::kBucket && kind != FactKind::kInOrder) return;
  int64_t& last = last_end_.try_emplace({fact.kind, fact.key}, kNever).first->second;
  if (fact.end < last) {
    problems.push_back({Damage::kDisorder, fmt::format("{} came out after one that ends at {}", Text(fact), last)});
  }
  last = std::max(last, fact.end);
}

void TimedOutput::TakeLate(const std::string& bytes, Problems& problems) {
  LateRecord late;
  TimedBid bid;
  Arena arena;
  Status status = late_decoder_->Decode(bytes, &late, arena);
  const std::string id = late.operator_id.substr(0, late.operator_id.find('.'));
  if (idleness_ == Idleness::kRaces && late.row.find("slice_end") != std::string::npos) {
    return TakeLatePart(id, late.row, problems);
  }
  if (status.ok()) status = bid_decoder_->Decode(late.row, &bid, arena);
  const InputModel::Row* row = input_.Find({bid.source, bid.partition}, bid.offset);
  if (!status.ok() || row == nullptr || row->poison || row->time != bid.time.millis || late.event_time != row->time) {
    problems.push_back({Damage::kWrong, "a late row that was never read: " + bytes});
    return;
  }
  const std::pair<std::string, int64_t> refused{id, IdOf(bid.source, bid.partition, bid.offset)};
  if (refused_.contains(refused)) problems.push_back({Damage::kDuplicated, "late twice: " + bytes});
  refused_.insert(refused);
}

void TimedOutput::TakeLatePart(const std::string& operator_id, const std::string& bytes, Problems& problems) {
  internal::LatePart part;
  Arena arena;
  if (const Status status = part_decoder_->Decode(bytes, &part, arena); !status.ok()) {
    problems.push_back({Damage::kWrong, fmt::format("late part {}: {}", bytes, status.message())});
    return;
  }
  // A key is its bytes with the sign turned round, so that they sort.
  const auto key = static_cast<int64_t>(std::stoull(part.key, nullptr, 16) ^ (uint64_t{1} << 63));
  if (operator_id == kSlidingId) late_in_slice_[{key, part.slice_end}] += part.rows;
  else late_in_session_[key] += part.rows;
}

void TimedOutput::Clear() {
  facts_.clear();
  refused_.clear();
  late_in_slice_.clear();
  late_in_session_.clear();
  last_end_.clear();
  rows_ = 0;
}

TimedOutput::Watermarks TimedOutput::ReadUpTo(const Reached& reached, Rows& rows) const {
  Watermarks least;
  for (const auto& [partition, records] : input_.partitions()) {
    const int64_t next = In(reached.positions, partition);
    int64_t watermark = kNever;
    for (int64_t offset = 0; offset < next; ++offset) {
      const InputModel::Row& record = records[static_cast<size_t>(offset)];
      if (record.poison) continue;
      const bool late = record.time < watermark;
      rows.push_back({record.auction, record.price, record.time, partition, offset, late ? watermark : kNever});
      watermark = std::max(watermark, record.time - times_.disorder_ms);
    }
    if (reached.drained || (reached.ends.contains(partition) && next >= In(reached.ends, partition))) continue;
    least.all = std::min(least.all, watermark);
    if (partition.first == 0) least.first = std::min(least.first, watermark);
  }
  return least;
}

TimedOutput::Rows TimedOutput::TakenBy(const char* operator_id, const Rows& rows,
                                       bool (TimedOutput::*too_late)(const Row&) const, TimedTruth& truth) const {
  Rows taken;
  for (const Row& row : rows) {
    const bool refused = idles() ? refused_.contains({operator_id, row.id()}) : (this->*too_late)(row);
    if (refused) truth.refused.emplace_back(operator_id, row.id());
    else taken.push_back(row);
  }
  return taken;
}

TimedTruth TimedOutput::TruthAt(const Reached& reached) const {
  Rows rows;
  TimedTruth truth;
  const Watermarks watermarks = ReadUpTo(reached, rows);
  const int64_t watermark = watermarks.all;
  const auto late = &TimedOutput::IsLate;
  const auto late_for_slice = &TimedOutput::IsLateForSlice;
  switch (kind_) {
    case JobKind::kWindows:
      AddSliding(TakenBy(kSlidingId, rows, late_for_slice, truth), watermark, truth);
      AddSessions(TakenBy(kSessionId, rows, late, truth), watermark, truth);
      break;
    case JobKind::kTimers: AddBuckets(rows, watermark, truth); break;
    default: {
      Rows left, right;
      std::partition_copy(rows.begin(), rows.end(), std::back_inserter(left), std::back_inserter(right),
                          [&](const Row& row) { return IsLeftRow(row); });
      AddPairs(TakenBy(kPairsId, left, late, truth), TakenBy(kPairsId, right, late, truth), watermark, truth);
      AddWindowPairs(TakenBy(kWindowPairsId, left, late_for_slice, truth),
                     TakenBy(kWindowPairsId, right, late_for_slice, truth), watermark, truth);
      AddInOrder(TakenBy(kInOrderId, left, late, truth), watermarks.first, truth);
    }
  }
  std::sort(truth.facts.begin(), truth.facts.end());
  std::sort(truth.refused.begin(), truth.refused.end());
  return truth;
}

void TimedOutput::AddSliding(const Rows& rows, int64_t watermark, TimedTruth& truth) const {
  std::map<std::pair<int64_t, int64_t>, Fact> windows;   // by key and end
  for (const Row& row : rows) {
    for (int64_t i = 0; i < times_.slices; ++i) {
      const int64_t end = SliceEndOf(row.time) + i * times_.slice_ms;
      Fact& fact = windows[{row.key, end}];
      fact = {CodeOf(FactKind::kSliding), row.key, end - times_.slices * times_.slice_ms, end, fact.count + 1, fact.sum + row.price};
    }
  }
  for (const auto& [at, fact] : windows) {
    if (fact.end <= watermark) truth.facts.push_back(fact);
  }
}

void TimedOutput::AddSessions(const Rows& rows, int64_t watermark, TimedTruth& truth) const {
  std::map<int64_t, std::multimap<int64_t, int64_t>> keys;   // prices by time
  for (const Row& row : rows) keys[row.key].emplace(row.time, row.price);
  for (const auto& [key, prices] : keys) {
    Fact session;
    const auto close = [&] {
      if (session.count > 0 && session.end <= watermark) truth.facts.push_back(session);
      session = {};
    };
    for (const auto& [time, price] : prices) {
      if (session.count > 0 && time >= session.end) close();
      if (session.count == 0) session = {.kind = CodeOf(FactKind::kSession), .key = key, .start = time};
      session.end = time + times_.gap_ms;
      ++session.count;
      session.sum += price;
    }
    close();
  }
}

void TimedOutput::AddBuckets(const Rows& rows, int64_t watermark, TimedTruth& truth) const {
  std::map<std::pair<int64_t, int64_t>, Fact> buckets;   // by key and end
  for (const Row& row : rows) {
    const Fact late{.kind = CodeOf(FactKind::kLateRow), .key = row.key, .a = row.id()};
    // What the function was told is what it said.
    if (idles() ? facts_.contains(late) : IsLate(row)) {
      truth.facts.push_back(late);
      continue;
    }
    const int64_t end = SliceEndOf(row.time);
    Fact& fact = buckets[{row.key, end}];
    fact = {CodeOf(FactKind::kBucket), row.key, end - times_.slice_ms, end, fact.count + 1, fact.sum + row.price};
  }
  for (const auto& [at, fact] : buckets) {
    if (fact.end <= watermark) truth.facts.push_back(fact);
  }
}

void TimedOutput::AddPairs(const Rows& left, const Rows& right, int64_t watermark, TimedTruth& truth) const {
  for (const Row& l : left) {
    bool matched = false;
    for (const Row& r : right) {
      if (l.key != r.key || r.time < l.time + kPairFrom.count() || r.time > l.time + kPairTo.count()) continue;
      matched = true;
      truth.facts.push_back({.kind = CodeOf(FactKind::kPair), .key = l.key, .a = l.id(), .b = r.id()});
    }
    if (matched || (watermark != kEnd && l.time + kPairTo.count() >= watermark)) continue;
    truth.facts.push_back({.kind = CodeOf(FactKind::kUnmatched), .key = l.key, .a = l.id()});
  }
}

void TimedOutput::AddWindowPairs(const Rows& left, const Rows& right, int64_t watermark, TimedTruth& truth) const {
  for (const Row& l : left) {
    const int64_t end = SliceEndOf(l.time);
    Fact fact{.kind = CodeOf(FactKind::kWindowPair), .key = l.key, .start = end - times_.slice_ms, .end = end, .a = l.id()};
    bool matched = false;
    for (const Row& r : right) {
      if (l.key != r.key || SliceEndOf(r.time) != end) continue;
      matched = true;
      fact.b = r.id();
      truth.facts.push_back(fact);
    }
    fact.b = kNobody;
    if (!matched && end <= watermark) truth.facts.push_back(fact);
  }
}

void TimedOutput::AddInOrder(const Rows& left, int64_t watermark, TimedTruth& truth) const {
  std::map<int64_t, std::set<std::tuple<int64_t, InputPartition, int64_t>>> keys;
  for (const Row& row : left) keys[row.key].emplace(row.time, row.partition, row.offset);
  for (const auto& [key, rows] : keys) {
    int64_t count = 0;
    for (const auto& [time, partition, offset] : rows) {
      if (time >= watermark) break;
      truth.facts.push_back({.kind = CodeOf(FactKind::kInOrder), .key = key, .end = time, .count = ++count,
                             .a = IdOf(partition.first, partition.second, offset)});
    }
  }
}

void TimedOutput::CheckCovers(const Reached& least, const Reached& most, const std::string& when,
                              Problems& problems) const {
  if (idles() && !most.drained) return;
  TimedTruth truth = TruthAt(most);
  TimedTruth least_truth = most.ends.empty() ? truth : TruthAt(least);   // They differ in nothing else.
  std::vector<Fact> facts(facts_.begin(), facts_.end());
  if (idleness_ == Idleness::kRaces) {
    for (TimedTruth* of : {&truth, &least_truth}) {
      for (const auto& [at, rows] : late_in_slice_) TakeAwayFromWindows(at, rows, of->facts);
      for (const auto& [key, rows] : late_in_session_) {
        of->facts.push_back({.kind = CodeOf(FactKind::kSession), .key = key, .count = -rows});
      }
    }
    for (std::vector<Fact>* of : {&truth.facts, &least_truth.facts, &facts}) *of = Comparable(*of);
  }
  Compare(least_truth.facts, truth.facts, facts, "facts", when, problems);
  Compare(least_truth.refused, truth.refused, refused_, "late rows", when, problems);
}

void TimedOutput::TakeAwayFromWindows(std::pair<int64_t, int64_t> slice, int64_t rows, std::vector<Fact>& facts) const {
  for (Fact& fact : facts) {
    const bool in_it = fact.kind == CodeOf(FactKind::kSliding) && fact.key == slice.first && fact.start < slice.second &&
                       slice.second <= fact.end;
    if (in_it) fact.count -= rows;
  }
}

std::vector<Fact> TimedOutput::Comparable(const std::vector<Fact>& facts) const {
  std::map<Fact, Fact> sums;
  for (Fact fact : facts) {
    const auto kind = static_cast<FactKind>(fact.kind);
    // Which rows those are is not known, and so not where sessions begin and end: only how many rows are in all of them.
    const bool some_late = kind == FactKind::kSession && late_in_session_.contains(fact.key);
    if (some_late) fact.start = fact.end = fact.sum = 0;
    if (kind == FactKind::kSliding) {
      const auto late = late_in_slice_.upper_bound({fact.key, fact.start});
      const bool some = late != late_in_slice_.end() && late->first.first == fact.key && late->first.second <= fact.end;
      if (some) fact.sum = 0;   // That of late rows is not known.
      if (fact.count == 0) continue;
    }
    if (kind != FactKind::kBucket && !some_late) {
      sums.emplace(fact, fact);
      continue;
    }
    // A timer that is set when its time is over fires again, for the rows that came since.
    Fact name = fact;
    name.count = name.sum = 0;
    Fact& sum = sums.try_emplace(name, name).first->second;
    sum.count += fact.count;
    sum.sum += fact.sum;
  }
  std::vector<Fact> comparable;
  for (const auto& [name, fact] : sums) {
    if (fact.kind != CodeOf(FactKind::kSession) || fact.count != 0) comparable.push_back(fact);
  }
  std::sort(comparable.begin(), comparable.end());
  return comparable;
}

}  // namespace weir::simulation
