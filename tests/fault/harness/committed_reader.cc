#include "tests/fault/harness/committed_reader.h"

#include <algorithm>
#include <utility>

namespace weir::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kCallMillis = 2000;
constexpr int kPollMillis = 20;
constexpr size_t kBatch = 2000;

struct ListDestroyer {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
struct QueueDestroyer {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};

Result<KafkaClientPtr> NewConsumer(const std::string& bootstrap, const std::string& isolation) {
  return NewKafkaClient(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                            {"group.id", "weir-fault-tests"},
                                            {"enable.auto.commit", "false"},
                                            {"enable.partition.eof", "true"},
                                            {"auto.offset.reset", "error"},
                                            {"fetch.wait.max.ms", "50"},
                                            {"isolation.level", isolation}});
}

/// The topic's partitions, zero while it does not exist or the broker is away.
int PartitionsOf(rd_kafka_t* client, const std::string& topic) {
  // The handle makes the client ask for this topic alone; without it the assignment waits for a second.
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  int partitions = 0;
  if (rd_kafka_metadata(client, 0, handle, &metadata, kCallMillis) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR) partitions = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(handle);
  return partitions;
}

bool IsHarmless(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PARTITION_EOF || error == RD_KAFKA_RESP_ERR__TRANSPORT ||
         error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || error == RD_KAFKA_RESP_ERR__RESOLVE;
}

}  // namespace

Result<CommittedReader> CommittedReader::Open(const std::string& bootstrap, const std::string& topic, Millis longest) {
  CommittedReader reader;
  reader.topic_ = topic;
  WEIR_ASSIGN_OR_RETURN(reader.committed_, NewConsumer(bootstrap, "read_committed"));
  WEIR_ASSIGN_OR_RETURN(reader.uncommitted_, NewConsumer(bootstrap, "read_uncommitted"));
  int partitions = 0;
  for (const auto until = Clock::now() + longest; partitions == 0;) {
    partitions = PartitionsOf(reader.committed_.get(), topic);
    if (partitions == 0 && Clock::now() > until) return NotFound("topic " + topic + " is not there");
    if (partitions == 0) rd_kafka_poll(reader.committed_.get(), kPollMillis);
  }
  const std::unique_ptr<rd_kafka_topic_partition_list_t, ListDestroyer> list(
      rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset = 0;
  if (const auto error = rd_kafka_assign(reader.committed_.get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return Unavailable(topic + ": " + rd_kafka_err2str(error));
  }
  reader.positions_.assign(static_cast<size_t>(partitions), 0);
  return reader;
}

Status CommittedReader::Read(Millis longest) {
  const std::unique_ptr<rd_kafka_queue_t, QueueDestroyer> queue(rd_kafka_queue_get_consumer(committed_.get()));
  std::vector<rd_kafka_message_t*> messages(kBatch);
  const ssize_t got = rd_kafka_consume_batch_queue(queue.get(), static_cast<int>(longest.count()), messages.data(),
                                                   messages.size());
  Status status;
  for (ssize_t i = 0; i < got; ++i) {
    rd_kafka_message_t* message = messages[static_cast<size_t>(i)];
    int64_t& position = positions_[static_cast<size_t>(message->partition)];
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      position = message->offset + 1;
      records_.push_back({message->partition, message->offset, rd_kafka_message_timestamp(message, nullptr),
                          std::string(static_cast<const char*>(message->key), message->key_len),
                          std::string(static_cast<const char*>(message->payload), message->len)});
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      position = std::max(position, message->offset);
    } else if (!IsHarmless(message->err)) {
      status = Unavailable(topic_ + ": " + rd_kafka_message_errstr(message));
    }
    rd_kafka_message_destroy(message);
  }
  return status;
}

// Partitions learn of the end of a transaction one by one, after its owner did: a moment's waiting is normal.
Result<std::vector<int64_t>> CommittedReader::StableEnds(Millis longest) {
  const auto until = Clock::now() + longest;
  std::vector<int64_t> ends;
  while (ends.size() < positions_.size()) {
    const auto partition = static_cast<int32_t>(ends.size());
    int64_t begin = 0;
    int64_t all = -1;
    int64_t stable = -1;
    const auto error = rd_kafka_query_watermark_offsets(uncommitted_.get(), topic_.c_str(), partition, &begin, &all,
                                                        kCallMillis);
    const auto error_too = rd_kafka_query_watermark_offsets(committed_.get(), topic_.c_str(), partition, &begin,
                                                            &stable, kCallMillis);
    const bool answered = error == RD_KAFKA_RESP_ERR_NO_ERROR && error_too == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (answered && stable >= all) {
      ends.push_back(stable);
    } else if (Clock::now() > until) {
      return Aborted(topic_ + "/" + std::to_string(partition) + ": a transaction is open at offset " +
                     std::to_string(stable) + " (end " + std::to_string(all) + ")");
    } else {
      WEIR_RETURN_IF_ERROR(Read(Millis(kPollMillis)));
    }
  }
  return ends;
}

Status CommittedReader::ReadCommitted(Millis longest) {
  std::vector<int64_t> ends;
  for (size_t partition = 0; partition < positions_.size(); ++partition) {
    int64_t begin = 0;
    int64_t stable = 0;
    const auto error = rd_kafka_query_watermark_offsets(committed_.get(), topic_.c_str(),
                                                        static_cast<int32_t>(partition), &begin, &stable, kCallMillis);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Unavailable(topic_ + ": " + rd_kafka_err2str(error));
    ends.push_back(stable);
  }
  return ReadUpTo(ends, longest);
}

Status CommittedReader::ReadToEnd(Millis longest) {
  WEIR_ASSIGN_OR_RETURN(const std::vector<int64_t> ends, StableEnds(longest));
  return ReadUpTo(ends, longest);
}

Status CommittedReader::ReadUpTo(const std::vector<int64_t>& ends, Millis longest) {
  const auto until = Clock::now() + longest;
  for (size_t i = 0; i < ends.size();) {
    if (positions_[i] >= ends[i]) {
      ++i;
      continue;
    }
    if (Clock::now() > until) {
      return Unavailable(topic_ + "/" + std::to_string(i) + ": read up to " + std::to_string(positions_[i]) + " of " +
                         std::to_string(ends[i]) + " only");
    }
    WEIR_RETURN_IF_ERROR(Read(Millis(kPollMillis)));
  }
  return {};
}

}  // namespace weir::test
