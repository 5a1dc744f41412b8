#include "connectors/kafka/kafka_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "connectors/kafka/kafka_errors.h"
#include "runtime/base/crash_point.h"

namespace weir {
namespace {

CrashPoint batch_produced_point{"kafka.batch_produced"};
CrashPoint batch_acknowledged_point{"kafka.batch_acknowledged"};
CrashPoint marker_flushed_point{"kafka.marker_flushed"};
CrashPoint end_txn_written_point{"kafka.end_txn_written"};
CrashPoint end_txn_answered_point{"kafka.end_txn_answered"};

constexpr int16_t kProduceApi = 0;
constexpr int16_t kAddPartitionsApi = 24;
constexpr int16_t kEndTxnApi = 26;
/// One call of the client's; its array is reused from call to call.
constexpr size_t kBatchRecordsMax = 1024;
/// A response wakes writers just before the client frees what it acknowledged, so they also ask again after this.
constexpr Duration kFullRetry = std::chrono::milliseconds(5);

void* Bytes(std::string_view view) { return const_cast<char*>(view.data()); }

}  // namespace

KafkaProducer::KafkaProducer(const KafkaSettings& settings, const ProducerConfig& config)
    : transactional_id_(config.transactional_id),
      hooks_(settings, transactional_id_.empty() ? "producer" : "producer " + transactional_id_) {
  hooks_.on_delivery = [this](const rd_kafka_message_t& message) { OnDelivery(message); };
}

Result<std::unique_ptr<KafkaProducer>> KafkaProducer::Start(const KafkaSettings& settings,
                                                            const ProducerConfig& config, uint64_t batch_bytes_max) {
  std::unique_ptr<KafkaProducer> producer(new KafkaProducer(settings, config));
  WEIR_ASSIGN_OR_RETURN(KafkaConf conf, MakeConf(settings, KafkaRole::kProducer, &producer->hooks_, config,
                                                 batch_bytes_max));
  rd_kafka_conf_interceptor_add_on_new(conf.get(), "weir", OnNew, producer.get());
  WEIR_ASSIGN_OR_RETURN(producer->client_, StartClient(KafkaRole::kProducer, std::move(conf)));
  return producer;
}

KafkaProducer::~KafkaProducer() {
  if (client_ == nullptr) return;
  // Waits for the client's threads to have let go of all records: the answer to a request of a fenced producer, if it
  // comes while the client is being destroyed, makes 2.0.2 free its error message twice.
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  if (began_) AwaitRegistrations();
  topics_.clear();
  client_.reset();
}

void KafkaProducer::AwaitRegistrations() {
  // The client's own thread adds partitions to the transaction, and counts the request after it has handed it to a
  // broker's thread. Where the client is being destroyed, that one answers at once, finds the count at zero, and aborts
  // the process (2.0.2). Purged of its records the client has no more partitions to add than those it knows of, but it
  // adds some only once the request before was answered, and a millisecond later. So wait until a while passes without a
  // request; a turn of that thread is seen by a call that does nothing but be refused by it.
  constexpr int kTurnMillisMax = 100;
  constexpr Duration kPatience = std::chrono::seconds(1);
  constexpr Duration kWhile = std::chrono::milliseconds(3);
  const SystemClock clock;
  const Instant give_up = clock.Now() + kPatience;
  int sent = -1;
  while (clock.Now() < give_up && (adding_partitions_.load() || sent != partitions_sent_.load())) {
    sent = partitions_sent_.load();
    std::this_thread::sleep_for(kWhile);
    for (int turn = 0; turn < 2; ++turn) {
      if (rd_kafka_error_t* refused = rd_kafka_init_transactions(client_.get(), kTurnMillisMax); refused != nullptr) {
        rd_kafka_error_destroy(refused);
      }
    }
  }
}

rd_kafka_resp_err_t KafkaProducer::OnNew(rd_kafka_t* client, const rd_kafka_conf_t*, void* self, char*, size_t) {
  const auto error = rd_kafka_interceptor_add_on_request_sent(client, "weir", OnRequestSent, self);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  return rd_kafka_interceptor_add_on_response_received(client, "weir", OnResponse, self);
}

rd_kafka_resp_err_t KafkaProducer::OnRequestSent(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t,
                                                 int32_t, size_t, void* self) {
  auto* producer = static_cast<KafkaProducer*>(self);
  if (api_key == kAddPartitionsApi) {
    producer->adding_partitions_.store(true);
    producer->partitions_sent_.fetch_add(1);
  }
  if (api_key == kEndTxnApi) {
    producer->end_txn_sent_.fetch_add(1);
    end_txn_written_point.Hit();
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t KafkaProducer::OnResponse(rd_kafka_t*, int, const char*, int32_t, int16_t api_key, int16_t,
                                              int32_t, size_t, int64_t, rd_kafka_resp_err_t, void* self) {
  auto* producer = static_cast<KafkaProducer*>(self);
  if (api_key == kAddPartitionsApi) producer->adding_partitions_.store(false);
  if (api_key == kProduceApi) batch_acknowledged_point.Hit();
  // The client reports each response twice.
  if (api_key == kEndTxnApi && !producer->end_txn_answered_.exchange(true)) end_txn_answered_point.Hit();
  if (api_key == kProduceApi && producer->full_.exchange(false)) producer->WakeAll();
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void KafkaProducer::OnDelivery(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const std::lock_guard lock(mutex_);
  if (failure_.has_value()) return;
  const std::string target = fmt::format("delivery to {}/{}", rd_kafka_topic_name(message.rkt), message.partition);
  failure_ = StatusOf(message.err, target).message();
}

void KafkaProducer::WakeAll() {
  const std::lock_guard lock(mutex_);
  for (Waker* waker : wakers_) waker->Wake();
}

void KafkaProducer::AskForRoom() {
  full_.store(true);
  const Instant again = SystemClock().Now() + kFullRetry;
  const std::lock_guard lock(mutex_);
  for (Waker* waker : wakers_) waker->WakeAt(again);
}

TxnOutcome KafkaProducer::Failed(rd_kafka_resp_err_t error) const {
  return {TxnResultOf(error, CodeOf(error) == Code::kUnavailable), StatusOf(error, "producer").message()};
}

TxnOutcome KafkaProducer::Init(Duration timeout) {
  const Instant deadline = SystemClock().Now() + timeout;
  if (!connected_) {
    // Without it the first transactional request waits for a fixed second inside the client.
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto error = rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, ToMillis(timeout));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Failed(error);
    rd_kafka_metadata_destroy(metadata);
    connected_ = true;
  }
  if (!transactional()) return {};
  const Duration left = deadline - SystemClock().Now();
  return TxnOutcomeOf(client_.get(), rd_kafka_init_transactions(client_.get(), ToMillis(left)));
}

TxnOutcome KafkaProducer::Begin() {
  TxnOutcome outcome;
  if (transactional()) outcome = TxnOutcomeOf(client_.get(), rd_kafka_begin_transaction(client_.get()));
  if (!outcome.ok()) return outcome;
  began_ = transactional();
  end_txn_sent_.store(0);
  end_txn_answered_.store(false);
  const std::lock_guard lock(mutex_);
  failure_.reset();
  return outcome;
}

Result<rd_kafka_topic_t*> KafkaProducer::TopicHandle(const std::string& topic) {
  const std::lock_guard lock(mutex_);
  KafkaTopic& handle = topics_[topic];
  if (handle == nullptr) handle.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  if (handle == nullptr) return StatusOf(rd_kafka_last_error(), fmt::format("topic '{}'", topic));
  return handle.get();
}

Result<size_t> KafkaProducer::Produce(const std::string& topic, std::span<const OutgoingRecord> records) {
  WEIR_ASSIGN_OR_RETURN(rd_kafka_topic_t * handle, TopicHandle(topic));
  const bool timed = std::ranges::any_of(
      records, [](const OutgoingRecord& record) { return record.timestamp_ms != kNoTimestamp; });
  size_t taken = 0;
  while (taken < records.size()) {
    const auto chunk = records.subspan(taken, std::min(kBatchRecordsMax, records.size() - taken));
    WEIR_ASSIGN_OR_RETURN(const size_t now, timed ? ProduceEach(handle, chunk) : ProduceBatch(handle, chunk));
    taken += now;
    if (now < chunk.size()) break;
  }
  batch_produced_point.Hit();
  rd_kafka_poll(client_.get(), 0);
  if (taken < records.size()) AskForRoom();
  return taken;
}

Result<size_t> KafkaProducer::ProduceBatch(rd_kafka_topic_t* topic, std::span<const OutgoingRecord> records) {
  static thread_local std::vector<rd_kafka_message_t> messages;
  messages.assign(records.size(), rd_kafka_message_t{});
  for (size_t i = 0; i < records.size(); ++i) {
    messages[i].partition = records[i].partition < 0 ? RD_KAFKA_PARTITION_UA : records[i].partition;
    messages[i].payload = Bytes(records[i].value);
    messages[i].len = records[i].value.size();
    messages[i].key = Bytes(records[i].key);
    messages[i].key_len = records[i].key.size();
  }
  rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_PARTITION | RD_KAFKA_MSG_F_COPY, messages.data(),
                         static_cast<int>(messages.size()));
  size_t taken = 0;
  // A full queue refuses all that follows too, so what was taken is a prefix; any other refusal ends the epoch.
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].err == RD_KAFKA_RESP_ERR__QUEUE_FULL) continue;
    if (messages[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return Refused(topic, records[i], messages[i].err);
    WEIR_CHECK(taken == i, "librdkafka took a record behind one that it had no room for");
    ++taken;
  }
  return taken;
}

Result<size_t> KafkaProducer::ProduceEach(rd_kafka_topic_t* topic, std::span<const OutgoingRecord> records) {
  size_t taken = 0;
  for (const OutgoingRecord& record : records) {
    const int64_t timestamp = record.timestamp_ms == kNoTimestamp ? 0 : record.timestamp_ms;   // Zero: now.
    const int32_t partition = record.partition < 0 ? RD_KAFKA_PARTITION_UA : record.partition;
    const rd_kafka_resp_err_t error = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(Bytes(record.value), record.value.size()),
        RD_KAFKA_V_KEY(record.key.data(), record.key.size()), RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Refused(topic, record, error);
    ++taken;
  }
  return taken;
}

Status KafkaProducer::Refused(rd_kafka_topic_t* topic, const OutgoingRecord& record, rd_kafka_resp_err_t error) const {
  const std::string what = fmt::format("a record of {} + {} bytes for {}/{}", record.key.size(), record.value.size(),
                                       rd_kafka_topic_name(topic), record.partition);
  if (error == RD_KAFKA_RESP_ERR__STATE && began_) {
    // The client takes nothing more once the transaction has failed, and may say so before it reports why.
    const std::optional<std::string> reason = failure();
    return Aborted(what + " was not taken: the transaction has failed" + (reason.has_value() ? ": " + *reason : "") +
                   "; restart from the last checkpoint");
  }
  if (error != RD_KAFKA_RESP_ERR__FATAL) return StatusOf(error, what);
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
  return StatusOf(fatal, what, reason.data());
}

rd_kafka_resp_err_t KafkaProducer::FlushInTurns(Duration timeout) {
  // Where deliveries are not reported, nothing tells the client's flush that the last one is done: it looks every 10 ms,
  // and when its time is over. A small epoch is done after one or two.
  constexpr Duration kShortTurn = std::chrono::milliseconds(1);
  constexpr Duration kLongTurn = std::chrono::milliseconds(10);
  constexpr Duration kSmallEpoch = std::chrono::milliseconds(20);
  const SystemClock clock;
  const Instant began = clock.Now();
  while (true) {
    const Duration past = clock.Now() - began;
    const Duration turn = past < kSmallEpoch ? kShortTurn : kLongTurn;
    const auto error = rd_kafka_flush(client_.get(), ToMillis(std::min(turn, timeout - past)));
    if (error != RD_KAFKA_RESP_ERR__TIMED_OUT || clock.Now() - began >= timeout) return error;
  }
}

TxnOutcome KafkaProducer::Flush(Duration timeout) {
  const rd_kafka_resp_err_t error = FlushInTurns(timeout);
  if (std::optional<std::string> failed = failure(); failed.has_value()) {
    const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client_.get(), nullptr, 0);
    return {CodeOf(fatal) == Code::kFenced ? TxnResult::kFenced : TxnResult::kFailed, std::move(*failed)};
  }
  if (error == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    return {TxnResult::kRetriable, fmt::format("{} records are not acknowledged yet", outstanding())};
  }
  return error == RD_KAFKA_RESP_ERR_NO_ERROR ? TxnOutcome{} : Failed(error);
}

