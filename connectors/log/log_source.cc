#include "connectors/log/log_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "connectors/log/log_reader.h"
#include "connectors/log/missing_topic.h"

namespace weir {

Status LogSource::Open() {
  WEIR_ASSIGN_OR_RETURN(cluster_, log_.ClusterId());
  const Result<TopicInfo> info = log_.DescribeTopic(topic_);
  if (info.status().code() == Code::kNotFound) return MissingTopic(log_, topic_);
  if (!info.ok()) return info.status();
  const auto policy = info->config.find("cleanup.policy");
  compacted_ = policy != info->config.end() && policy->second.find("compact") != std::string::npos;
  return {};
}

Result<int64_t> LogSource::StartOf(const TopicPartition& partition, const OffsetRange& range, StartPoint from) {
  switch (from.kind) {
    case StartPoint::Kind::kEarliest: return range.begin;
    case StartPoint::Kind::kLatest: return range.end;
    case StartPoint::Kind::kTimestamp: return log_.OffsetForTime(partition, from.value);
    case StartPoint::Kind::kOffset:
      if (from.value >= range.begin && from.value <= range.end) return from.value;
      return InvalidArgument(fmt::format("{}/{}: start offset {} is not in the log, which holds {} to {}", topic_,
                                         partition.partition, from.value, range.begin, range.end));
  }
  return Internal("unknown start point");
}

Result<std::optional<Offset>> LogSource::EndOf(const TopicPartition& partition, const OffsetRange& range,
                                               EndPoint to) {
  switch (to.kind) {
    case EndPoint::Kind::kNever: return std::optional<Offset>();
    case EndPoint::Kind::kNow: return std::optional(Offset{range.end});
    case EndPoint::Kind::kTimestamp: {
      WEIR_ASSIGN_OR_RETURN(const int64_t offset, log_.OffsetForTime(partition, to.value));
      return std::optional(Offset{offset});
    }
    case EndPoint::Kind::kOffset: return std::optional(Offset{std::clamp(to.value, range.begin, range.end)});
  }
  return Internal("unknown end point");
}

Result<std::vector<SplitAssignment>> LogSource::ListSplits(StartPoint from, EndPoint to) {
  const Result<TopicInfo> info = log_.DescribeTopic(topic_);
  if (info.status().code() == Code::kNotFound) return MissingTopic(log_, topic_);
  if (!info.ok()) return info.status();
  std::vector<SplitAssignment> splits;
  for (int32_t i = 0; i < info->partitions; ++i) {
    const TopicPartition partition{topic_, i};
    WEIR_ASSIGN_OR_RETURN(const OffsetRange range, log_.Offsets(partition));
    SplitAssignment split;
    split.split = SplitName(partition);
    WEIR_ASSIGN_OR_RETURN(const int64_t start, StartOf(partition, range, from));
    split.start.next = Offset{start};
    WEIR_ASSIGN_OR_RETURN(split.end, EndOf(partition, range, to));
    splits.push_back(std::move(split));
  }
  return splits;
}

uint32_t LogSource::Placement(const SplitId& split) const {
  return static_cast<uint32_t>(ParseSplit(split).partition);
}

Status LogSource::CheckResume(const SplitId& split, const Position& position) {
  const TopicPartition partition = ParseSplit(split);
  WEIR_ASSIGN_OR_RETURN(const OffsetRange range, log_.Offsets(partition));
  const int64_t next = position.next.value();
  if (next < range.begin) {
    return InvalidArgument(fmt::format(
        "{}: the checkpoint goes on at offset {}, but the log starts at {}: {} records were removed before they were "
        "read. Keep records longer (retention.ms), or start again with --restore none, which leaves them out",
        split.value(), next, range.begin, range.begin - next));
  }
  if (next > range.end) {
    return InvalidArgument(fmt::format(
        "{}: the checkpoint goes on at offset {}, but the log ends at {}: the topic was recreated or the cluster is "
        "another one. Point the job at the topic it read, or start again with --restore none",
        split.value(), next, range.end));
  }
  return {};
}

Status LogSource::ShowProgress(const std::string& reader, std::span<const SplitPosition> positions) {
  GroupOffsets offsets;
  for (const SplitPosition& at : positions) offsets[ParseSplit(at.split)] = at.position.next.value();
  return log_.CommitGroupOffsets(reader, offsets);
}

Result<std::unique_ptr<RecordReader>> LogSource::NewReader(Waker& waker) {
  WEIR_ASSIGN_OR_RETURN(std::unique_ptr<LogConsumer> consumer, log_.NewConsumer(prefetch_));
  consumer->SetWaker(&waker);
  return std::unique_ptr<RecordReader>(std::make_unique<LogReader>(std::move(consumer), log_, compacted_, logger_));
}

}  // namespace weir
