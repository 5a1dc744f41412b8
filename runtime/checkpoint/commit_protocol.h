// The commit point of a job with a Kafka sink: a marker in the transaction that carries the epoch's output. Recovery,
// the life of an epoch, and what to do when nobody knows whether a commit happened, as one pure state machine. Its
// shell (runtime/engine) makes the calls, and reports what came of them.
//
// Start --> gain the transactional id --> claim --> read markers up to the claim --> restore --> epoch n
//             ^ new producer, init                                                               | flush, marker,
//             |                                                                                  v commit, witness
//             +---- look for a successor <----- unknown outcome, fenced <----------------- epoch n, then n+1
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/clock.h"
#include "runtime/base/ids.h"
#include "runtime/base/status.h"
#include "runtime/checkpoint/commit_actions.h"
#include "runtime/checkpoint/defences.h"
#include "runtime/checkpoint/markers.h"
#include "runtime/checkpoint/recovery_plan.h"
#include "runtime/io/log_broker.h"

namespace weir {

struct CommitOptions {
  std::string job;
  Id128 attempt;
  RestorePolicy policy = RestorePolicy::kCommitPointDecides;
  LocalFacts local;
  Defences defences;

  Duration init_timeout_first = std::chrono::milliseconds(50);  ///< Doubled, with a new producer, while retriable.
  Duration init_timeout_max = std::chrono::seconds(2);
  Duration gain_deadline = std::chrono::seconds(60);  ///< From Start, or a producer's replacement, to init and claim.
  Duration commit_slice = std::chrono::seconds(1);
  Duration commit_deadline = std::chrono::seconds(30);   ///< Then the outcome is unknown.
  Duration witness_deadline = std::chrono::seconds(10);  ///< Also for the own claim, from record to record.
  Duration fence_window = std::chrono::milliseconds(500);  ///< Looking for a successor's claim.
  Duration retry_pause = std::chrono::milliseconds(10);  ///< Before a retriable call is made again.
  Duration call_grace = std::chrono::seconds(60);        ///< A call that takes this much longer than asked is hung.
};

/// The least transaction time-out that the timings allow. InvalidArgument if it is more than brokers grant (15 min).
Result<Duration> TransactionTimeout(Duration checkpoint_interval, Duration checkpoint_timeout,
                                    Duration commit_deadline);

/// One per engine and attempt; one thread. After RebuildEngine or ExitEngine every event is ignored. An answer that
/// was not asked for is a broken invariant.
class CommitProtocol {
 public:
  explicit CommitProtocol(CommitOptions options);

  // Recovery.
  CommitActions Start(Instant now);
  CommitActions OnProducerCreated(const Status& status, Instant now);
  CommitActions OnInitReturned(const TxnOutcome& outcome, Instant now);
  CommitActions OnRestored(const Status& status, Instant now);

  // An epoch. Flush(n) once all sinks have sealed n; Prepared once the checkpoint is PREPARED and n is flushed.
  CommitActions Flush(CheckpointId n, Instant now);
  CommitActions Prepared(const PreparedCheckpoint& prepared, Instant now);
  CommitActions OnFlushReturned(const TxnOutcome& outcome, Instant now);

  // Both.
  CommitActions OnBeginReturned(const TxnOutcome& outcome, Instant now);
  CommitActions OnProduced(const Status& status, Instant now);
  /// `end_txn_sent`: LogProducer::end_txn_sent() after the call.
  CommitActions OnCommitReturned(const TxnOutcome& outcome, int end_txn_sent, Instant now);

  // At any time.
  CommitActions OnMarkerTopicRecord(const MarkerTopicRecord& record, int64_t offset, Instant now);
  /// The witness that ReadMarkers asked for reads from now on.
  void OnWitnessOpened(Instant now);
  /// The witness cannot go on, or a record in the topic is none of ours.
  CommitActions OnMarkersFailed(const Status& status, Instant now);
  /// A record of the open epoch was not delivered (LogProducer::failure). Ignored once the commit began: it tells.
  CommitActions OnDeliveryFailed(const std::string& reason, Instant now);
  /// Another part of the engine failed, or the coordinator gave up. Looks for a successor before the engine is built
  /// anew or, where the code says so, needs a person: a process that slept must not fence whoever took over.
  CommitActions OnEngineFailed(const Status& status, Instant now);
  CommitActions OnTimer(Instant now);

  /// When to call OnTimer at the latest.
  std::optional<Instant> deadline() const;

  /// Known once restored or started fresh.
  const Id128& incarnation() const { return incarnation_; }
  /// The epoch that is open or being committed; zero before the first.
  CheckpointId epoch() const { return epoch_; }
  /// A few words for the status line, for example "committing".
  std::string_view StateName() const;
  bool over() const { return state_ == State::kOver; }
  /// False while it is the sinks' turn, or the store's.
  bool waits_for_broker() const;

