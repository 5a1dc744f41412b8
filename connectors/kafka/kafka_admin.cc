#include "connectors/kafka/kafka_admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <thread>
#include <utility>

#include "connectors/kafka/kafka_errors.h"
#include "runtime/base/config_value.h"
#include "runtime/base/did_you_mean.h"

namespace weir {
namespace {

using Metadata =
    std::unique_ptr<const rd_kafka_metadata_t, KafkaDeleter<rd_kafka_metadata_destroy>>;
using NewTopicHandle = std::unique_ptr<rd_kafka_NewTopic_t, KafkaDeleter<rd_kafka_NewTopic_destroy>>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, KafkaDeleter<rd_kafka_ConfigResource_destroy>>;

/// A new topic's partitions are unknown to the client for some 100 ms.
constexpr Duration kUnknownFor = std::chrono::seconds(2);
/// As long as a producer waits for a topic that is missing (topic.metadata.propagation.max.ms).
constexpr Duration kKnownToAllAfter = std::chrono::seconds(5);
constexpr auto kRetryPause = std::chrono::milliseconds(20);
/// What a record batch of one record costs beside key and value, at most.
constexpr uint64_t kFramingBytes = 100;
/// librdkafka's batch.size where nobody sets it.
constexpr uint64_t kBatchBytesDefault = 1'000'000;
/// KIP-890, part 1.
constexpr std::string_view kVerification = "transaction.partition.verification.enable";
constexpr std::array<std::string_view, 2> kInternalTopics{"__consumer_offsets", "__transaction_state"};

Result<Metadata> FetchMetadata(rd_kafka_t* client, bool all, rd_kafka_topic_t* topic, int timeout_ms,
                               std::string_view what) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(client, all ? 1 : 0, topic, &metadata, timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return StatusOf(error, what);
  return Metadata(metadata);
}

/// Repeats `call` while the client, or the broker that is asked, does not know the partition yet. REQUIRES: it exists.
template <class Call>
rd_kafka_resp_err_t WhileUnknown(Call call) {
  const SystemClock clock;
  const Instant deadline = clock.Now() + kUnknownFor;
  while (true) {
    const rd_kafka_resp_err_t error = call();
    const bool unknown = error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
                         error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
                         error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (!unknown || clock.Now() >= deadline) return error;
    std::this_thread::sleep_for(kRetryPause);
  }
}

}  // namespace

Result<std::vector<int32_t>> LeadersOf(rd_kafka_t* client, rd_kafka_topic_t* topic, Duration timeout) {
  const std::string what = fmt::format("metadata of topic '{}'", rd_kafka_topic_name(topic));
  const SystemClock clock;
  const Instant deadline = clock.Now() + timeout;
  while (true) {
    const Duration left = deadline - clock.Now();
    WEIR_ASSIGN_OR_RETURN(const Metadata metadata, FetchMetadata(client, false, topic, ToMillis(left), what));
    if (metadata->topic_cnt != 1) return Internal(what + ": the answer is not about this topic");
    const rd_kafka_metadata_topic& found = metadata->topics[0];
    std::vector<int32_t> leaders(static_cast<size_t>(std::max(found.partition_cnt, 0)), -1);
    for (int i = 0; i < found.partition_cnt; ++i) {
      const size_t partition = static_cast<size_t>(found.partitions[i].id);
      if (partition < leaders.size()) leaders[partition] = found.partitions[i].leader;
    }
    const bool led = !leaders.empty() && std::ranges::none_of(leaders, [](int32_t leader) { return leader < 0; });
    if (found.err == RD_KAFKA_RESP_ERR_NO_ERROR && led) return leaders;
    const bool passing = found.err == RD_KAFKA_RESP_ERR_NO_ERROR || CodeOf(found.err) == Code::kUnavailable;
    if (!passing) return StatusOf(found.err, what);
    if (clock.Now() + kRetryPause >= deadline) return Unavailable(what + ": a partition has no leader; try again");
    std::this_thread::sleep_for(kRetryPause);
  }
}

KafkaAdmin::KafkaAdmin(const KafkaSettings& settings) : settings_(settings), hooks_(settings, "admin") {}

Result<std::unique_ptr<KafkaAdmin>> KafkaAdmin::Start(const KafkaSettings& settings) {
  std::unique_ptr<KafkaAdmin> admin(new KafkaAdmin(settings));
  WEIR_ASSIGN_OR_RETURN(KafkaConf conf, MakeConf(settings, KafkaRole::kAdmin, &admin->hooks_));
  WEIR_ASSIGN_OR_RETURN(admin->client_, StartClient(KafkaRole::kAdmin, std::move(conf)));
  return admin;
}

Result<std::string> KafkaAdmin::ClusterId() {
  char* id = rd_kafka_clusterid(client_.get(), timeout_ms());
  if (id == nullptr) {
    return StatusOf(RD_KAFKA_RESP_ERR__TIMED_OUT,
                    fmt::format("no answer from Kafka at '{}' within {}", settings_.bootstrap,
                                ToText(settings_.request_timeout)));
  }
  std::string copy = id;
  rd_kafka_mem_free(client_.get(), id);
  return copy;
}

Result<std::vector<TopicInfo>> KafkaAdmin::ListTopics() {
  WEIR_ASSIGN_OR_RETURN(const Metadata metadata,
                        FetchMetadata(client_.get(), true, nullptr, timeout_ms(), "list of topics"));
  std::vector<TopicInfo> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic& topic = metadata->topics[i];
    if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || std::ranges::count(kInternalTopics, topic.topic) > 0) continue;
    topics.push_back({topic.topic, topic.partition_cnt, {}});
  }
  std::ranges::sort(topics, {}, &TopicInfo::name);
  return topics;
}

