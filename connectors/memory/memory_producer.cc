#include <fmt/format.h>

#include <utility>

#include "connectors/memory/memory_client.h"

namespace weir {
namespace {

using Kind = MemoryFault::Kind;

constexpr const char* kBroken = "the producer has failed for good";

TxnOutcome Retriable(std::string why) { return {TxnResult::kRetriable, std::move(why)}; }
TxnOutcome Failed(std::string why) { return {TxnResult::kFailed, std::move(why)}; }
TxnOutcome Dead() { return Failed("this client of the memory broker was killed"); }
TxnOutcome Newer() { return {TxnResult::kFenced, "a newer producer of this id exists, or the transaction timed out"}; }

/// What the client sees of a request without an answer.
TxnOutcome Unanswered(const MemoryFault& fault) {
  if (fault.answer == TxnResult::kOk) return {};
  return {fault.answer, "the memory broker did not answer"};
}

}  // namespace

MemoryProducer::MemoryProducer(std::shared_ptr<MemoryCluster> cluster, std::shared_ptr<bool> alive,
                               ProducerConfig config)
    : cluster_(std::move(cluster)), alive_(std::move(alive)), config_(std::move(config)) {}

TxnOutcome MemoryProducer::Init(Duration) {
  const auto lock = cluster_->Lock();
  const MemoryAdmission admission = cluster_->Admit(alive_, MemoryCall::kInit, config_.transactional_id);
  if (admission.killed) return Dead();
  if (state_ != State::kNew) return Failed("Init was called on a producer that had been initialised");
  if (!admission.reached) return Retriable("the memory broker is down");
  if (admission.fault.kind == Kind::kLost) return Unanswered(admission.fault);
  if (transactional()) {
    const ProducerGrant grant =
        cluster_->transactions().Init(config_.transactional_id, config_.transaction_timeout);
    cluster_->WakeReaders();
    if (admission.fault.kind == Kind::kAnswerLost) return Unanswered(admission.fault);
    grant_ = grant;
  }
  state_ = State::kReady;
  return {};
}

TxnOutcome MemoryProducer::Begin() {
  const auto lock = cluster_->Lock();
  if (!*alive_) return Dead();
  if (state_ == State::kFenced) return Newer();
  if (Breaks()) return Failed(kBroken);
  if (state_ != State::kReady) return Failed("Begin needs an initialised producer without an open transaction");
  if (transactional()) state_ = State::kInTransaction;
  failure_.reset();
  wrote_ = false;
  slices_.reset();
  end_txn_sent_ = 0;
  return {};
}

bool MemoryProducer::Breaks() {
  const MemoryAdmission admission = cluster_->Admit(alive_, MemoryCall::kClient, config_.transactional_id);
  if (admission.fault.kind == Kind::kRefused) state_ = State::kBroken;
  return state_ == State::kBroken;
}

Status MemoryProducer::CheckMayProduce() const {
  if (!*alive_) return Unavailable("this client of the memory broker was killed");
  if (state_ == State::kFenced) return Fenced(fmt::format("producer '{}' was fenced", config_.transactional_id));
  if (state_ == State::kBroken) return Aborted(fmt::format("producer '{}' failed", config_.transactional_id));
  if (transactional() && failure_.has_value()) {
    return Aborted(fmt::format("the transaction of producer '{}' has failed: {}", config_.transactional_id, *failure_));
  }
  if (transactional() && state_ != State::kInTransaction) {
    return InvalidArgument(fmt::format("producer '{}' has no open transaction: call Begin", config_.transactional_id));
  }
  return Status::Ok();
}

Result<size_t> MemoryProducer::Produce(const std::string& topic, std::span<const OutgoingRecord> records) {
  const auto lock = cluster_->Lock();
  WEIR_RETURN_IF_ERROR(CheckMayProduce());
  if (Breaks()) return Aborted(kBroken);
  const MemoryTopic* found = cluster_->FindTopic(topic);
  const int64_t now_ms = cluster_->WallMillis();
  size_t taken = 0;
  while (taken < records.size() && queue_.size() < cluster_->options().producer_queue_records_max) {
    const OutgoingRecord& record = records[taken++];
    const int32_t partition = found == nullptr ? -1 : cluster_->ChoosePartition(*found, record);
    queue_.push_back({topic, partition, ToMemoryRecord(record, now_ms)});
  }
  full_ = taken < records.size();
  Deliver();
  return taken;
}

void MemoryProducer::Deliver() {
  if (queue_.empty()) return;
  const MemoryAdmission admission = cluster_->Admit(alive_, MemoryCall::kProduce, config_.transactional_id);
  if (admission.killed) return;
  if (!admission.reached || admission.fault.kind == Kind::kLost) return WakeWriters();
  if (admission.fault.kind == Kind::kRefused) return Fail("the memory broker refused the records");
  TopicPartition added;
  for (Queued& queued : queue_) {
    if (!Append(queued, &added)) {
      state_ = State::kFenced;
      Fail("fenced: a newer producer of this id exists, or the transaction timed out");
      return;
    }
  }
  if (transactional()) cluster_->CountProduce(config_.transactional_id, grant_);
  cluster_->WakeReaders();
  if (admission.fault.kind != Kind::kAnswerLost) queue_.clear();
  WakeWriters();
}

bool MemoryProducer::Append(Queued& queued, TopicPartition* added) {
  if (queued.appended) return true;
  const TopicPartition target{queued.topic, queued.partition};
  Result<MemoryPartition*> log = cluster_->Partition(target);
  const size_t bytes = (queued.record.key ? queued.record.key->size() : 0) +
                       (queued.record.value ? queued.record.value->size() : 0);
  if (!log.ok()) {
    if (!failure_.has_value()) failure_ = log.status().message();
  } else if (const uint64_t bytes_max = cluster_->FindTopic(queued.topic)->record_bytes_max; bytes > bytes_max) {
    if (!failure_.has_value()) {
      failure_ = fmt::format("delivery to {}/{} failed: {} bytes are more than the {} that the topic takes",
                             queued.topic, queued.partition, bytes, bytes_max);
    }
  } else {
    if (transactional() && *added != target) {
      if (cluster_->transactions().AddPartition(config_.transactional_id, grant_, target, cluster_->Now()) !=
          TxnVerdict::kOk) {
        return false;
      }
      *added = target;
      wrote_ = true;
    }
    (*log)->Append(std::move(queued.record), transactional() ? grant_.producer_id : MemoryPartition::kNoProducer);
  }
  queued.appended = true;
  return true;
}

void MemoryProducer::Fail(std::string why) {
  const Queued& first = queue_.front();
  if (!failure_.has_value()) {
    failure_ = fmt::format("delivery to {}/{} failed: {}", first.topic, first.partition, why);
  }
  queue_.clear();
  WakeWriters();
}

void MemoryProducer::WakeWriters() {
  if (!full_) return;
  const bool room = queue_.size() < cluster_->options().producer_queue_records_max;
  for (Waker* waker : wakers_) room ? waker->Wake() : waker->WakeAt(cluster_->RetryAt());
  full_ = !room;
}

TxnOutcome MemoryProducer::FlushQueue() {
  Deliver();
  if (state_ == State::kFenced) return Newer();
  if (failure_.has_value()) return Failed(*failure_);
  if (!queue_.empty()) return Retriable(fmt::format("{} records are not acknowledged yet", queue_.size()));
  return {};
}

TxnOutcome MemoryProducer::Flush(Duration) {
  const auto lock = cluster_->Lock();
  if (!*alive_) return Dead();
  if (Breaks()) return Failed(kBroken);
  return FlushQueue();
}

TxnOutcome MemoryProducer::CommitSlice(Duration) {
  const auto lock = cluster_->Lock();
  if (!*alive_) return Dead();
  if (!transactional()) return FlushQueue();
  if (state_ == State::kFenced) return Newer();
  if (state_ != State::kInTransaction && state_ != State::kCommitting) return Failed("no transaction is open");
  if (state_ == State::kInTransaction) {
    if (TxnOutcome flushed = FlushQueue(); !flushed.ok()) return flushed;
    if (!wrote_) {
      state_ = State::kReady;
      return {};
    }
  }
  if (cluster_->down()) return Retriable("the memory broker is down");
  state_ = State::kCommitting;
  if (slices_.has_value()) return SendCommit(*slices_);
  return SendCommit(cluster_->Admit(alive_, MemoryCall::kCommit, config_.transactional_id).fault);
}

TxnOutcome MemoryProducer::SendCommit(const MemoryFault& fault) {
  switch (fault.kind) {
    case Kind::kLost:
      ++end_txn_sent_;
      return Settle(Unanswered(fault));
    case Kind::kAnswerLost: {
      ++end_txn_sent_;
      const TxnOutcome executed = SendEnd(true, fault.markers_late);
      return executed.ok() ? Settle(Unanswered(fault)) : executed;
    }
    case Kind::kDelayed:
      ++end_txn_sent_;
      cluster_->DelayCommit(config_.transactional_id, grant_, fault.delay);
      return Settle(Unanswered(fault));
    case Kind::kFalseOk:
      ++end_txn_sent_;
      state_ = State::kReady;
      return {};
    case Kind::kSlices: {
      MemoryFault rest = fault;
      if (rest.slices-- > 0) {
        end_txn_sent_ = 1;
        slices_ = rest;
        return Retriable("the transaction is still being committed");
      }
      end_txn_sent_ = 2;
      if (rest.duplicate_after > 0) {
        cluster_->DelayDuplicate(config_.transactional_id, grant_, rest.duplicate_after);
      }
      return SendEnd(true, Duration::zero());
    }
    case Kind::kLateMarkers:
      ++end_txn_sent_;
      return SendEnd(true, fault.delay);
    case Kind::kNone:
    case Kind::kRefused:
      break;
  }
  ++end_txn_sent_;
  return SendEnd(true, Duration::zero());
}

TxnOutcome MemoryProducer::SendEnd(bool commit, Duration marker_delay) {
  const TxnVerdict verdict =
      cluster_->transactions().End(config_.transactional_id, grant_, commit, cluster_->Now(), marker_delay);
  cluster_->WakeReaders();
  switch (verdict) {
    case TxnVerdict::kOk:
      state_ = State::kReady;
      return {};
    case TxnVerdict::kFenced:
      return Settle(Newer());
    case TxnVerdict::kInvalidState:
      break;
  }
  return Settle(Failed("the memory broker has no transaction of this producer that could be ended so"));
}

TxnOutcome MemoryProducer::Settle(TxnOutcome outcome) {
  switch (outcome.result) {
    case TxnResult::kOk: state_ = State::kReady; break;
    case TxnResult::kRetriable: state_ = State::kCommitting; break;
    case TxnResult::kFenced: state_ = State::kFenced; break;
    case TxnResult::kFailed: state_ = State::kBroken; break;
  }
  return outcome;
}

TxnOutcome MemoryProducer::Abort(Duration) {
  const auto lock = cluster_->Lock();
  if (!*alive_) return Dead();
  if (state_ == State::kFenced) return Newer();
  if (state_ != State::kInTransaction) return Failed("there is no open transaction that could be aborted");
  queue_.clear();
  WakeWriters();
  if (!wrote_) {
    state_ = State::kReady;
    return {};
  }
  const MemoryAdmission admission = cluster_->Admit(alive_, MemoryCall::kAbort, config_.transactional_id);
  if (!admission.reached) return Retriable("the memory broker is down");
  ++end_txn_sent_;
  if (admission.fault.kind == Kind::kLost) return Unanswered(admission.fault);
  const bool late = admission.fault.kind == Kind::kLateMarkers;
  const TxnOutcome ended = SendEnd(false, late ? admission.fault.delay : Duration::zero());
  if (!ended.ok() || admission.fault.kind != Kind::kAnswerLost) return ended;
  state_ = State::kInTransaction;
  return Unanswered(admission.fault);
}

int64_t MemoryProducer::outstanding() const {
  const auto lock = cluster_->Lock();
  return static_cast<int64_t>(queue_.size());
}

std::optional<std::string> MemoryProducer::failure() const {
  const auto lock = cluster_->Lock();
  return failure_;
}

int MemoryProducer::end_txn_sent() const {
  const auto lock = cluster_->Lock();
  return end_txn_sent_;
}

void MemoryProducer::AddWaker(Waker* waker) {
  const auto lock = cluster_->Lock();
  wakers_.push_back(waker);
}

}  // namespace weir
