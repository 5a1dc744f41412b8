// Puts bids into a topic while a job runs. Plain librdkafka, so that a fault of the engine's client code is not shared.
#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/status.h"

namespace weir::test {

using Millis = std::chrono::milliseconds;

inline constexpr int kInputPartitions = 4;

struct KafkaDestroyer {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using KafkaClientPtr = std::unique_ptr<rd_kafka_t, KafkaDestroyer>;

/// What a producer says of its records, each of which it is given once.
struct Deliveries {
  std::vector<std::string> problems;             ///< Why a record was not delivered, or cannot have been.
  std::map<int32_t, int64_t> last_offsets;       ///< By partition: of the newest record.
  void Note(const rd_kafka_message_t& message);
};

/// Unavailable with librdkafka's words if a setting is refused. `deliveries` outlives the client, and is told by whoever
/// polls.
Result<KafkaClientPtr> NewKafkaClient(rd_kafka_type_t type,
                                      const std::vector<std::pair<std::string, std::string>>& settings,
                                      Deliveries* deliveries = nullptr);

/// Removes topics that nobody needs any more, so that a broker serves hundreds of cases. Errors do not matter.
void DeleteTopics(rd_kafka_t* client, const std::vector<std::string>& topics);

/// One thread. What it made depends on the seed and the calls alone.
class KafkaFeed {
 public:
  /// Creates the topic.
  static Result<KafkaFeed> Open(const std::string& bootstrap, const std::string& topic, uint64_t seed,
                                int partitions = kInputPartitions);

  /// On a topic that another feed has filled with `added` bids.
  static Result<KafkaFeed> Join(const std::string& bootstrap, const std::string& topic, uint64_t added);

  /// Adds bids of random auctions to random partitions; returns once the broker has all of them, however long it is
  /// away, up to two minutes.
  Status Add(size_t bids);
  uint64_t added() const { return added_; }
  rd_kafka_t* client() { return client_.get(); }

 private:
  KafkaFeed(std::unique_ptr<Deliveries> deliveries, KafkaClientPtr client, std::string topic, uint64_t seed,
            int partitions)
      : deliveries_(std::move(deliveries)), client_(std::move(client)), topic_(std::move(topic)), random_(seed),
        partitions_(partitions) {}

  std::unique_ptr<Deliveries> deliveries_;
  KafkaClientPtr client_;
  std::string topic_;
  std::mt19937_64 random_;
  int partitions_;
  uint64_t added_ = 0;
};

}  // namespace weir::test
