#include "connectors/kafka/kafka_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "connectors/kafka/kafka_errors.h"

namespace weir {
namespace {

/// A cluster that cannot have its topic of offsets never answers: a job that ends waits for it once.
constexpr Duration kTimeoutMax = std::chrono::seconds(2);

}  // namespace

KafkaGroup::KafkaGroup(const KafkaSettings& settings, std::string group)
    : group_(std::move(group)), timeout_(std::min(settings.request_timeout, kTimeoutMax)), hooks_(settings, "group") {}

Result<std::unique_ptr<KafkaGroup>> KafkaGroup::Start(const KafkaSettings& settings, const std::string& group) {
  std::unique_ptr<KafkaGroup> made(new KafkaGroup(settings, group));
  KafkaSettings own = settings;
  own.client_settings["group.id"] = group;
  // There is no session. But a client that ends waits so long for a coordinator that it was to commit to (librdkafka 2.0.2).
  own.client_settings["session.timeout.ms"] = std::to_string(ToMillis(kTimeoutMax));
  WEIR_ASSIGN_OR_RETURN(KafkaConf conf, MakeConf(own, KafkaRole::kConsumer, &made->hooks_));
  WEIR_ASSIGN_OR_RETURN(made->client_, StartClient(KafkaRole::kConsumer, std::move(conf)));
  return made;
}

Status KafkaGroup::Commit(const GroupOffsets& offsets) {
  if (offsets.empty()) return {};
  const std::string what = fmt::format("offsets of consumer group '{}'", group_);
  const KafkaPartitions partitions(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, next] : offsets) {
    rd_kafka_topic_partition_list_add(partitions.get(), partition.topic.c_str(), partition.partition)->offset = next;
  }
  // An answer that comes too late is dropped with its queue.
  const KafkaQueue answers(rd_kafka_queue_new(client_.get()));
  const auto error = rd_kafka_commit_queue(client_.get(), partitions.get(), answers.get(), nullptr, nullptr);
  WEIR_RETURN_IF_ERROR(StatusOf(error, what));
  const KafkaEvent event(rd_kafka_queue_poll(answers.get(), ToMillis(timeout_)));
  if (event == nullptr) return StatusOf(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  const rd_kafka_topic_partition_list_t* answered = rd_kafka_event_topic_partition_list(event.get());
  for (int i = 0; answered != nullptr && i < answered->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = answered->elems[i];
    WEIR_RETURN_IF_ERROR(StatusOf(one.err, fmt::format("{}: {}/{}", what, one.topic, one.partition)));
  }
  return StatusOf(rd_kafka_event_error(event.get()), what);
}

}  // namespace weir
