#include "runtime/checkpoint/commit_protocol.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/landmark.h"
#include "runtime/base/mutant.h"

namespace weir {
namespace {

Landmark begin_failed{"commit.begin_failed"};
Landmark flush_retried{"commit.flush_retried"};
Landmark flush_failed{"commit.flush_failed"};
Landmark produce_failed{"commit.produce_failed"};
Landmark commit_retried{"commit.retried"};
Landmark deadline_reached{"commit.deadline_reached"};
Landmark answered_fenced{"commit.answered_fenced"};
Landmark answered_failed{"commit.answered_failed"};
Landmark sent_twice{"commit.sent_twice"};
Landmark claim_unknown{"commit.claim_unknown"};
Landmark delivery_failed{"commit.delivery_failed"};
Landmark engine_failed{"commit.engine_failed"};
Landmark failed_while_looking{"commit.engine_failed_while_looking"};
Landmark claim_not_delivered{"commit.claim_not_delivered"};
Landmark not_witnessed{"commit.answered_ok_not_witnessed"};

CommitActions Then(CommitActions first, CommitActions second) {
  for (CommitAction& action : second) first.push_back(std::move(action));
  return first;
}

}  // namespace

Result<Duration> TransactionTimeout(Duration checkpoint_interval, Duration checkpoint_timeout,
                                    Duration commit_deadline) {
  constexpr Duration kReserve = std::chrono::seconds(15);
  constexpr Duration kLeast = std::chrono::seconds(90);
  constexpr Duration kBrokerMax = std::chrono::minutes(15);
  const Duration sum = checkpoint_interval + checkpoint_timeout + commit_deadline + kReserve;
  if (sum > kBrokerMax) {
    const auto seconds = [](Duration d) { return d / std::chrono::seconds(1); };
    return InvalidArgument(fmt::format(
        "checkpoint interval or pause ({} s) + checkpoint timeout ({} s) + commit deadline ({} s) + {} s is more than the {} s "
        "that brokers let a transaction last: shorten the interval or the timeout", seconds(checkpoint_interval),
        seconds(checkpoint_timeout), seconds(commit_deadline), seconds(kReserve), seconds(kBrokerMax)));
  }
  return std::max(sum, kLeast);
}

CommitProtocol::CommitProtocol(CommitOptions options) : options_(std::move(options)) {
  WEIR_CHECK(!options_.attempt.empty() && !options_.local.fresh_incarnation.empty(), "attempts and incarnations have names");
}

CommitActions CommitProtocol::Begin(Purpose purpose, Instant now) {
  WEIR_CHECK(purpose != Purpose::kEpoch || !commit_began_, "I7: the outcome of the epoch before is not known yet");
  purpose_ = purpose;
  AwaitCall(State::kBeginning, Duration::zero(), now);
  return {BeginTransaction{}};
}

CommitActions CommitProtocol::OnBeginReturned(const TxnOutcome& outcome, Instant now) {
  if (deaf()) return {};
  Answered(State::kBeginning, "begin");
  if (!outcome.ok()) {
    begin_failed.Hit();
    return Look(AfterLooking::kRebuild, Aborted("a transaction could not begin: " + outcome.error), now);
  }
  if (purpose_ != Purpose::kEpoch) return Produce(now);
  Wait(State::kOpen, std::nullopt);
  return {OpenEpoch{epoch_}};
}

CommitActions CommitProtocol::Flush(CheckpointId n, Instant now) {
  if (deaf()) return {};
  WEIR_CHECK(state_ == State::kOpen && n == epoch_,
             fmt::format("flush of epoch {} while epoch {} is {}", n.value(), epoch_.value(), StateName()));
  return FlushOnce(now);
}

CommitActions CommitProtocol::FlushOnce(Instant now) {
  AwaitCall(State::kFlushing, options_.commit_slice, now);
  return {FlushProducer{options_.commit_slice}};
}

CommitActions CommitProtocol::OnFlushReturned(const TxnOutcome& outcome, Instant now) {
  if (deaf()) return {};
  Answered(State::kFlushing, "flush");
  if (outcome.result == TxnResult::kRetriable) {
    flush_retried.Hit();
    return Pause(Resume::kFlush, now);
  }
  if (!outcome.ok()) {
    flush_failed.Hit();
    return Look(AfterLooking::kRebuild, Aborted("output could not be flushed: " + outcome.error), now);
  }
  Wait(State::kFlushed, std::nullopt);
  return {AnnounceFlushed{epoch_}};
}

CommitActions CommitProtocol::Prepared(const PreparedCheckpoint& prepared, Instant now) {
  if (deaf()) return {};
  WEIR_CHECK(state_ == State::kFlushed && prepared.name.n == epoch_ && prepared.name.attempt == options_.attempt &&
                 prepared.incarnation == incarnation_,
             fmt::format("I1: checkpoint {} is PREPARED while epoch {} is {}", prepared.name.n.value(),
                         epoch_.value(), StateName()));
  prepared_ = prepared;
  if (options_.defences.marker_inside_transaction) return Produce(now);
  commit_began_ = true;
  commit_until_ = now + options_.commit_deadline;
  return CommitOnce(now);
}

CommitActions CommitProtocol::Produce(Instant now) {
  AwaitCall(State::kProducing, Duration::zero(), now);
  if (purpose_ == Purpose::kClaim) {
    return {ProduceControl{ClaimKey(options_.job), FormatClaim({options_.attempt, claims_made_})}};
  }
  const MarkerRecord marker{incarnation_,
                            epoch_,
                            options_.attempt,
                            prepared_->manifest_sha256,
                            prepared_->positions_digest,
                            prepared_->records};
  return {ProduceControl{MarkerKey(options_.job), FormatMarker(marker)}};
}

CommitActions CommitProtocol::OnProduced(const Status& status, Instant now) {
  if (deaf()) return {};
  Answered(State::kProducing, "produce");
  if (!status.ok()) {
    produce_failed.Hit();
    return Look(AfterLooking::kRebuild,
                Aborted(fmt::format("{} took no record: {}", MarkerTopic(options_.job), status.message())), now);
  }
  if (purpose_ != Purpose::kClaim) commit_began_ = true;
  commit_until_ = now + options_.commit_deadline;
  return CommitOnce(now);
}

CommitActions CommitProtocol::CommitOnce(Instant now) {
  const Duration slice = std::min(options_.commit_slice, commit_until_ - now);
  AwaitCall(State::kCommitting, slice, now);
  return {CommitSlice{slice}};
}

CommitActions CommitProtocol::OnCommitReturned(const TxnOutcome& outcome, int end_txn_sent, Instant now) {
  if (deaf()) return {};
  Answered(State::kCommitting, "commit");
  const bool feared = options_.defences.producer_replacement &&
                      !(Planted(Mutant::kClaimSentTwiceIsKept) && purpose_ == Purpose::kClaim);
  if (end_txn_sent > 1 && feared) {
    sent_twice.Hit();
    replace_producer_ = true;
  }
  switch (outcome.result) {
    case TxnResult::kOk: return TransactionEnded(now);
    case TxnResult::kRetriable:
      if (now + options_.retry_pause < commit_until_) {
        commit_retried.Hit();
        return Pause(Resume::kCommit, now);
      }
      deadline_reached.Hit();
      return CommitUnknown("commit deadline reached: " + outcome.error, now);
    case TxnResult::kFenced:
      answered_fenced.Hit();
      return Look(AfterLooking::kRebuild, Aborted("fenced in commit: " + outcome.error), now);
    case TxnResult::kFailed: break;
  }
  answered_failed.Hit();
  return CommitUnknown(outcome.error, now);
}

CommitActions CommitProtocol::CommitUnknown(const std::string& reason, Instant now) {
  if (Planted(Mutant::kAbortAfterUnknownCommit) && purpose_ == Purpose::kEpoch) {
    witnessed_ = replace_producer_ = true;   // Whose init aborts what is open.
    return AnnounceAndGoOn(now);
  }
  // A claim changes nothing but who owns the job, so an unknown one is simply made again.
  if (purpose_ == Purpose::kClaim) {
    claim_unknown.Hit();
    return GainAgain("the claim's commit has an unknown outcome: " + reason, now);
  }
  return Look(AfterLooking::kResolve,
              OutcomeUnknown(fmt::format("commit of {} was not answered: {}", epoch_.value(), reason)), now);
}

CommitActions CommitProtocol::TransactionEnded(Instant now) {
  if (purpose_ == Purpose::kClaim) {
    Wait(State::kReadingClaim, now + options_.witness_deadline);
    if (claim_seen_ == claims_made_) return ClaimDelivered(now);
    return {};
  }
  if (purpose_ == Purpose::kEpoch && !options_.defences.marker_inside_transaction) {
    return Begin(Purpose::kLateMarker, now);
  }
  return EpochEnded(now);
}

CommitActions CommitProtocol::EpochEnded(Instant now) {
  if (witnessed_ || !options_.defences.witness) return AnnounceAndGoOn(now);
  Wait(State::kWitnessing, now + options_.witness_deadline);
  return {};
}

CommitActions CommitProtocol::Announce() {
  WEIR_CHECK(commit_began_ && prepared_ && (witnessed_ || !options_.defences.witness),
             "I4: only a witnessed marker makes a permit");
  const CommitPermit permit(incarnation_, epoch_, options_.attempt, marker_offset_);
  commit_began_ = false;
  witnessed_ = false;
  marker_offset_ = -1;
  prepared_.reset();
  epoch_ = Next(epoch_);
  return {AnnounceCommitted{permit}};
}

CommitActions CommitProtocol::AnnounceAndGoOn(Instant now) {
  CommitActions announce = Announce();
  return Then(std::move(announce), OpenEpochOrReplace(now));
}

CommitActions CommitProtocol::OpenEpochOrReplace(Instant now) {
  if (replace_producer_ || !producer_exists_) return Gain(Gaining::kReplace, now);
  return Begin(Purpose::kEpoch, now);
}

CommitActions CommitProtocol::OnDeliveryFailed(const std::string& reason, Instant now) {
  const bool epoch_runs = state_ == State::kOpen || state_ == State::kFlushed || state_ == State::kFlushing ||
                          (state_ == State::kPaused && resume_ == Resume::kFlush);
  if (!epoch_runs) return {};
  delivery_failed.Hit();
  return Look(AfterLooking::kRebuild,
              Aborted(fmt::format("output of epoch {} was not delivered: {}", epoch_.value(), reason)), now);
}

CommitActions CommitProtocol::OnEngineFailed(const Status& status, Instant now) {
  if (state_ == State::kOver) return {};
  if (!owner()) return RebuildOrRefuse(status);
  // What fails after the first failure fails because of it: that one's reason stays, and no look begins anew. But
  // this engine cannot go on.
  if (state_ == State::kLooking) {
    failed_while_looking.Hit();
    after_looking_ = AfterLooking::kGiveUp;
    return {};
  }
  engine_failed.Hit();
  return Look(AfterLooking::kGiveUp, status, now);
}

CommitActions CommitProtocol::Pause(Resume resume, Instant now) {
  resume_ = resume;
  Wait(State::kPaused, now + options_.retry_pause);
  return {};
}

CommitActions CommitProtocol::Resumed(Instant now) {
  switch (resume_) {
    case Resume::kFlush: return FlushOnce(now);
    case Resume::kCommit: return CommitOnce(now);
    case Resume::kCreate: break;
  }
  AwaitCall(State::kCreating, Duration::zero(), now);
  return {CreateProducer{}};
}

CommitActions CommitProtocol::OnTimer(Instant now) {
  if (state_ == State::kOver) return {};
  if (watchdog_ && now >= *watchdog_) {
    return Exit(ExitReason::kRestartProcess,
                Internal(fmt::format("a client call has not returned ({}): start the process again", StateName())));
  }
  if (!timer_ || now < *timer_) return {};
  timer_.reset();
  switch (state_) {
    case State::kPaused: return Resumed(now);
    case State::kLooking: return LookedLongEnough(now);
    case State::kReadingClaim:
      claim_not_delivered.Hit();
      return LookAnew(AfterLooking::kRebuild,
                      Aborted(fmt::format("own claim was not delivered by {} in time", MarkerTopic(options_.job))), now);
    case State::kWitnessing:
      not_witnessed.Hit();
      return LookAnew(AfterLooking::kResolve,
                      OutcomeUnknown(fmt::format("marker {} was not delivered though its commit was answered OK",
                                                 epoch_.value())), now);
    default: return {};
  }
}

std::optional<Instant> CommitProtocol::deadline() const {
  if (timer_ && watchdog_) return std::min(*timer_, *watchdog_);
  return timer_ ? timer_ : watchdog_;
}

CommitActions CommitProtocol::Rebuild(Status status) {
  Wait(State::kOver, std::nullopt);
  if (producer_exists_) return {DestroyProducer{}, RebuildEngine{std::move(status)}};
  return {RebuildEngine{std::move(status)}};
}

CommitActions CommitProtocol::Exit(ExitReason reason, Status status) {
  Wait(State::kOver, std::nullopt);
  const bool hung = reason == ExitReason::kRestartProcess;
  if (producer_exists_ && !hung) return {DestroyProducer{}, ExitEngine{reason, std::move(status)}};
  return {ExitEngine{reason, std::move(status)}};
}

CommitActions CommitProtocol::RebuildOrRefuse(const Status& status) {
  switch (status.code()) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kCorruption:
    case Code::kUserError:
    case Code::kInternal: return Exit(ExitReason::kRefused, status);
    // kFenced too: a transaction that timed out looks the same. Only a later claim proves a successor (OnClaim).
    default: return Rebuild(status);
  }
}

