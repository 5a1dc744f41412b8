// Every two seconds of event time: how many bids each auction got within the last ten. README.md says how to run it.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"
#include "operators/window/windowed_stream.h"

namespace {

using namespace std::chrono_literals;

struct Bid {
  int64_t auction = 0;
  weir::EventTime date_time;
};

struct HotAuction {
  int64_t auction = 0;
  weir::Window window;
  int64_t bids = 0;
};

/// The job, whatever its bids come from and its results go to.
template <class BidSource, class HotSink>
void AddHotAuctions(weir::Pipeline& pipeline, const BidSource& bids, const HotSink& hot) {
  pipeline.Source("bids", bids)
      .Timestamps(&Bid::date_time, weir::BoundedDisorder{4s})
      .KeyBy(&Bid::auction)
      .Window(weir::Sliding{.size = 10s, .slide = 2s})
      .Aggregate("counts", weir::Count{},
                 [](int64_t auction, weir::Window window, int64_t count) { return HotAuction{auction, window, count}; })
      .Sink("out", hot);
}

std::string Setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"hot-auctions"};
  const std::string folder = Setting("HOT_AUCTIONS_FOLDER", "");
  if (folder.empty()) {
    AddHotAuctions(pipeline,
                   weir::kafka::Source<Bid>{.topic = Setting("HOT_AUCTIONS_INPUT", "bids"), .names = weir::CamelCase},
                   weir::kafka::Sink<HotAuction>{.topic = Setting("HOT_AUCTIONS_OUTPUT", "hot-auctions"),
                                                 .key = weir::kafka::KeyOf(&HotAuction::auction),
                                                 .create_partitions = 4});
  } else {
    AddHotAuctions(pipeline, weir::file::Source<Bid>{.path = folder + "/bids", .names = weir::CamelCase, .follow = true},
                   weir::file::Sink<HotAuction>{.directory = folder + "/hot-auctions"});
  }
  return weir::Main(argc, argv, pipeline);
}
