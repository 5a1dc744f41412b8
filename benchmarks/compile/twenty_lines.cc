// A job as short as jobs are, to watch what compiling one costs.
#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};
struct Counted {
  int64_t auction = 0;
  int64_t count = 0;
};

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"bids-per-auction"};
  pipeline.Source("bids", weir::kafka::Source<Bid>{.topic = "bids"})
      .Filter([](const Bid& bid) { return bid.price > 0; })
      .KeyBy(&Bid::auction)
      .Aggregate("count", weir::Count{}, [](int64_t auction, int64_t count) { return Counted{auction, count}; })
      .Sink("out", weir::kafka::Sink<Counted>{.topic = "counts", .key = weir::kafka::KeyOf(&Counted::auction)});
  return weir::Main(argc, argv, pipeline);
}
