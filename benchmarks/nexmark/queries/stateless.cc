// q0, q1, q2: each bid by itself.
#include <string_view>

#include "benchmarks/nexmark/queries/input_rows.h"
#include "benchmarks/nexmark/queries/queries.h"
#include "benchmarks/nexmark/queries/topics.h"
#include "runtime/base/decimal.h"

namespace nexmark {
namespace {

struct ConvertedBid {
  int64_t auction = 0;
  int64_t bidder = 0;
  weir::Decimal<3> price;
  weir::EventTime dateTime;
  std::string_view extra;
};

constexpr weir::Decimal<3> kEurosOfADollar{"0.908"};

}  // namespace

void BuildQ0(const Topics& topics, weir::Pipeline& pipeline) {
  Events<ProjectedEvent>(topics, pipeline)
      .FlatMap<ProjectedBid>([](const ProjectedEvent& event, weir::Collector<ProjectedBid>& out) {
        if (event.event_type == kBidEvent) out.Emit(event.bid);
      })
      .Sink("rows", RowsTo<ProjectedBid>(topics));
}

void BuildQ1(const Topics& topics, weir::Pipeline& pipeline) {
  Events<ProjectedEvent>(topics, pipeline)
      .FlatMap<ConvertedBid>([](const ProjectedEvent& event, weir::Collector<ConvertedBid>& out) {
        const ProjectedBid& bid = event.bid;
        if (event.event_type != kBidEvent) return;
        out.Emit({bid.auction, bid.bidder, kEurosOfADollar * bid.price, bid.dateTime, bid.extra});
      })
      .Sink("rows", RowsTo<ConvertedBid>(topics));
}

void BuildQ2(const Topics& topics, weir::Pipeline& pipeline) {
  Events<PricedEvent>(topics, pipeline)
      .FlatMap<PricedBid>([](const PricedEvent& event, weir::Collector<PricedBid>& out) {
        if (event.event_type == kBidEvent && event.bid.auction % 123 == 0) out.Emit(event.bid);
      })
      .Sink("rows", RowsTo<PricedBid>(topics));
}

}  // namespace nexmark
