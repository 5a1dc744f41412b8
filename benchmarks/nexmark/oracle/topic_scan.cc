#include "benchmarks/nexmark/oracle/topic_scan.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace oracle {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kCallMillis = 10'000;
constexpr auto kWaitMax = std::chrono::seconds(30);
constexpr auto kPause = std::chrono::milliseconds(50);

struct Deleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Handle = std::unique_ptr<rd_kafka_t, Deleter>;

Handle NewConsumer(const std::string& bootstrap, const char* isolation) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256];
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", bootstrap.c_str()},
                                                          {"group.id", "nexmark-oracle"},
                                                          {"enable.auto.commit", "false"},
                                                          {"enable.partition.eof", "true"},
                                                          {"isolation.level", isolation},
                                                          {"check.crcs", "true"},
                                                          {"queued.min.messages", "10000000"},
                                                          {"queued.max.messages.kbytes", "131072"}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) throw ScanError(error);
  }
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (handle == nullptr) throw ScanError(error);
  return Handle(handle);
}

int CountPartitions(rd_kafka_t* handle, const std::string& name) {
  const std::unique_ptr<rd_kafka_topic_t, Deleter> topic(rd_kafka_topic_new(handle, name.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 0, topic.get(), &metadata, kCallMillis);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw ScanError(fmt::format("topic {}: {}", name, rd_kafka_err2str(error)));
  const int partitions = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  if (partitions == 0) throw ScanError(fmt::format("topic {}: there is none", name));
  return partitions;
}

int64_t EndOf(rd_kafka_t* handle, const std::string& topic, int32_t partition) {
  int64_t begin = 0;
  int64_t end = 0;
  const auto error = rd_kafka_query_watermark_offsets(handle, topic.c_str(), partition, &begin, &end, kCallMillis);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return end;
  throw ScanError(fmt::format("topic {} partition {}: {}", topic, partition, rd_kafka_err2str(error)));
}

/// A commit is answered before its markers are in all partitions: they may take a moment.
void WaitForOpenTransactions(const std::string& bootstrap, rd_kafka_t* committed, const std::string& topic,
                             int partitions) {
  const Handle uncommitted = NewConsumer(bootstrap, "read_uncommitted");
  const auto deadline = Clock::now() + kWaitMax;
  for (int32_t partition = 0; partition < partitions;) {
    const int64_t end = EndOf(uncommitted.get(), topic, partition);
    const int64_t stable = EndOf(committed, topic, partition);
    if (stable >= end) {
      ++partition;
    } else if (Clock::now() > deadline) {
      throw ScanError(fmt::format("topic {} partition {}: a transaction is open since offset {} of {}", topic,
                                  partition, stable, end));
    } else {
      std::this_thread::sleep_for(kPause);
    }
  }
}

struct Scan {
  const RecordVisitor& visit;
  const std::string& topic;
  uint64_t records = 0;
  int ended = 0;
  std::string problem;
};

/// No exception may pass through librdkafka.
void Visit(std::string_view value, Scan& scan) {
  try {
    scan.visit(value);
  } catch (const std::exception& error) {
    scan.problem = error.what();
  }
}

void OnMessage(rd_kafka_message_t* message, void* opaque) {
  Scan& scan = *static_cast<Scan*>(opaque);
  switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      ++scan.records;
      if (scan.problem.empty()) Visit({static_cast<const char*>(message->payload), message->len}, scan);
      return;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF: ++scan.ended; return;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: return;
    default: scan.problem = rd_kafka_message_errstr(message);
  }
}

}  // namespace

uint64_t ScanTopic(const std::string& bootstrap, const std::string& topic, const RecordVisitor& visit) {
  const Handle consumer = NewConsumer(bootstrap, "read_committed");
  const int partitions = CountPartitions(consumer.get(), topic);
  WaitForOpenTransactions(bootstrap, consumer.get(), topic, partitions);
  const std::unique_ptr<rd_kafka_topic_t, Deleter> handle(rd_kafka_topic_new(consumer.get(), topic.c_str(), nullptr));
  const std::unique_ptr<rd_kafka_queue_t, Deleter> queue(rd_kafka_queue_new(consumer.get()));
  for (int32_t partition = 0; partition < partitions; ++partition) {
    rd_kafka_consume_start_queue(handle.get(), partition, RD_KAFKA_OFFSET_BEGINNING, queue.get());
  }
  Scan scan{visit, topic, 0, 0, {}};
  auto deadline = Clock::now() + kWaitMax;
  while (scan.ended < partitions && scan.problem.empty()) {
    if (rd_kafka_consume_callback_queue(queue.get(), 500, OnMessage, &scan) > 0) deadline = Clock::now() + kWaitMax;
    if (Clock::now() > deadline) scan.problem = "nothing was read for half a minute";
  }
  for (int32_t partition = 0; partition < partitions; ++partition) rd_kafka_consume_stop(handle.get(), partition);
  if (!scan.problem.empty()) throw ScanError(fmt::format("topic {}: {}", topic, scan.problem));
  return scan.records;
}

}  // namespace oracle