Status KafkaAdmin::MissingTopic(const std::string& topic) {
  std::vector<std::string> names;
  if (const Result<std::vector<TopicInfo>> topics = ListTopics(); topics.ok()) {
    for (const TopicInfo& info : topics.value()) names.push_back(info.name);
  }
  return NotFound(fmt::format("topic '{}' does not exist at '{}': create it first{}", topic, settings_.bootstrap,
                              DidYouMean(topic, names)));
}

bool KafkaAdmin::MadeLately(const std::string& topic) {
  const std::lock_guard lock(made_mutex_);
  const auto made = made_.find(topic);
  return made != made_.end() && SystemClock().Now() - made->second < kKnownToAllAfter;
}

template <class Question>
auto KafkaAdmin::UntilKnown(const std::string& topic, Question ask) {
  auto answer = ask();
  while (answer.status().code() == Code::kNotFound && MadeLately(topic)) {
    std::this_thread::sleep_for(kRetryPause);
    answer = ask();
  }
  return answer;
}

Result<int32_t> KafkaAdmin::PartitionsOf(const std::string& topic) {
  const KafkaTopic handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  if (handle == nullptr) return StatusOf(rd_kafka_last_error(), fmt::format("topic '{}'", topic));
  const Result<std::vector<int32_t>> leaders = UntilKnown(
      topic, [&] { return LeadersOf(client_.get(), handle.get(), settings_.request_timeout); });
  if (leaders.status().code() == Code::kNotFound) return MissingTopic(topic);
  if (!leaders.ok()) return leaders.status().WithContext(fmt::format("Kafka at '{}'", settings_.bootstrap));
  return static_cast<int32_t>(leaders.value().size());
}

Status KafkaAdmin::CheckPartition(const TopicPartition& partition) {
  WEIR_ASSIGN_OR_RETURN(const int32_t count, PartitionsOf(partition.topic));
  if (partition.partition >= 0 && partition.partition < count) return Status::Ok();
  return NotFound(fmt::format("topic '{}' has no partition {}: it has {}, counted from 0", partition.topic,
                              partition.partition, count));
}

