// q5, q7, q8, q11, q12: what came in the same piece of time.
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/nexmark/queries/input_rows.h"
#include "benchmarks/nexmark/queries/queries.h"
#include "benchmarks/nexmark/queries/topics.h"
#include "operators/join/window_join.h"
#include "operators/window/windowed_stream.h"

namespace nexmark {
namespace {

using std::chrono::seconds;
using weir::Window;

constexpr weir::BoundedDisorder kDisorder{seconds(4)};
constexpr weir::Tumbling kTenSeconds{.size = seconds(10)};

/// Bids alone, with their event time. What is no bid has the least of times: late, and gone before any window.
template <class Event>
auto Bids(const Topics& topics, weir::Pipeline& pipeline) {
  using Bid = decltype(Event::bid);
  return Events<Event>(topics, pipeline)
      .Timestamps([](const Event& event) { return event.bid.dateTime; }, kDisorder)
      .template FlatMap<Bid>([](const Event& event, weir::Collector<Bid>& out) {
        if (event.event_type == kBidEvent) out.Emit(event.bid);
      });
}

struct HotAuction {
  int64_t auction = 0;
  int64_t num = 0;
  int64_t windowStart = 0;
  int64_t windowEnd = 0;
};

struct OwnedBid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  weir::EventTime dateTime;
  std::string extra;
};

HotAuction Owned(const HotAuction& hot) { return hot; }
OwnedBid Owned(const ProjectedBid& bid) {
  return {bid.auction, bid.bidder, bid.price, bid.dateTime, std::string(bid.extra)};
}

/// Keeps all rows for which none has a greater value of `kRank`.
template <class Row, auto kRank>
struct Greatest {
  using Kept = decltype(Owned(std::declval<const Row&>()));
  struct Accumulator {
    int64_t rank = 0;
    std::vector<Kept> rows;
  };
  void Add(Accumulator& kept, const Row& row) const {
    const int64_t rank = row.*kRank;
    if (rank < kept.rank) return;
    if (rank > kept.rank) kept.rows.clear();
    kept.rank = rank;
    kept.rows.push_back(Owned(row));
  }
  void Merge(Accumulator& into, const Accumulator& from) const {
    if (from.rank < into.rank) return;
    if (from.rank > into.rank) into.rows.clear();
    into.rank = from.rank;
    into.rows.insert(into.rows.end(), from.rows.begin(), from.rows.end());
  }
  const std::vector<Kept>& Get(const Accumulator& kept) const { return kept.rows; }
};

struct NewSeller {
  int64_t id = 0;
  std::string name;
  int64_t windowStart = 0;
  int64_t windowEnd = 0;
};

struct BidderCount {
  int64_t bidder = 0;
  int64_t bidCount = 0;
  int64_t windowStart = 0;
  int64_t windowEnd = 0;
};

BidderCount CountOf(int64_t bidder, Window window, int64_t bids) { return {bidder, bids, window.start, window.end}; }

template <class Row>
void EmitAll(const std::vector<Row>& rows, weir::Collector<Row>& out) {
  for (const Row& row : rows) out.Emit(row);
}

}  // namespace

void BuildQ5(const Topics& topics, weir::Pipeline& pipeline) {
  Bids<AuctionBidEvent>(topics, pipeline)
      .KeyBy(&AuctionBid::auction)
      .Window(weir::Sliding{.size = seconds(10), .slide = seconds(2)})
      .Aggregate("bids-per-auction", weir::Count{},
                 [](int64_t auction, Window window, int64_t bids) {
                   return HotAuction{auction, bids, window.start, window.end};
                 })
      // Results stand at the end of their window, so those of one window are in one slide.
      .Window(weir::Tumbling{.size = seconds(2)})
      .Aggregate("hottest", Greatest<HotAuction, &HotAuction::num>{},
                 [](Window, const std::vector<HotAuction>& hottest) { return hottest; })
      .FlatMap<HotAuction>(EmitAll<HotAuction>)
      .Sink("rows", RowsTo<HotAuction>(topics));
}

void BuildQ7(const Topics& topics, weir::Pipeline& pipeline) {
  Bids<ProjectedEvent>(topics, pipeline)
      .Window(kTenSeconds)
      .Aggregate("highest", Greatest<ProjectedBid, &ProjectedBid::price>{},
                 [](Window, const std::vector<OwnedBid>& highest) { return highest; })
      .FlatMap<OwnedBid>(EmitAll<OwnedBid>)
      .Sink("rows", RowsTo<OwnedBid>(topics));
}

void BuildQ8(const Topics& topics, weir::Pipeline& pipeline) {
  const auto events = Events<PersonOrOpening>(topics, pipeline)
                          .Timestamps(
                              [](const PersonOrOpening& event) {
                                return event.event_type == kPersonEvent ? event.person.dateTime : event.auction.dateTime;
                              },
                              kDisorder);
  const auto persons = events.FlatMap<ProjectedPerson>([](const PersonOrOpening& event, weir::Collector<ProjectedPerson>& out) {
    if (event.event_type == kPersonEvent) out.Emit(event.person);
  });
  const auto openings = events.FlatMap<Opening>([](const PersonOrOpening& event, weir::Collector<Opening>& out) {
    if (event.event_type == kAuctionEvent) out.Emit(event.auction);
  });
  persons.KeyBy(&ProjectedPerson::id)
      .WindowJoin(openings.KeyBy(&Opening::seller), kTenSeconds)
      .Semi("new-sellers",
            [](const ProjectedPerson& person, Window window) {
              return NewSeller{person.id, person.name, window.start, window.end};
            })
      .Sink("rows", RowsTo<NewSeller>(topics));
}

void BuildQ11(const Topics& topics, weir::Pipeline& pipeline) {
  Bids<BidderBidEvent>(topics, pipeline)
      .KeyBy(&BidderBid::bidder)
      .Window(weir::Session{.gap = seconds(10)})
      .Aggregate("bids-per-session", weir::Count{}, CountOf)
      .Sink("rows", RowsTo<BidderCount>(topics));
}

void BuildQ12(const Topics& topics, weir::Pipeline& pipeline) {
  Events<BidderBidEvent>(topics, pipeline)
      .FlatMap<BidderBid>([](const BidderBidEvent& event, weir::Collector<BidderBid>& out) {
        if (event.event_type == kBidEvent) out.Emit(event.bid);
      })
      .KeyBy(&BidderBid::bidder)
      .Window(kTenSeconds.OnProcessingTime())
      .Aggregate("bids-per-window", weir::Count{}, CountOf)
      .Sink("rows", RowsTo<BidderCount>(topics));
}

}  // namespace nexmark
