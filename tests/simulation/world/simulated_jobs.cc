#include "tests/simulation/world/simulated_jobs.h"

#include <fmt/format.h>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"

namespace weir::simulation {
namespace {

constexpr int64_t kLap = 7;

kafka::Source<Bid> Bids(const std::string& topic) {
  return {.topic = topic, .partition = &Bid::partition, .offset = &Bid::offset};
}

Total TotalAfter(int64_t auction, const Bid& bid, const CountAndSumOfRows& totals) {
  return {auction, bid.source, bid.partition, bid.offset, bid.price, totals.count, totals.sum,
          GroupOf(bid.price), 1, bid.price};
}

Stream<Total> TotalsOf(const Stream<Bid>& bids) {
  return bids.KeyBy(&Bid::auction).Aggregate("totals", CountAndSum(&Bid::price), TotalAfter);
}

void CountLap(const int64_t&, const Total& row, Value<CountAndSumOfRows>& lap, Collector<Total>& out) {
  CountAndSumOfRows& totals = lap.Mutable();
  ++totals.count;
  totals.sum += row.price;
  Total counted = row;
  counted.group_count = totals.count;
  counted.group_sum = totals.sum;
  if (totals.count == kLap) lap.Clear();
  out.Emit(counted);
}

void AddToGroup(Total& kept, const Total& next) {
  const int64_t count = kept.group_count + next.group_count;
  const int64_t sum = kept.group_sum + next.group_sum;
  kept = next;
  kept.group_count = count;
  kept.group_sum = sum;
}

kafka::Sink<Total> Topic(int64_t Total::*key, int32_t partitions) {
  return {.topic = kOutputTopic, .key = kafka::KeyOf(key), .create_partitions = partitions};
}

file::Sink<Total> Files() { return {.directory = kOutputDirectory}; }

Stream<TimedBid> TimedBids(Pipeline& pipeline, const std::string& id, const std::string& topic, const EventTimes& times) {
  const kafka::Source<TimedBid> source{.topic = topic, .partition = &TimedBid::partition, .offset = &TimedBid::offset};
  return pipeline.Source(id, source)
      .Timestamps(&TimedBid::time, BoundedDisorder{std::chrono::milliseconds(times.disorder_ms)});
}

Stream<Fact> FactsOf(JobKind kind, Pipeline& pipeline, const JobShape& shape, const EventTimes& times) {
  const Stream<TimedBid> bids = TimedBids(pipeline, "bids", shape.input_topics[0], times);
  if (kind == JobKind::kWindows) return WindowFacts(bids, times);
  if (kind == JobKind::kTimers) return TimerFacts(bids, times);
  if (kind == JobKind::kJoins) {
    return JoinFacts(bids, TimedBids(pipeline, "more_bids", shape.input_topics[1], times), times);
  }
  return JoinFacts(bids.Filter([](const TimedBid& bid) { return IsLeft(bid.price); }),
                   bids.Filter([](const TimedBid& bid) { return !IsLeft(bid.price); }), times);
}

}  // namespace

std::string_view NameOf(JobKind kind) {
  switch (kind) {
    case JobKind::kAuctionTotals: return "auction-totals";
    case JobKind::kTwoExchanges: return "two-exchanges";
    case JobKind::kFiles: return "files";
    case JobKind::kBothSinks: return "both-sinks";
    case JobKind::kCopies: return "copies";
    case JobKind::kWindows: return "windows";
    case JobKind::kTimers: return "timers";
    case JobKind::kJoins: return "joins";
    case JobKind::kDiamond: return "diamond";
  }
  return "unknown";
}

JobShape ShapeOf(JobKind kind) {
  JobShape shape{.job = std::string(NameOf(kind)), .input_topics = {"bids"}};
  switch (kind) {
    case JobKind::kAuctionTotals: break;
    case JobKind::kTwoExchanges:
      shape.input_topics.push_back("more-bids");
      shape.second_exchange = true;
      shape.lap = kLap;
      break;
    case JobKind::kFiles:
      shape.topic_sink = false;
      shape.file_sink = true;
      break;
    case JobKind::kBothSinks:
      shape.file_sink = true;
      shape.second_exchange = true;
      break;
    case JobKind::kCopies:
      shape.second_topic = true;
      shape.counts = false;
      break;
    case JobKind::kJoins:
      shape.input_topics.push_back("more-bids");
      [[fallthrough]];
    case JobKind::kWindows:
    case JobKind::kTimers:
    case JobKind::kDiamond: shape.timed = true; break;
  }
  return shape;
}

Pipeline MakePipeline(JobKind kind, int32_t output_partitions, const EventTimes& times) {
  const JobShape shape = ShapeOf(kind);
  Pipeline pipeline{shape.job};
  if (shape.timed) {
    FactsOf(kind, pipeline, shape, times)
        .Sink("out", kafka::Sink<Fact>{.topic = kOutputTopic, .key = kafka::KeyOf(&Fact::key),
                                       .create_partitions = output_partitions});
    return pipeline;
  }
  Stream<Bid> bids = pipeline.Source("bids", Bids(shape.input_topics[0]));
  switch (kind) {
    case JobKind::kAuctionTotals:
      TotalsOf(bids).Sink("out", Topic(&Total::auction, output_partitions));
      break;
    case JobKind::kTwoExchanges: {
      bids = bids.Union(pipeline.Source("more_bids", Bids(shape.input_topics[1])));
      TotalsOf(bids).KeyBy(&Total::group).Process<Total>("laps", ValueState<CountAndSumOfRows>{}, CountLap)
          .Sink("out", Topic(&Total::group, output_partitions));
      break;
    }
    case JobKind::kFiles:
      TotalsOf(bids).Sink("out_files", Files());
      break;
    case JobKind::kBothSinks: {
      const auto groups = TotalsOf(bids).KeyBy(&Total::group).Reduce("groups", AddToGroup);
      groups.Sink("out", Topic(&Total::group, output_partitions));
      groups.Sink("out_files", Files());
      break;
    }
    case JobKind::kCopies: {
      const auto rows = bids.Filter([](const Bid& bid) { return bid.price >= 0; })
                            .Map([](const Bid& bid) { return TotalAfter(bid.auction, bid, {}); });
      rows.Sink("out", Topic(&Total::auction, output_partitions));
      kafka::Sink<Total> second = Topic(&Total::auction, output_partitions);
      second.topic = kSecondTopic;
      rows.Sink("out_second", second);
      break;
    }
    default: break;
  }
  return pipeline;
}

std::string BidBytes(int64_t auction, int64_t price, int64_t source) {
  return fmt::format(R"({{"auction":{},"price":{},"source":{}}})", auction, price, source);
}

}  // namespace weir::simulation
