// Copies a topic of bids to another one, exactly once, decoding and encoding every field.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"

namespace {

// Texts are views of the bytes that were read: nothing is copied on the way through.
struct Bid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  std::string_view channel;
  std::string_view url;
  weir::EventTime date_time;
  std::string_view extra;
};

std::string Setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"kafka-copy"};
  pipeline
      .Source("bids", weir::kafka::Source<Bid>{.topic = Setting("KAFKA_COPY_INPUT", "bids"),
                                               .names = weir::CamelCase})
      .Sink("copy", weir::kafka::Sink<Bid>{.topic = Setting("KAFKA_COPY_OUTPUT", "bids-copy"),
                                           .names = weir::CamelCase,
                                           .create_partitions = 4});
  return weir::Main(argc, argv, pipeline);
}
