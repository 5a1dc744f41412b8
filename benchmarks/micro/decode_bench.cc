// What decoding costs: Nexmark envelopes into rows with more and fewer fields, time per record. The record set does not
// fit the first-level cache, as it does not in a job. Names: row, kind of events.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "benchmarks/nexmark/generator/envelope.h"
#include "benchmarks/nexmark/generator/generator.h"
#include "benchmarks/nexmark/loops/hand_reader.h"
#include "connectors/format/json.h"

namespace weir {
namespace {

constexpr int64_t kEvents = 10'000;

namespace narrow {
struct Bid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  EventTime dateTime;
};
struct Event {
  int32_t event_type = 0;
  Bid bid;
};
}  // namespace narrow

namespace tiny {
struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};
struct Event {
  int32_t event_type = 0;
  Bid bid;
};
}  // namespace tiny

namespace projected {
struct Bid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  EventTime dateTime;
  std::string_view extra;
};
struct Event {
  int32_t event_type = 0;
  Bid bid;
};
}  // namespace projected

namespace joined {
struct Person {
  int64_t id = 0;
  std::string_view name;
  EventTime dateTime;
};
struct Auction {
  int64_t seller = 0;
  EventTime dateTime;
};
struct Event {
  int32_t event_type = 0;
  Person person;
  Auction auction;
};
}  // namespace joined

namespace whole {
struct Bid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  std::string_view channel;
  std::string_view url;
  EventTime dateTime;
  std::string_view extra;
};
struct Event {
  int32_t event_type = 0;
  Bid bid;
};
}  // namespace whole

std::vector<std::string> Envelopes(bool bids_only, nexmark::Filler filler) {
  const nexmark::Generator generator({.filler = filler});
  std::vector<std::string> all;
  nexmark::Event event;
  for (int64_t number = 1'000'000; all.size() < static_cast<size_t>(kEvents); ++number) {
    generator.Make(number, event);
    if (bids_only && event.kind != nexmark::Kind::kBid) continue;
    nexmark::AppendEnvelope(event, all.emplace_back());
  }
  return all;
}

template <class Row>
void Decode(benchmark::State& state, bool bids_only, nexmark::Filler filler) {
  const std::vector<std::string> records = Envelopes(bids_only, filler);
  const auto decoder = NewJsonDecoder(RowTypeOf<Row>());
  size_t at = 0;
  auto arena = std::make_unique<Arena>();
  for (auto _ : state) {
    Row row{};
    if (!decoder->Decode(records[at], &row, *arena).ok()) state.SkipWithError("a record was refused");
    benchmark::DoNotOptimize(row);
    // A batch's arena lives as long as the batch.
    if (++at % 1000 == 0) arena = std::make_unique<Arena>();
    if (at == records.size()) at = 0;
  }
  state.SetItemsProcessed(state.iterations());
}

/// The same fields as "narrow", by hand.
void DecodeByHand(benchmark::State& state) {
  const std::vector<std::string> records = Envelopes(true, nexmark::Filler::kClean);
  nexmark::HandReader reader;
  size_t at = 0;
  for (auto _ : state) {
    nexmark::HandReadBid bid;
    if (!reader.Read(records[at], bid, false)) state.SkipWithError("a bid was none");
    benchmark::DoNotOptimize(bid);
    if (++at == records.size()) at = 0;
  }
  state.SetItemsProcessed(state.iterations());
}

void Register() {
  using nexmark::Filler;
  benchmark::RegisterBenchmark("narrow by hand, bids", DecodeByHand);
  benchmark::RegisterBenchmark("narrow, bids", Decode<narrow::Event>, true, Filler::kClean);
  benchmark::RegisterBenchmark("tiny, bids", Decode<tiny::Event>, true, Filler::kClean);
  benchmark::RegisterBenchmark("projected, bids", Decode<projected::Event>, true, Filler::kClean);
  benchmark::RegisterBenchmark("projected, faithful bids", Decode<projected::Event>, true, Filler::kFaithful);
  benchmark::RegisterBenchmark("whole, bids", Decode<whole::Event>, true, Filler::kClean);
  benchmark::RegisterBenchmark("narrow, all", Decode<narrow::Event>, false, Filler::kClean);
  benchmark::RegisterBenchmark("joined, all", Decode<joined::Event>, false, Filler::kClean);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  weir::Register();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
