#include "connectors/log/log_sink.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "connectors/log/missing_topic.h"
#include "runtime/base/mutant.h"
#include "runtime/io/transaction_gate.h"

namespace weir {
namespace {

/// Records whose epoch is not open yet, in order. The bytes live in chunks that are freed as they are written out.
class HeldRecords {
 public:
  bool empty() const { return chunks_.empty(); }
  uint64_t bytes() const { return bytes_; }

  void Add(const OutgoingRecord& record) {
    const size_t size = record.key.size() + record.value.size();
    if (chunks_.empty() || chunks_.back().bytes.size() + size > chunks_.back().bytes.capacity()) {
      chunks_.emplace_back().bytes.reserve(std::max(size, kChunkBytes));
    }
    Chunk& chunk = chunks_.back();
    chunk.rows.push_back({chunk.bytes.size(), record.key.size(), record.value.size(), record.timestamp_ms,
                          record.partition, record.key.data() != nullptr, record.value.data() != nullptr});
    chunk.bytes.append(record.key).append(record.value);
    bytes_ += size;
  }

  /// Writes out as much as the producer takes. True when nothing is left.
  Result<bool> WriteTo(LogProducer& producer, const std::string& topic) {
    while (!chunks_.empty()) {
      Chunk& chunk = chunks_.front();
      outgoing_.clear();
      for (size_t i = chunk.next; i < chunk.rows.size(); ++i) outgoing_.push_back(chunk.At(i));
      WEIR_ASSIGN_OR_RETURN(const size_t taken, producer.Produce(topic, outgoing_));
      chunk.next += taken;
      if (chunk.next < chunk.rows.size()) return false;
      bytes_ -= chunk.bytes.size();
      chunks_.pop_front();
    }
    return true;
  }

 private:
  static constexpr size_t kChunkBytes = 256 * 1024;
  struct Row {
    size_t begin;
    size_t key_bytes;
    size_t value_bytes;
    int64_t timestamp_ms;
    int32_t partition;
    bool has_key;
    bool has_value;
  };
  struct Chunk {
    std::string bytes;
    std::vector<Row> rows;
    size_t next = 0;
    OutgoingRecord At(size_t i) const {
      const Row& row = rows[i];
      const char* begin = bytes.data() + row.begin;
      return {row.has_key ? std::string_view(begin, row.key_bytes) : std::string_view(),
              row.has_value ? std::string_view(begin + row.key_bytes, row.value_bytes) : std::string_view(),
              row.timestamp_ms, row.partition};
    }
  };
  std::deque<Chunk> chunks_;
  uint64_t bytes_ = 0;
  std::vector<OutgoingRecord> outgoing_;
};

class LogSinkWriter final : public SinkWriter {
 public:
  LogSinkWriter(std::string topic, const SinkContext& context, const Clock& clock, uint64_t hold_bytes_max,
                uint64_t record_bytes_max)
      : topic_(std::move(topic)), gate_(*context.gate), clock_(clock), hold_bytes_max_(hold_bytes_max),
        record_bytes_max_(record_bytes_max) {}

  Result<size_t> Write(CheckpointId epoch, std::span<const OutgoingRecord> records) override {
    if (records.empty() && held_.empty()) return size_t{0};
    size_t taken = 0;
    const std::shared_ptr<LogProducer> producer = gate_.ProducerFor(epoch);
    if (producer != nullptr) {
      EndStall();
      WEIR_ASSIGN_OR_RETURN(const bool released, held_.WriteTo(*producer, topic_));
      if (!released) return size_t{0};
      WEIR_ASSIGN_OR_RETURN(taken, producer->Produce(topic_, records));
    } else {
      while (taken < records.size() && held_.bytes() + sealed_held_.bytes() < hold_bytes_max_) held_.Add(records[taken++]);
      if (taken < records.size() && !stalled_since_.has_value()) stalled_since_ = clock_.Now();
    }
    written_ += taken;
    return taken;
  }

  Status Seal(CheckpointId epoch) override {
    // What is held from here on belongs to the next epoch: the task goes on before this one is committed.
    WEIR_CHECK(sealed_held_.empty(), "the epoch before " + std::to_string(epoch.value()) + " has left the sink");
    sealed_held_ = std::exchange(held_, {});
    if (Planted(Mutant::kHeldRowsDropped)) sealed_held_ = {};
    sealed_records_ = std::exchange(written_, 0);
    return {};
  }

  Result<bool> TakeSealed(CheckpointId epoch, SealedEpoch* out) override {
    if (!sealed_held_.empty()) {
      const std::shared_ptr<LogProducer> producer = gate_.ProducerFor(epoch);
      if (producer == nullptr) return false;
      EndStall();
      WEIR_ASSIGN_OR_RETURN(const bool released, sealed_held_.WriteTo(*producer, topic_));
      if (!released) return false;
    }
    out->records = sealed_records_;
    return true;
  }

  uint64_t record_bytes_max() const override { return record_bytes_max_; }

 private:
  void EndStall() {
    if (!stalled_since_.has_value()) return;
    gate_.AddStall(clock_.Now() - *stalled_since_);
    stalled_since_.reset();
  }

  const std::string topic_;
  TransactionGate& gate_;
  const Clock& clock_;
  const uint64_t hold_bytes_max_;
  const uint64_t record_bytes_max_;
  HeldRecords held_;          ///< Of the epoch that is written.
  HeldRecords sealed_held_;   ///< Of the sealed one, if it could not open before.
  std::optional<Instant> stalled_since_;
  uint64_t written_ = 0;
  uint64_t sealed_records_ = 0;
};

}  // namespace

Status LogSink::Prepare() {
  Result<TopicInfo> info = log_.DescribeTopic(options_.topic);
  if (info.status().code() == Code::kNotFound) {
    if (options_.create_partitions == 0) {
      const Status missing = MissingTopic(log_, options_.topic);
      if (missing.code() != Code::kNotFound) return missing;
      return NotFound(missing.message() + ", or have the job create it: create_partitions of the sink");
    }
    WEIR_RETURN_IF_ERROR(log_.CreateTopic({options_.topic, options_.create_partitions, -1, {}}));
  } else if (!info.ok()) {
    return info.status();
  }
  WEIR_ASSIGN_OR_RETURN(record_bytes_max_, log_.RecordBytesMax(options_.topic));
  return {};
}

Result<std::unique_ptr<SinkWriter>> LogSink::NewWriter(const SinkContext& context, SerialQueue&, Waker& waker) {
  WEIR_CHECK(context.gate != nullptr, "a transactional sink runs under a gate");
  SinkContext own = context;
  if (Planted(Mutant::kLedgerOutsideOfTheEpoch) && options_.topic.starts_with("weir.poison.")) {
    own.gate = new TransactionGate;
    WEIR_ASSIGN_OR_RETURN(std::shared_ptr<LogProducer> plain, log_.NewProducer({}));
    own.gate->Open(CheckpointId{0}, std::move(plain));
  }
  own.gate->AddWaker(&waker);
  return std::unique_ptr<SinkWriter>(std::make_unique<LogSinkWriter>(
      options_.topic, own, clock_, options_.hold_bytes_max / context.parallelism, record_bytes_max_));
}

}  // namespace weir