 private:
  enum class State {
    kNew,
    kCreating,        // CreateProducer
    kInitialising,    // InitProducer
    kPaused,          // until timer_, then resume_
    kBeginning,       // BeginTransaction, for purpose_
    kProducing,       // ProduceControl, for purpose_
    kCommitting,      // CommitSlice, for purpose_
    kReadingClaim,    // own claim not delivered yet
    kRestoring,       // RestoreCheckpoint or StartFresh
    kOpen,            // sinks write the epoch
    kFlushing,        // FlushProducer
    kFlushed,         // waits for PREPARED
    kWitnessing,      // commit answered OK, marker not delivered yet
    kLooking,         // reading on for a successor's claim, until timer_
    kOver,
  };
  enum class Purpose { kClaim, kEpoch, kLateMarker };  // what the transaction in hand is for
  enum class Gaining { kStart, kResolve, kReplace };   // what the producer in hand is gained for
  enum class Resume { kCreate, kFlush, kCommit };
  enum class AfterLooking {                            // if no successor shows up
    kResolve,  // nobody knows whether the epoch was committed: claim
    kRebuild,  // it was not, unless its marker is delivered meanwhile
    kGiveUp,   // the engine cannot go on, whatever became of it
  };

  // commit_recovery.cc: gaining the job, and telling who has it
  CommitActions Gain(Gaining why, Instant now);
  CommitActions GainAgain(const std::string& reason, Instant now);
  CommitActions Gained(Instant now);
  CommitActions OnMarker(const MarkerRecord& marker, int64_t offset, Instant now);
  CommitActions OnClaim(const ClaimRecord& claim, Instant now);
  CommitActions ClaimDelivered(Instant now);
  CommitActions Recover();
  CommitActions Look(AfterLooking then, Status why, Instant now);
  /// The same with a new witness, which goes on where this one stopped.
  CommitActions LookAnew(AfterLooking then, Status why, Instant now);
  CommitActions LookedLongEnough(Instant now);
  bool owner() const;

  // commit_protocol.cc: an epoch
  CommitActions Begin(Purpose purpose, Instant now);
  CommitActions Produce(Instant now);
  CommitActions FlushOnce(Instant now);
  CommitActions CommitOnce(Instant now);
  CommitActions TransactionEnded(Instant now);
  CommitActions CommitUnknown(const std::string& reason, Instant now);
  CommitActions EpochEnded(Instant now);
  CommitActions AnnounceAndGoOn(Instant now);
  CommitActions Announce();
  CommitActions OpenEpochOrReplace(Instant now);
  CommitActions Pause(Resume resume, Instant now);
  CommitActions Resumed(Instant now);
  CommitActions Rebuild(Status status);
  CommitActions Exit(ExitReason reason, Status status);
  CommitActions RebuildOrRefuse(const Status& status);
  void AwaitCall(State state, Duration timeout, Instant now);
  void Answered(State state, std::string_view event);
  void Wait(State state, std::optional<Instant> until);
  /// The producer was given up; answers of calls made before are of no interest.
  bool deaf() const { return state_ == State::kOver || state_ == State::kLooking; }

  const CommitOptions options_;
  State state_ = State::kNew;
  std::optional<Instant> timer_;     // what the state waits for at most
  std::optional<Instant> watchdog_;  // the outstanding call must have returned

  // The producer in hand.
  Gaining gaining_ = Gaining::kStart;
  Purpose purpose_ = Purpose::kClaim;
  Resume resume_ = Resume::kCreate;
  Duration init_timeout_{};
  Instant gain_until_;
  Instant commit_until_;
  bool producer_exists_ = false;
  bool replace_producer_ = false;  // a second EndTxn of it may still be on its way

  // What the marker topic said.
  uint64_t claims_made_ = 0;
  uint64_t claim_seen_ = 0;  // sequence of the newest own claim delivered, zero for none
  std::optional<VisibleMarker> newest_;
  std::optional<int64_t> read_to_;  // offset after the last record delivered

  // The epoch.
  Id128 incarnation_;
  CheckpointId epoch_;
  std::optional<PreparedCheckpoint> prepared_;
  bool witnessed_ = false;  // marker (epoch_, own attempt) was delivered
  int64_t marker_offset_ = -1;
  bool commit_began_ = false;  // and its outcome is not known yet
  AfterLooking after_looking_ = AfterLooking::kRebuild;
  Status why_;                 // of the look, or of the claim that resolves
};

}  // namespace weir