Result<KafkaEvent> KafkaAdmin::Ask(rd_kafka_admin_op_t operation, const std::string& what, const Request& request) {
  const KafkaQueue queue(rd_kafka_queue_new(client_.get()));
  const KafkaOptions options(rd_kafka_AdminOptions_new(client_.get(), operation));
  std::array<char, 256> words{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms(), words.data(), words.size());
  request(options.get(), queue.get());
  KafkaEvent event(rd_kafka_queue_poll(queue.get(), timeout_ms() + 1000));
  if (event == nullptr) return StatusOf(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  if (const auto error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return StatusOf(error, what, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

Result<KafkaAdmin::Values> KafkaAdmin::ConfigOf(rd_kafka_ResourceType_t type, const std::string& name,
                                                const std::string& what) {
  const Resource resource(rd_kafka_ConfigResource_new(type, name.c_str()));
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  WEIR_ASSIGN_OR_RETURN(const KafkaEvent event,
                        Ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, what,
                            [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                              rd_kafka_DescribeConfigs(client_.get(), resources, 1, options, queue);
                            }));
  size_t count = 0;
  const auto* answers =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return Internal(what + ": the answer is about something else");
  if (const auto error = rd_kafka_ConfigResource_error(answers[0]); error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return StatusOf(error, what);
  }
  Values values;
  const auto* entries = rd_kafka_ConfigResource_configs(answers[0], &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) values[rd_kafka_ConfigEntry_name(entries[i])] = value;
  }
  return values;
}

Result<TopicInfo> KafkaAdmin::DescribeTopic(const std::string& topic) {
  TopicInfo info{topic, 0, {}};
  WEIR_ASSIGN_OR_RETURN(info.partitions, PartitionsOf(topic));
  const std::string what = fmt::format("configuration of topic '{}'", topic);
  WEIR_ASSIGN_OR_RETURN(info.config,
                        UntilKnown(topic, [&] { return ConfigOf(RD_KAFKA_RESOURCE_TOPIC, topic, what); }));
  return info;
}

Status KafkaAdmin::CheckTransactions() {
  WEIR_ASSIGN_OR_RETURN(const Metadata metadata,
                        FetchMetadata(client_.get(), false, nullptr, timeout_ms(), "list of brokers"));
  for (int i = 0; i < metadata->broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata->brokers[i];
    const std::string who = fmt::format("broker {} at {}:{}", broker.id, broker.host, broker.port);
    const Result<Values> values = ConfigOf(RD_KAFKA_RESOURCE_BROKER, std::to_string(broker.id), "configuration of " + who);
    if (values.status().code() == Code::kUnavailable) return values.status();
    if (!values.ok()) {
      // Most likely this user may not ask. Others of the cluster would answer the same.
      settings_.logger.Warning("transactions_not_checked", values.status().message());
      return {};
    }
    const auto verified = values->find(std::string(kVerification));
    if (verified != values->end() && verified->second == "true") continue;
    return InvalidArgument(fmt::format(
        "{} takes transactional records without asking whether their transaction is still open: {}", who,
        verified == values->end()
            ? fmt::format("it does not have {}, as Kafka older than 3.6 does not", kVerification)
            : fmt::format("{} is {}; set it to true", kVerification, verified->second)));
  }
  return {};
}

Status KafkaAdmin::CreateTopic(const NewTopic& topic) {
  const std::string what = fmt::format("creation of topic '{}' with {} partitions", topic.name, topic.partitions);
  std::array<char, 256> words{};
  const NewTopicHandle handle(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication,
                                                    words.data(), words.size()));
  if (handle == nullptr) return InvalidArgument(fmt::format("{}: {}", what, words.data()));
  for (const auto& [name, value] : topic.config) {
    const auto error = rd_kafka_NewTopic_set_config(handle.get(), name.c_str(), value.c_str());
    WEIR_RETURN_IF_ERROR(StatusOf(error, fmt::format("{}: setting {}", what, name)));
  }
  rd_kafka_NewTopic_t* handles[] = {handle.get()};
  WEIR_ASSIGN_OR_RETURN(const KafkaEvent event,
                        Ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, what,
                            [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                              rd_kafka_CreateTopics(client_.get(), handles, 1, options, queue);
                            }));
  size_t count = 0;
  const auto* answers =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (count != 1) return Internal(what + ": the answer is not about this topic");
  const auto error = rd_kafka_topic_result_error(answers[0]);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
    const char* reason = rd_kafka_topic_result_error_string(answers[0]);
    return StatusOf(error, what, reason == nullptr ? "" : reason);
  }
  {
    const std::lock_guard lock(made_mutex_);
    made_.insert_or_assign(topic.name, SystemClock().Now());
  }
  // As many as it has, if somebody else made it.
  return WaitUntilVisible(topic.name, error == RD_KAFKA_RESP_ERR_NO_ERROR ? topic.partitions : 1);
}

