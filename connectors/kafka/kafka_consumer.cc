#include "connectors/kafka/kafka_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_errors.h"

namespace weir {
namespace {

constexpr int kBoundsTimeoutMs = 1000;

}  // namespace

struct KafkaConsumer::Split {
  TopicPartition partition;
  int32_t leader = -1;
  KafkaTopic topic;
  KafkaQueue queue;
  int64_t start = 0;
  int64_t next = -1;
  bool at_end = false;
  uint64_t records = 0;     // Read so far, for the average size.
  uint64_t bytes = 0;
  size_t held_max = 0;      // Longest the queue was since the fetcher was last woken.
};

struct KafkaConsumer::Drain {
  rd_kafka_t* client;
  Split& split;
  size_t records_max;
  const RawVisitor& visit;
  size_t records = 0;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string words;
  std::exception_ptr thrown;   // By `visit`: it must not come through librdkafka's frames.
};

KafkaConsumer::KafkaConsumer(const KafkaSettings& settings) : settings_(settings), hooks_(settings, "consumer") {}

Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::Start(const KafkaSettings& settings) {
  std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer(settings));
  WEIR_ASSIGN_OR_RETURN(KafkaConf conf, MakeConf(settings, KafkaRole::kConsumer, &consumer->hooks_));
  WEIR_ASSIGN_OR_RETURN(consumer->client_, StartClient(KafkaRole::kConsumer, std::move(conf)));
  consumer->answers_.reset(rd_kafka_queue_new(consumer->client_.get()));
  return consumer;
}

KafkaConsumer::~KafkaConsumer() {
  for (const std::unique_ptr<Split>& split : splits_) {
    rd_kafka_queue_cb_event_enable(split->queue.get(), nullptr, nullptr);
    rd_kafka_consume_stop(split->topic.get(), split->partition.partition);
  }
  splits_.clear();
  answers_.reset();
  client_.reset();
}

void KafkaConsumer::OnEvent(rd_kafka_t*, void* self) {
  Waker* waker = static_cast<KafkaConsumer*>(self)->waker_.load();
  if (waker != nullptr) waker->Wake();
}

Status KafkaConsumer::Assign(const TopicPartition& partition, int64_t offset) {
  const std::string name = fmt::format("{}/{}", partition.topic, partition.partition);
  if (offset < 0) return InvalidArgument(fmt::format("{} cannot be read from offset {}", name, offset));
  if (std::ranges::any_of(splits_, [&](const auto& split) { return split->partition == partition; })) {
    return InvalidArgument(fmt::format("{} is assigned to this consumer already", name));
  }
  auto split = std::make_unique<Split>();
  split->partition = partition;
  split->start = offset;
  split->topic.reset(rd_kafka_topic_new(client_.get(), partition.topic.c_str(), nullptr));
  if (split->topic == nullptr) return StatusOf(rd_kafka_last_error(), fmt::format("topic '{}'", partition.topic));
  // Fetched here, else starting to fetch waits up to a second for the client's next refresh.
  WEIR_ASSIGN_OR_RETURN(const std::vector<int32_t> leaders,
                        LeadersOf(client_.get(), split->topic.get(), settings_.request_timeout));
  if (partition.partition < 0 || static_cast<size_t>(partition.partition) >= leaders.size()) {
    return NotFound(fmt::format("topic '{}' has no partition {}: it has {}, counted from 0", partition.topic,
                                partition.partition, leaders.size()));
  }
  split->leader = leaders[static_cast<size_t>(partition.partition)];
  split->queue.reset(rd_kafka_queue_get_partition(client_.get(), partition.topic.c_str(), partition.partition));
  if (split->queue == nullptr) return Internal(fmt::format("librdkafka has no queue for {}", name));
  rd_kafka_queue_cb_event_enable(split->queue.get(), OnEvent, this);
  if (rd_kafka_consume_start(split->topic.get(), partition.partition, offset) != 0) {
    return StatusOf(rd_kafka_last_error(), fmt::format("reading {} from offset {}", name, offset));
  }
  splits_.push_back(std::move(split));
  return Status::Ok();
}