TxnOutcome KafkaProducer::CommitSlice(Duration timeout) {
  if (!transactional()) return Flush(timeout);
  const SystemClock clock;
  const Instant deadline = clock.Now() + timeout;
  // The commit would flush the marker itself, and be slower about it. It also tells what went wrong with it.
  if (FlushInTurns(timeout) == RD_KAFKA_RESP_ERR_NO_ERROR) marker_flushed_point.Hit();
  return TxnOutcomeOf(client_.get(), rd_kafka_commit_transaction(client_.get(), ToMillis(deadline - clock.Now())));
}

TxnOutcome KafkaProducer::Abort(Duration timeout) {
  if (!transactional()) return {TxnResult::kFailed, "a producer without a transactional id has nothing to abort"};
  return TxnOutcomeOf(client_.get(), rd_kafka_abort_transaction(client_.get(), ToMillis(timeout)));
}

int64_t KafkaProducer::outstanding() const {
  // Serves what waits to be reported, else a failed record would stay outstanding for ever.
  rd_kafka_poll(client_.get(), 0);
  return rd_kafka_outq_len(client_.get());
}

std::optional<std::string> KafkaProducer::failure() const {
  rd_kafka_poll(client_.get(), 0);
  {
    const std::lock_guard lock(mutex_);
    if (failure_.has_value()) return failure_;
  }
  std::array<char, 512> reason{};
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return StatusOf(fatal, "producer", reason.data()).message();
}

void KafkaProducer::AddWaker(Waker* waker) {
  const std::lock_guard lock(mutex_);
  wakers_.push_back(waker);
}

}  // namespace weir