Status KafkaAdmin::WaitUntilVisible(const std::string& topic, int32_t partitions_min) {
  const SystemClock clock;
  const Instant deadline = clock.Now() + settings_.request_timeout;
  while (true) {
    const KafkaTopic handle(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    const auto leaders = LeadersOf(client_.get(), handle.get(), settings_.request_timeout);
    if (leaders.ok() && static_cast<int32_t>(leaders->size()) >= partitions_min) return Status::Ok();
    if (clock.Now() >= deadline) {
      return Unavailable(fmt::format("topic '{}' was created but its partitions are not served yet", topic));
    }
    std::this_thread::sleep_for(kRetryPause);
  }
}

Result<OffsetRange> KafkaAdmin::Offsets(const TopicPartition& partition) {
  WEIR_RETURN_IF_ERROR(CheckPartition(partition));
  OffsetRange range;
  const rd_kafka_resp_err_t error = WhileUnknown([&] {
    return rd_kafka_query_watermark_offsets(client_.get(), partition.topic.c_str(), partition.partition, &range.begin,
                                            &range.end, timeout_ms());
  });
  WEIR_RETURN_IF_ERROR(StatusOf(error, fmt::format("offsets of {}/{}", partition.topic, partition.partition)));
  return range;
}

Result<int64_t> KafkaAdmin::OffsetForTime(const TopicPartition& partition, int64_t millis) {
  WEIR_RETURN_IF_ERROR(CheckPartition(partition));
  const KafkaPartitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* asked =
      rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
  const rd_kafka_resp_err_t error = WhileUnknown([&] {
    asked->offset = millis;
    const auto failed = rd_kafka_offsets_for_times(client_.get(), list.get(), timeout_ms());
    return failed != RD_KAFKA_RESP_ERR_NO_ERROR ? failed : asked->err;
  });
  WEIR_RETURN_IF_ERROR(StatusOf(
      error, fmt::format("offset of {}/{} for time {}", partition.topic, partition.partition, millis)));
  if (asked->offset >= 0) return asked->offset;
  WEIR_ASSIGN_OR_RETURN(const OffsetRange range, Offsets(partition));
  return range.end;
}

Result<uint64_t> KafkaAdmin::RecordBytesMax(const std::string& topic) {
  WEIR_ASSIGN_OR_RETURN(const TopicInfo info, DescribeTopic(topic));
  const auto given = info.config.find("max.message.bytes");
  if (given == info.config.end()) return Internal(fmt::format("topic '{}' has no max.message.bytes", topic));
  WEIR_ASSIGN_OR_RETURN(const int64_t parsed, ParseInteger(given->second));
  const uint64_t bytes = static_cast<uint64_t>(std::max<int64_t>(parsed, 0));
  // The client does not split a batch that a topic refuses, so producers made from now on keep to the smallest limit.
  uint64_t known = batch_bytes_max_.load();
  while (bytes > 0 && bytes < kBatchBytesDefault && (known == 0 || bytes < known) &&
         !batch_bytes_max_.compare_exchange_weak(known, bytes)) {
  }
  return bytes > kFramingBytes ? bytes - kFramingBytes : 0;
}

}  // namespace weir
