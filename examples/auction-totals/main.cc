// For every bid: the running count and sum of its auction, exactly once. README.md says how to run it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"

namespace {

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
  int64_t partition = 0;   // Where the bid was read, not part of its JSON.
  int64_t offset = 0;
};

struct Total {
  int64_t auction = 0;
  int64_t partition = 0;
  int64_t offset = 0;
  int64_t price = 0;
  int64_t count = 0;
  int64_t sum = 0;
};

Total TotalAfter(int64_t auction, const Bid& bid, const weir::CountAndSumOfRows& totals) {
  return {auction, bid.partition, bid.offset, bid.price, totals.count, totals.sum};
}

/// The job, whatever its bids come from and its totals go to.
template <class BidSource, class TotalSink>
void AddTotals(weir::Pipeline& pipeline, const BidSource& bids, const TotalSink& totals) {
  pipeline.Source("bids", bids)
      .KeyBy(&Bid::auction)
      .Aggregate("totals", weir::CountAndSum(&Bid::price), TotalAfter)
      .Sink("out", totals);
}

std::string Setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"auction-totals"};
  const std::string folder = Setting("AUCTION_TOTALS_FOLDER", "");
  if (folder.empty()) {
    AddTotals(pipeline,
              weir::kafka::Source<Bid>{.topic = Setting("AUCTION_TOTALS_INPUT", "bids"),
                                       .partition = &Bid::partition,
                                       .offset = &Bid::offset},
              weir::kafka::Sink<Total>{.topic = Setting("AUCTION_TOTALS_OUTPUT", "auction-totals"),
                                       .key = weir::kafka::KeyOf(&Total::auction),
                                       .create_partitions = 4});
  } else {
    AddTotals(pipeline,
              weir::file::Source<Bid>{.path = folder + "/bids",
                                      .follow = true,
                                      .file = &Bid::partition,
                                      .offset = &Bid::offset},
              weir::file::Sink<Total>{.directory = folder + "/totals"});
  }
  return weir::Main(argc, argv, pipeline);
}
