#include "tools/demo_support/topic_reader.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tools/demo_support/die.h"

namespace demo {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kCallMillis = 5000;
constexpr auto kWaitMax = std::chrono::seconds(30);
constexpr size_t kBatch = 2000;

struct HandleDeleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using Consumer = std::unique_ptr<rd_kafka_t, HandleDeleter>;
using Queue = std::unique_ptr<rd_kafka_queue_t, HandleDeleter>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, HandleDeleter>;

Consumer NewConsumer(const std::string& bootstrap, const char* isolation) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> error{};
  const std::vector<std::pair<const char*, const char*>> settings = {
      {"bootstrap.servers", bootstrap.c_str()}, {"group.id", "weir-demo-verifier"}, {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},    {"auto.offset.reset", "error"},     {"enable.partition.eof", "true"},
      {"isolation.level", isolation},           {"check.crcs", "true"},
      // A full queue makes librdkafka pause for a second.
      {"queued.min.messages", "1000000"},       {"queued.max.messages.kbytes", "262144"}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK) Die(error.data());
  }
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
  if (handle == nullptr) Die(fmt::format("no Kafka consumer: {}", error.data()));
  rd_kafka_poll_set_consumer(handle);
  return Consumer(handle);
}

int CountPartitions(rd_kafka_t* consumer, const std::string& topic) {
  const auto deadline = Clock::now() + kWaitMax;
  rd_kafka_topic_t* handle = rd_kafka_topic_new(consumer, topic.c_str(), nullptr);
  for (;;) {
    const struct rd_kafka_metadata* metadata = nullptr;
    const rd_kafka_resp_err_t error = rd_kafka_metadata(consumer, 0, handle, &metadata, kCallMillis);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const rd_kafka_metadata_topic& found = metadata->topics[0];
      const int partitions = found.err == RD_KAFKA_RESP_ERR_NO_ERROR ? found.partition_cnt : 0;
      const std::string problem = rd_kafka_err2str(found.err);
      rd_kafka_metadata_destroy(metadata);
      if (partitions > 0) {
        rd_kafka_topic_destroy(handle);
        return partitions;
      }
      if (Clock::now() > deadline) Die(fmt::format("topic {}: {}", topic, problem));
    } else if (Clock::now() > deadline) {
      Die(fmt::format("topic {}: the broker does not answer: {}", topic, rd_kafka_err2str(error)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

struct Bounds {
  int64_t begin = 0;
  int64_t end = 0;
};

Bounds AskBounds(rd_kafka_t* consumer, const std::string& topic, int partition) {
  const auto deadline = Clock::now() + kWaitMax;
  for (;;) {
    Bounds bounds;
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(consumer, topic.c_str(), partition,
                                                                       &bounds.begin, &bounds.end, kCallMillis);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return bounds;
    if (Clock::now() > deadline) {
      Die(fmt::format("topic {} partition {}: no offsets: {}", topic, partition, rd_kafka_err2str(error)));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

// The end for readers of committed records, once it is the log's end: until then a transaction is open. The
// markers that end a transaction are written after its owner was told, so a moment's waiting is normal.
Bounds AskStableBounds(rd_kafka_t* committed, rd_kafka_t* uncommitted, const std::string& topic, int partition) {
  const auto deadline = Clock::now() + kWaitMax;
  for (;;) {
    const Bounds all = AskBounds(uncommitted, topic, partition);
    const Bounds stable = AskBounds(committed, topic, partition);
    if (stable.end >= all.end) return stable;
    if (Clock::now() > deadline) {
      Die(fmt::format("topic {} partition {}: a transaction is open at offset {} (end {}); did its writer die "
                      "without a successor?", topic, partition, stable.end, all.end));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// Partitions that still have something to read.
class Remaining {
 public:
  explicit Remaining(std::vector<Bounds> bounds) : bounds_(std::move(bounds)), done_(bounds_.size(), false) {
    for (size_t i = 0; i < bounds_.size(); ++i) ReachedPosition(i, bounds_[i].begin);
  }
  bool empty() const { return left_ == 0; }
  bool Wants(size_t partition, int64_t offset) const { return !done_[partition] && offset < bounds_[partition].end; }
  void ReachedPosition(size_t partition, int64_t next) {
    if (done_[partition] || next < bounds_[partition].end) return;
    done_[partition] = true;
    --left_;
  }

 private:
  std::vector<Bounds> bounds_;
  std::vector<bool> done_;
  size_t left_ = bounds_.size();
};

// The last record of a partition may be followed by control records: its end is known from the event for it.
uint64_t Drain(rd_kafka_queue_t* queue, const std::string& topic, Remaining remaining, const TopicVisitor& visit) {
  uint64_t records = 0;
  std::vector<rd_kafka_message_t*> messages(kBatch);
  auto last_heard = Clock::now();
  while (!remaining.empty()) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue, 500, messages.data(), messages.size());
    if (got > 0) last_heard = Clock::now();
    if (Clock::now() - last_heard > kWaitMax) Die(fmt::format("topic {}: nothing was read for 30 s", topic));
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
      const auto partition = static_cast<size_t>(message->partition);
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        remaining.ReachedPosition(partition, message->offset);
      } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (remaining.Wants(partition, message->offset)) {
          visit(message->partition, message->offset, {static_cast<const char*>(message->payload), message->len});
          ++records;
        }
        remaining.ReachedPosition(partition, message->offset + 1);
      } else if (message->err != RD_KAFKA_RESP_ERR__TRANSPORT && message->err != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        Die(fmt::format("topic {}: {}", topic, rd_kafka_message_errstr(message)));
      }
      rd_kafka_message_destroy(message);
    }
  }
  return records;
}

}  // namespace

uint64_t ReadTopic(const std::string& bootstrap, const std::string& topic, const TopicVisitor& visit) {
  const Consumer committed = NewConsumer(bootstrap, "read_committed");
  const Consumer uncommitted = NewConsumer(bootstrap, "read_uncommitted");
  const int partitions = CountPartitions(committed.get(), topic);
  (void)CountPartitions(uncommitted.get(), topic);
  std::vector<Bounds> bounds;
  const PartitionList assignment(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) {
    bounds.push_back(AskStableBounds(committed.get(), uncommitted.get(), topic, i));
    rd_kafka_topic_partition_list_add(assignment.get(), topic.c_str(), i)->offset = bounds.back().begin;
  }
  if (const auto error = rd_kafka_assign(committed.get(), assignment.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die(fmt::format("topic {}: {}", topic, rd_kafka_err2str(error)));
  }
  const Queue queue(rd_kafka_queue_get_consumer(committed.get()));
  const uint64_t records = Drain(queue.get(), topic, Remaining(std::move(bounds)), visit);
  rd_kafka_assign(committed.get(), nullptr);
  return records;
}

}  // namespace demo
