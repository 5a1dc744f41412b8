#include "tests/fault/harness/kafka_feed.h"

#include <array>
#include <utility>

namespace weir::test {
namespace {

constexpr int kCallMillis = 10'000;
constexpr int kFlushMillis = 120'000;
constexpr int kTopicPollMillis = 10;
constexpr int kReplicasByDefault = -1;   ///< As many as the broker gives a topic.
/// Few enough that every auction is in every epoch, many enough for both keyed tasks.
constexpr uint64_t kAuctions = 40;
constexpr uint64_t kPrices = 1000;

struct QueueDestroyer {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, QueueDestroyer>;

Status CreateTopic(rd_kafka_t* client, const std::string& topic, int partitions) {
  std::array<char, 512> words{};
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, kReplicasByDefault, words.data(),
                                                   words.size());
  if (wanted == nullptr) return InvalidArgument(std::string("topic ") + topic + ": " + words.data());
  const QueuePtr queue(rd_kafka_queue_new(client));
  rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(wanted);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), 3 * kCallMillis);
  if (event == nullptr) return Unavailable("the broker did not create topic " + topic + " in time");
  Status status;
  size_t topics = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(event);
  const rd_kafka_topic_result_t** results =
      result == nullptr ? nullptr : rd_kafka_CreateTopics_result_topics(result, &topics);
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) status = Unavailable(rd_kafka_event_error_string(event));
  if (topics == 1 && rd_kafka_topic_result_error(results[0]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    status = Unavailable("topic " + topic + ": " + rd_kafka_topic_result_error_string(results[0]));
  }
  rd_kafka_event_destroy(event);
  return status;
}

/// Brokers learn of a new topic a moment after the controller said that it is there.
Status WaitForTopic(rd_kafka_t* client, const std::string& topic, int partitions) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const auto until = std::chrono::steady_clock::now() + Millis(kCallMillis);
  bool found = false;
  while (!found && std::chrono::steady_clock::now() < until) {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client, 0, handle, &metadata, kCallMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    found = metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topics[0].partition_cnt == partitions;
    rd_kafka_metadata_destroy(metadata);
    if (!found) rd_kafka_poll(client, kTopicPollMillis);
  }
  rd_kafka_topic_destroy(handle);
  return found ? Status::Ok() : Unavailable("topic " + topic + " was created and is not there");
}

Result<KafkaClientPtr> NewProducer(const std::string& bootstrap, Deliveries* deliveries) {
  return NewKafkaClient(RD_KAFKA_PRODUCER, {{"bootstrap.servers", bootstrap},
                                            {"enable.idempotence", "true"},
                                            {"message.timeout.ms", "0"},
                                            {"reconnect.backoff.max.ms", "1000"},
                                            {"linger.ms", "1"}},
                        deliveries);
}

}  // namespace

void Deliveries::Note(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    problems.emplace_back(rd_kafka_err2str(message.err));
    return;
  }
  // An idempotent producer is told "already there" of what it sends again, at no offset or at an old one.
  const auto [last, first] = last_offsets.try_emplace(message.partition, message.offset);
  if (message.offset < 0 || (!first && message.offset <= last->second)) {
    problems.push_back("said to be delivered to partition " + std::to_string(message.partition) + " at offset " +
                       std::to_string(message.offset) + ", the one before it at " + std::to_string(last->second));
  }
  last->second = message.offset;
}

Result<KafkaClientPtr> NewKafkaClient(rd_kafka_type_t type,
                                      const std::vector<std::pair<std::string, std::string>>& settings,
                                      Deliveries* deliveries) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (deliveries != nullptr) {
    rd_kafka_conf_set_opaque(conf, deliveries);
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
      static_cast<Deliveries*>(opaque)->Note(*message);
    });
  }
  std::array<char, 512> words{};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), words.data(), words.size()) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return InvalidArgument(name + ": " + words.data());
    }
  }
  // Connection chatter of brokers that tests kill on purpose.
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_t* client = rd_kafka_new(type, conf, words.data(), words.size());
  if (client == nullptr) return Unavailable(words.data());
  return KafkaClientPtr(client);
}

void DeleteTopics(rd_kafka_t* client, const std::vector<std::string>& topics) {
  std::vector<rd_kafka_DeleteTopic_t*> unwanted;
  for (const std::string& topic : topics) unwanted.push_back(rd_kafka_DeleteTopic_new(topic.c_str()));
  const QueuePtr queue(rd_kafka_queue_new(client));
  rd_kafka_DeleteTopics(client, unwanted.data(), unwanted.size(), nullptr, queue.get());
  rd_kafka_DeleteTopic_destroy_array(unwanted.data(), unwanted.size());
  if (rd_kafka_event_t* event = rd_kafka_queue_poll(queue.get(), kCallMillis)) rd_kafka_event_destroy(event);
}

Result<KafkaFeed> KafkaFeed::Open(const std::string& bootstrap, const std::string& topic, uint64_t seed,
                                  int partitions) {
  auto deliveries = std::make_unique<Deliveries>();
  WEIR_ASSIGN_OR_RETURN(KafkaClientPtr client, NewProducer(bootstrap, deliveries.get()));
  WEIR_RETURN_IF_ERROR(CreateTopic(client.get(), topic, partitions));
  WEIR_RETURN_IF_ERROR(WaitForTopic(client.get(), topic, partitions));
  return KafkaFeed(std::move(deliveries), std::move(client), topic, seed, partitions);
}

Result<KafkaFeed> KafkaFeed::Join(const std::string& bootstrap, const std::string& topic, uint64_t added) {
  auto deliveries = std::make_unique<Deliveries>();
  WEIR_ASSIGN_OR_RETURN(KafkaClientPtr client, NewProducer(bootstrap, deliveries.get()));
  KafkaFeed feed(std::move(deliveries), std::move(client), topic, added, kInputPartitions);
  feed.added_ = added;
  return feed;
}

Status KafkaFeed::Add(size_t bids) {
  for (size_t i = 0; i < bids; ++i) {
    const std::string json = "{\"auction\":" + std::to_string(random_() % kAuctions) +
                             ",\"price\":" + std::to_string(1 + random_() % kPrices) + "}";
    const auto partition = static_cast<int32_t>(random_() % static_cast<uint64_t>(partitions_));
    while (true) {
      const rd_kafka_resp_err_t error = rd_kafka_producev(
          client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(partition),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_VALUE(const_cast<char*>(json.data()), json.size()), RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
        // A node that had not heard of the new topic was asked last.
        WEIR_RETURN_IF_ERROR(WaitForTopic(client_.get(), topic_, partitions_));
        continue;
      }
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) return Unavailable(topic_ + ": " + rd_kafka_err2str(error));
      rd_kafka_poll(client_.get(), 10);
    }
  }
  const rd_kafka_resp_err_t error = rd_kafka_flush(client_.get(), kFlushMillis);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Unavailable(topic_ + ": " + rd_kafka_err2str(error));
  if (const auto& problems = deliveries_->problems; !problems.empty()) {
    return Unavailable(topic_ + ": " + std::to_string(problems.size()) + " bids were not delivered: " + problems.front());
  }
  added_ += bids;
  return {};
}

}  // namespace weir::test