void CommitProtocol::AwaitCall(State state, Duration timeout, Instant now) {
  Wait(state, std::nullopt);
  watchdog_ = now + timeout + options_.call_grace;
}

void CommitProtocol::Answered(State state, std::string_view event) {
  WEIR_CHECK(state_ == state, fmt::format("{} returned while the protocol is {}", event, StateName()));
  watchdog_.reset();
}

void CommitProtocol::Wait(State state, std::optional<Instant> until) {
  state_ = state;
  timer_ = until;
  watchdog_.reset();
}

bool CommitProtocol::waits_for_broker() const {
  switch (state_) {
    case State::kNew:
    case State::kRestoring:
    case State::kOpen:
    case State::kFlushed:
    case State::kOver: return false;
    default: return true;
  }
}

std::string_view CommitProtocol::StateName() const {
  switch (state_) {
    case State::kNew: return "new";
    case State::kCreating: return "creating the producer";
    case State::kInitialising: return "initialising the producer";
    case State::kPaused: return "trying again soon";
    case State::kBeginning: return "beginning a transaction";
    case State::kProducing: return "producing a marker or claim";
    case State::kCommitting: return "committing";
    case State::kReadingClaim: return "reading up to the claim";
    case State::kRestoring: return "restoring";
    case State::kOpen: return "open";
    case State::kFlushing: return "flushing";
    case State::kFlushed: return "flushed";
    case State::kWitnessing: return "witnessing";
    case State::kLooking: return "looking for a successor";
    case State::kOver: return "over";
  }
  return "unknown";
}

}  // namespace weir