void KafkaConsumer::OnMessage(rd_kafka_message_t* message, void* opaque) {
  auto* drain = static_cast<Drain*>(opaque);
  Split& split = drain->split;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    split.next = message->offset;
    split.at_end = true;
    return;
  }
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    drain->error = message->err;
    drain->words = rd_kafka_message_errstr(message);
    rd_kafka_yield(drain->client);
    return;
  }
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const int64_t timestamp = rd_kafka_message_timestamp(message, &kind);
  try {
    drain->visit({.key = {static_cast<const char*>(message->key), message->key_len},
                  .value = {static_cast<const char*>(message->payload), message->len},
                  .offset = Offset{message->offset},
                  .timestamp_ms = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? kNoTimestamp : timestamp});
  } catch (...) {
    drain->thrown = std::current_exception();
    rd_kafka_yield(drain->client);
    return;
  }
  split.next = message->offset + 1;
  split.at_end = false;
  split.bytes += message->len + message->key_len;
  if (++drain->records == drain->records_max) rd_kafka_yield(drain->client);
}

Result<PollResult> KafkaConsumer::Poll(size_t index, size_t records_max, const RawVisitor& visit) {
  WEIR_CHECK(index < splits_.size(), "a partition that was never assigned is polled");
  Split& split = *splits_[index];
  Drain drain{.client = client_.get(), .split = split, .records_max = records_max, .visit = visit, .words = {}, .thrown = {}};
  if (records_max > 0) {
    rd_kafka_consume_callback_queue(split.queue.get(), 0, OnMessage, &drain);
    if (drain.thrown != nullptr) std::rethrow_exception(drain.thrown);
    split.records += drain.records;
    KeepFetching(split);
  }
  if (drain.error != RD_KAFKA_RESP_ERR_NO_ERROR) return Failure(split, drain.error, drain.words);
  return PollResult{.records = drain.records, .next_offset = split.next, .at_end = split.at_end};
}

void KafkaConsumer::KeepFetching(Split& split) {
  const size_t held = rd_kafka_queue_length(split.queue.get());
  split.held_max = std::max(split.held_max, held);
  if (split.records == 0 || held * 2 > split.held_max) return;
  const uint64_t held_bytes_max = split.held_max * (split.bytes / split.records);
  split.held_max = held;
  if (held_bytes_max < settings_.prefetch_bytes_per_partition / 2) return;
  while (KafkaEvent(rd_kafka_queue_poll(answers_.get(), 0)) != nullptr) {
  }
  // librdkafka 2.0.2 does not tell its fetcher that there is room again: it looks once a second, or when it has
  // anything else to do. So it gets something: a small request to the partition's leader, whose answer nobody reads.
  const KafkaOptions options(rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  std::array<char, 256> words{};
  rd_kafka_AdminOptions_set_broker(options.get(), split.leader, words.data(), words.size());
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, split.partition.topic.c_str());
  rd_kafka_DescribeConfigs(client_.get(), &resource, 1, options.get(), answers_.get());
  rd_kafka_ConfigResource_destroy(resource);
}

Status KafkaConsumer::Failure(const Split& split, rd_kafka_resp_err_t error, const std::string& words) const {
  const std::string& topic = split.partition.topic;
  const int32_t partition = split.partition.partition;
  const int64_t offset = split.next >= 0 ? split.next : split.start;
  const bool range = error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || error == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
  if (!range) return StatusOf(error, fmt::format("reading {}/{} at offset {}", topic, partition, offset), words);
  int64_t begin = -1;
  int64_t end = -1;
  const auto failed =
      rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), partition, &begin, &end, kBoundsTimeoutMs);
  const std::string log = failed == RD_KAFKA_RESP_ERR_NO_ERROR ? fmt::format("the log goes from {} to {}", begin, end)
                                                               : std::string("the log's bounds are unknown");
  return Aborted(fmt::format("offset {} of {}/{} is out of range: {} ({})", offset, topic, partition, log, words));
}

int64_t KafkaConsumer::KnownEnd(size_t index) const {
  const Split& split = *splits_.at(index);
  int64_t begin = -1;
  int64_t end = -1;
  const auto error = rd_kafka_get_watermark_offsets(client_.get(), split.partition.topic.c_str(),
                                                    split.partition.partition, &begin, &end);
  return error == RD_KAFKA_RESP_ERR_NO_ERROR && end >= 0 ? end : -1;
}

}  // namespace weir
