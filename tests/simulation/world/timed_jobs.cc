#include "tests/simulation/world/timed_jobs.h"

#include <fmt/format.h>

#include "operators/join/event_time_order.h"
#include "operators/join/interval_join.h"
#include "operators/join/window_join.h"
#include "operators/process/keyed_function.h"
#include "operators/window/windowed_stream.h"

namespace weir::simulation {
namespace {

using std::chrono::milliseconds;

int64_t Id(const TimedBid& bid) { return IdOf(bid.source, bid.partition, bid.offset); }

/// For every slice in which a key has rows, their count and sum once it is over. The guard is a later timer that the
/// first one deletes: it never fires.
struct Buckets : KeyedFunction<int64_t> {
  explicit Buckets(int64_t slice) : slice_ms(slice) {}

  int64_t slice_ms;
  MapState<int64_t, int64_t> sums{"sums"};
  ListState<int64_t> ends{"ends"};
  ValueState<int64_t> rows{"rows"};

  int64_t GuardOf(int64_t end) const { return end + slice_ms + 1; }

  void OnRow(const int64_t& key, const TimedBid& bid, Context& ctx, Collector<Fact>& out) {
    if (ctx.late()) {
      out.Emit({.kind = CodeOf(FactKind::kLateRow), .key = key, .a = Id(bid)});
      return;
    }
    const int64_t end = (bid.time.millis / slice_ms + 1) * slice_ms;
    sums.Update(end, [&](int64_t& sum) { sum += bid.price; });
    ends.Append(end);
    ++rows.Mutable();
    ctx.SetTimer(EventTime{end});
    ctx.SetTimer(EventTime{GuardOf(end)});
  }

  void OnTimer(const int64_t& key, Timer timer, Context& ctx, Collector<Fact>& out) {
    const int64_t end = timer.time.millis;
    Fact fact{.kind = CodeOf(FactKind::kBucket), .key = key, .start = end - slice_ms, .end = end};
    if (const int64_t* sum = sums.Get(end)) fact.sum = *sum;
    std::vector<int64_t> others;
    ends.ForEach([&](int64_t other) {
      if (other == end) ++fact.count;
      else others.push_back(other);
    });
    ends.Assign(std::move(others));
    sums.Erase(end);
    rows.Mutable() -= fact.count;
    if (rows.Get() == 0) rows.Clear();
    ctx.DeleteTimer(EventTime{GuardOf(end)});
    out.Emit(fact);
  }
};

void Number(const int64_t& key, const TimedBid& bid, Value<int64_t>& rows, Collector<Fact>& out) {
  const int64_t count = ++rows.Mutable();
  out.Emit({.kind = CodeOf(FactKind::kInOrder), .key = key, .end = bid.time.millis, .count = count, .a = Id(bid)});
}

}  // namespace

Stream<Fact> WindowFacts(const Stream<TimedBid>& bids, const EventTimes& times) {
  const auto fact = [](FactKind kind) {
    return [kind](const int64_t& key, Window window, const CountAndSumOfRows& rows) {
      return Fact{.kind = CodeOf(kind), .key = key, .start = window.start, .end = window.end, .count = rows.count,
                  .sum = rows.sum};
    };
  };
  const milliseconds slice(times.slice_ms);
  const Stream<Fact> sliding = bids.KeyBy(&TimedBid::auction).Window(Sliding{.size = slice * times.slices, .slide = slice})
                                   .Aggregate(kSlidingId, CountAndSum(&TimedBid::price), fact(FactKind::kSliding));
  const Stream<Fact> sessions = bids.KeyBy(&TimedBid::auction).Window(Session{.gap = milliseconds(times.gap_ms)})
                                    .Aggregate(kSessionId, CountAndSum(&TimedBid::price), fact(FactKind::kSession));
  return sliding.Union(sessions);
}

Stream<Fact> TimerFacts(const Stream<TimedBid>& bids, const EventTimes& times) {
  return bids.KeyBy(&TimedBid::auction).Process<Fact>("buckets", Buckets(times.slice_ms));
}

Stream<Fact> JoinFacts(const Stream<TimedBid>& left, const Stream<TimedBid>& right, const EventTimes& times) {
  const auto left_by_key = left.KeyBy(&TimedBid::auction);
  const auto right_by_key = right.KeyBy(&TimedBid::auction);
  const auto [pairs, alone] =
      left_by_key.IntervalJoin(right_by_key, Between{kPairFrom, kPairTo})
          .InnerAndUnmatched(kPairsId, [](const TimedBid& l, const TimedBid& r) {
            return Fact{.kind = CodeOf(FactKind::kPair), .key = l.auction, .a = Id(l), .b = Id(r)};
          });
  const Stream<Fact> unmatched = alone.Map([](const TimedBid& bid) {
    return Fact{.kind = CodeOf(FactKind::kUnmatched), .key = bid.auction, .a = Id(bid)};
  });
  const Stream<Fact> in_window =
      left_by_key.WindowJoin(right_by_key, Tumbling{.size = milliseconds(times.slice_ms)})
          .Left(kWindowPairsId, [](const TimedBid& l, const TimedBid* r, Window window) {
            return Fact{.kind = CodeOf(FactKind::kWindowPair), .key = l.auction, .start = window.start, .end = window.end,
                        .a = Id(l), .b = r == nullptr ? kNobody : Id(*r)};
          });
  const Stream<Fact> in_order = left_by_key.InEventTimeOrder(kInOrderId)
                                    .Process<Fact>("numbers", ValueState<int64_t>{},
                                                   [](const int64_t& key, const TimedBid& bid, Value<int64_t>& rows,
                                                      Collector<Fact>& out) { Number(key, bid, rows, out); });
  return Stream<Fact>(pairs).Union(unmatched, in_window, in_order);
}

std::string TimedBidBytes(const TimedBid& bid) {
  return fmt::format(R"({{"auction":{},"price":{},"source":{},"time":{}}})", bid.auction, bid.price, bid.source,
                     bid.time.millis);
}

}  // namespace weir::simulation
