// A job outside of Weir's tree: counts bids per auction, from files to files.
#include "connectors/file/file_connector.h"
#include "environment/main.h"

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};

struct Counted {
  int64_t auction = 0;
  int64_t count = 0;
};

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"bid-counts"};
  pipeline.Source("bids", weir::file::Source<Bid>{.path = "bids"})
      .Filter([](const Bid& bid) { return bid.price > 0; })
      .KeyBy(&Bid::auction)
      .Aggregate("counts", weir::Count{}, [](int64_t auction, int64_t count) { return Counted{auction, count}; })
      .Sink("out", weir::file::Sink<Counted>{.directory = "counts"});
  return weir::Main(argc, argv, pipeline);
}
