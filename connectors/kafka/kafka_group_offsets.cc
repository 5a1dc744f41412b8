// Offsets of consumer groups without members, by administrative requests: no consumer joins anything.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/kafka/kafka_admin.h"
#include "connectors/kafka/kafka_errors.h"

namespace weir {
namespace {

using AlterHandle = std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t,
                                    KafkaDeleter<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using ListHandle =
    std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t, KafkaDeleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;

/// A cluster that cannot have its topic of offsets never answers: a job that ends waits for it once.
constexpr Duration kTimeoutMax = std::chrono::seconds(2);

/// The partitions of the one group that was asked for; the first error among them is the answer's.
Result<const rd_kafka_topic_partition_list_t*> AnswerOf(const rd_kafka_group_result_t* const* groups, size_t count,
                                                        const std::string& what) {
  if (count != 1) return Internal(what + ": the answer is not about this group");
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]); error != nullptr) {
    return StatusOf(rd_kafka_error_code(error), what, rd_kafka_error_string(error));
  }
  const rd_kafka_topic_partition_list_t* partitions = rd_kafka_group_result_partitions(groups[0]);
  if (partitions == nullptr) return Internal(what + ": the answer names no partitions");
  for (int i = 0; i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = partitions->elems[i];
    WEIR_RETURN_IF_ERROR(StatusOf(one.err, fmt::format("{}: {}/{}", what, one.topic, one.partition)));
  }
  return partitions;
}

}  // namespace

Status KafkaAdmin::CommitGroupOffsets(const std::string& group, const GroupOffsets& offsets) {
  if (offsets.empty()) return {};
  const std::string what = fmt::format("offsets of consumer group '{}'", group);
  const KafkaPartitions partitions(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, next] : offsets) {
    rd_kafka_topic_partition_list_add(partitions.get(), partition.topic.c_str(), partition.partition)->offset = next;
  }
  const AlterHandle handle(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), partitions.get()));
  rd_kafka_AlterConsumerGroupOffsets_t* handles[] = {handle.get()};
  WEIR_ASSIGN_OR_RETURN(const KafkaEvent event,
                        Ask(RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, what,
                            std::min(settings_.request_timeout, kTimeoutMax),
                            [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                              rd_kafka_AlterConsumerGroupOffsets(client_.get(), handles, 1, options, queue);
                            }));
  size_t count = 0;
  const auto* groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  return AnswerOf(groups, count, what).status();
}

Result<GroupOffsets> KafkaAdmin::CommittedGroupOffsets(const std::string& group) {
  const std::string what = fmt::format("offsets of consumer group '{}'", group);
  const ListHandle handle(rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), nullptr));
  rd_kafka_ListConsumerGroupOffsets_t* handles[] = {handle.get()};
  WEIR_ASSIGN_OR_RETURN(const KafkaEvent event,
                        Ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, what,
                            std::min(settings_.request_timeout, kTimeoutMax),
                            [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                              rd_kafka_ListConsumerGroupOffsets(client_.get(), handles, 1, options, queue);
                            }));
  size_t count = 0;
  const auto* groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event.get()), &count);
  WEIR_ASSIGN_OR_RETURN(const rd_kafka_topic_partition_list_t* partitions, AnswerOf(groups, count, what));
  GroupOffsets offsets;
  for (int i = 0; i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = partitions->elems[i];
    if (one.offset >= 0) offsets[{one.topic, one.partition}] = one.offset;
  }
  return offsets;
}

}  // namespace weir
