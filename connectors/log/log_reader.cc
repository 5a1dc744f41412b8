#include "connectors/log/log_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <functional>

#include "runtime/base/hash.h"
#include "runtime/base/mutant.h"

namespace weir {
namespace {

/// Enough of a record's bytes to tell it from another one at the same offset and timestamp.
constexpr size_t kHashedBytesMax = 64;

}  // namespace

SplitId SplitName(const TopicPartition& partition) {
  return SplitId{partition.topic + "/" + std::to_string(partition.partition)};
}

TopicPartition ParseSplit(const SplitId& split) {
  const std::string name = split.value();
  const size_t slash = name.rfind('/');
  TopicPartition partition{name.substr(0, slash), 0};
  WEIR_CHECK(slash != std::string::npos, "a split of a topic is called topic/partition: " + name);
  std::from_chars(name.data() + slash + 1, name.data() + name.size(), partition.partition);
  return partition;
}

std::string LogReader::Seen::ToString() const { return fmt::format("{}:{}:{:016x}", offset, timestamp_ms, hash); }

std::optional<LogReader::Seen> LogReader::Seen::Parse(const std::string& text) {
  Seen seen;
  long long offset = 0;
  long long timestamp = 0;
  unsigned long long hash = 0;
  if (std::sscanf(text.c_str(), "%lld:%lld:%llx", &offset, &timestamp, &hash) != 3) return std::nullopt;
  seen.offset = offset;
  seen.timestamp_ms = timestamp;
  seen.hash = hash;
  return seen;
}

/// Of the last record of a poll, whose bytes are gone when it returns: copying a few of each costs a fraction of hashing them.
class LogReader::LastRecord {
 public:
  void Set(const RawRecord& record) {
    offset_ = record.offset.value();
    timestamp_ms_ = record.timestamp_ms;
    size_ = record.value.size();
    if (size_ >= kHashedBytesMax) [[likely]] std::memcpy(bytes_, record.value.data(), kHashedBytesMax);
    else if (size_ > 0) std::memcpy(bytes_, record.value.data(), size_);
  }
  Seen Get() const { return {offset_, timestamp_ms_, Hash({bytes_, std::min(size_, kHashedBytesMax)}, size_)}; }
  static uint64_t Hash(std::string_view first_bytes, size_t size) { return HashBytes(first_bytes) ^ size; }

 private:
  int64_t offset_ = 0;
  int64_t timestamp_ms_ = 0;
  size_t size_ = 0;
  char bytes_[kHashedBytesMax];
};

uint64_t LogReader::HashOf(const RawRecord& record) {
  return LastRecord::Hash(record.value.substr(0, kHashedBytesMax), record.value.size());
}

Status LogReader::Add(const SplitAssignment& assignment) {
  Split split{assignment.split, assignment.start.next.value(), std::nullopt, {}, std::nullopt};
  if (assignment.end.has_value()) split.end = assignment.end->value();
  int64_t from = split.next;
  if (!assignment.start.fingerprint.empty()) {
    split.expected = Seen::Parse(assignment.start.fingerprint);
    if (!split.expected.has_value() || split.expected->offset >= split.next) {
      return Corruption(assignment.split.value() + ": fingerprint '" + assignment.start.fingerprint +
                        "' of the checkpoint is not offset:timestamp:hash of a record before its position");
    }
    split.last = *split.expected;
    WEIR_ASSIGN_OR_RETURN(const OffsetRange range, log_.Offsets(ParseSplit(assignment.split)));
    if (split.expected->offset >= range.begin) {
      from = split.expected->offset;
    } else {
      // Of what is still to be read nothing is gone: CheckResume has seen to that.
      SayGone(split, split.expected->offset, "retention took it");
      split.expected.reset();
    }
  }
  splits_.push_back(std::move(split));
  const Status assigned = consumer_->Assign(ParseSplit(assignment.split), from);
  if (assigned.code() != Code::kNotFound) return assigned;
  // It was listed a moment ago: a job that runs well must not end because brokers hear of it one after the other.
  return Unavailable(assigned.message() + "; it was listed, so not every broker knows it yet");
}

void LogReader::SayGone(const Split& split, int64_t offset, std::string_view why) const {
  logger_.Info("record_gone", fmt::format("{}: the record at offset {} that was read last is gone ({}), so it cannot be "
                                          "seen whether the topic is still the same; going on at {}",
                                          split.id.value(), offset, why, split.next));
}

Status LogReader::Recognise(Split& split, const RawRecord& record) {
  const Seen expected = *std::exchange(split.expected, std::nullopt);
  constexpr std::string_view kWayOut =
      "the topic was recreated. Point the job at the topic it read, or start again with --restore none";
  if (record.offset.value() != expected.offset) {
    if (compacted_) {
      SayGone(split, expected.offset, "compaction");
      return {};
    }
    return Corruption(fmt::format("{}: there is no record at offset {}, where one was read before, the next is at {}: {}",
                                  split.id.value(), expected.offset, record.offset.value(), kWayOut));
  }
  if (record.timestamp_ms == expected.timestamp_ms && HashOf(record) == expected.hash) return {};
  return Corruption(fmt::format("{}: the record at offset {} is not the one that was read before (timestamp {} now, {} "
                                "then; first bytes hash to {:016x} now, {:016x} then): {}",
                                split.id.value(), expected.offset, record.timestamp_ms, expected.timestamp_ms,
                                HashOf(record), expected.hash, kWayOut));
}

Result<ReadResult> LogReader::Read(size_t index, size_t rows_max, const RawVisitor& visit) {
  Split& split = splits_[index];
  if (split.end.has_value() && split.next >= *split.end) return ReadResult{0, SplitState::kEnded};
  Status refused;
  size_t rows = 0;
  LastRecord last;
  const auto take = [&](const RawRecord& record) {
    if (!refused.ok()) return;
    if (split.expected.has_value()) refused = Recognise(split, record);
    const int64_t offset = record.offset.value();
    // Before the position: read again only to be recognised. Past the planned end: another run's business.
    if (!refused.ok() || (offset < split.next && !Planted(Mutant::kReadsTheLastTwice)) ||
        (split.end.has_value() && offset >= *split.end)) return;
    visit(record);
    ++rows;
    split.next = offset + 1;
    last.Set(record);
  };
  WEIR_ASSIGN_OR_RETURN(const PollResult polled, consumer_->Poll(index, rows_max, std::cref(take)));
  WEIR_RETURN_IF_ERROR(refused);
  if (rows > 0) split.last = last.Get();
  // Control and aborted records behind the last one: known only where the client saw the end.
  if (polled.at_end) split.next = std::max(split.next, polled.next_offset);
  if (split.end.has_value()) {
    split.next = std::min(split.next, *split.end);
    if (polled.next_offset >= *split.end) split.next = *split.end;
    if (split.next >= *split.end) return ReadResult{rows, SplitState::kEnded};
  }
  return ReadResult{rows, polled.records > 0 ? SplitState::kMore : SplitState::kWaiting};
}

Position LogReader::PositionOf(size_t index) const {
  const Split& split = splits_[index];
  Position position;
  position.next = Offset{split.next};
  if (split.last.offset >= 0) position.fingerprint = split.last.ToString();
  return position;
}

int64_t LogReader::LagOf(size_t index) const {
  const int64_t end = consumer_->KnownEnd(index);
  return end < 0 ? -1 : std::max<int64_t>(0, end - splits_[index].next);
}

}  // namespace weir
