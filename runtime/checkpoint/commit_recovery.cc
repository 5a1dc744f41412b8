// The half of CommitProtocol that gains the job: recovery, the resolution of an unknown commit, and the judgement
// whether a successor owns it. An unknown commit takes the way of recovery: claim, then read up to the claim.

#include <fmt/format.h>

#include <algorithm>

#include "runtime/base/landmark.h"
#include "runtime/base/mutant.h"
#include "runtime/checkpoint/commit_protocol.h"

namespace weir {
namespace {

Landmark gained_again{"recovery.gains_again"};
Landmark gain_given_up{"recovery.gain_given_up"};
Landmark init_fenced{"recovery.init_fenced"};
Landmark init_failed{"recovery.init_failed"};
Landmark fenced{"recovery.fenced"};
Landmark overtaken{"recovery.claimed_by_another_meanwhile"};
Landmark unknown_committed{"recovery.unknown_then_committed"};
Landmark unknown_not_committed{"recovery.unknown_then_not"};
Landmark from_nothing{"recovery.from_nothing"};
Landmark another_attempt{"recovery.marker_of_another_attempt"};
Landmark refused{"recovery.refused"};
Landmark restore_failed{"recovery.restore_failed"};
Landmark markers_failed{"recovery.markers_failed"};
Landmark committed_after_all{"recovery.seen_committed_while_looking"};
Landmark looked_to_resolve{"recovery.looked_and_claims"};
Landmark looked_to_rebuild{"recovery.looked_and_rebuilds"};

}  // namespace

CommitActions CommitProtocol::Start(Instant now) {
  WEIR_CHECK(state_ == State::kNew, "a protocol starts once");
  std::optional<int64_t> from;
  if (options_.local.hint && options_.local.hint->marker_offset >= 0) from = options_.local.hint->marker_offset;
  CommitActions actions{ReadMarkers{from}};
  for (CommitAction& action : Gain(Gaining::kStart, now)) actions.push_back(std::move(action));
  return actions;
}

CommitActions CommitProtocol::Gain(Gaining why, Instant now) {
  gaining_ = why;
  gain_until_ = now + options_.gain_deadline;
  init_timeout_ = options_.init_timeout_first;
  replace_producer_ = false;
  CommitActions actions;
  if (producer_exists_) actions.push_back(DestroyProducer{});
  producer_exists_ = false;
  AwaitCall(State::kCreating, Duration::zero(), now);
  actions.push_back(CreateProducer{});
  return actions;
}

CommitActions CommitProtocol::GainAgain(const std::string& reason, Instant now) {
  if (now >= gain_until_) {
    gain_given_up.Hit();
    return Look(AfterLooking::kRebuild,
                Aborted(fmt::format("transactional id {} could not be taken: {}; restart from the last checkpoint",
                                    TransactionalId(options_.job), reason)), now);
  }
  gained_again.Hit();
  CommitActions actions;
  if (producer_exists_) actions.push_back(DestroyProducer{});
  producer_exists_ = false;
  replace_producer_ = false;
  Pause(Resume::kCreate, now);
  return actions;
}

CommitActions CommitProtocol::OnProducerCreated(const Status& status, Instant now) {
  if (deaf()) return {};
  Answered(State::kCreating, "create");
  if (!status.ok()) {
    if (status.code() == Code::kUnavailable) return GainAgain(status.message(), now);
    return RebuildOrRefuse(status);
  }
  producer_exists_ = true;
  AwaitCall(State::kInitialising, init_timeout_, now);
  return {InitProducer{init_timeout_}};
}

CommitActions CommitProtocol::OnInitReturned(const TxnOutcome& outcome, Instant now) {
  if (deaf()) return {};
  Answered(State::kInitialising, "init");
  switch (outcome.result) {
    case TxnResult::kOk: return Gained(now);
    case TxnResult::kRetriable:
      init_timeout_ = std::min(2 * init_timeout_, options_.init_timeout_max);
      return GainAgain(outcome.error, now);
    case TxnResult::kFenced:
      init_fenced.Hit();
      return Look(AfterLooking::kRebuild, Aborted("fenced in init: " + outcome.error), now);
    case TxnResult::kFailed: break;
  }
  init_failed.Hit();
  return Look(AfterLooking::kRebuild, Aborted("init failed: " + outcome.error), now);
}

CommitActions CommitProtocol::Gained(Instant now) {
  // A replacement claims as well: it may have fenced a successor whose claim is written and not yet delivered here,
  // and whose recovery would then miss what this instance commits next.
  ++claims_made_;
  return Begin(Purpose::kClaim, now);
}

bool CommitProtocol::owner() const {
  // While a start makes its claim again, whoever came in between is history: the next claim is later than theirs.
  return claim_seen_ > 0 && (claim_seen_ == claims_made_ || gaining_ != Gaining::kStart);
}

CommitActions CommitProtocol::OnMarkerTopicRecord(const MarkerTopicRecord& record, int64_t offset, Instant now) {
  if (state_ == State::kOver) return {};
  WEIR_CHECK(state_ != State::kNew, "records came before Start");
  read_to_ = offset + 1;
  if (state_ == State::kReadingClaim) timer_ = now + options_.witness_deadline;
  if (const MarkerRecord* marker = std::get_if<MarkerRecord>(&record)) return OnMarker(*marker, offset, now);
  return OnClaim(std::get<ClaimRecord>(record), now);
}

CommitActions CommitProtocol::OnMarker(const MarkerRecord& marker, int64_t offset, Instant now) {
  if (Planted(Mutant::kMarkersReadBeforeFencing) && claim_seen_ == 0 && claims_made_ > 0) return {};
  if (newest_) {
    if (Status order = CheckMarkerOrder(newest_->marker, marker); !order.ok()) {
      return Exit(ExitReason::kRefused, std::move(order));
    }
  }
  newest_ = VisibleMarker{marker, offset};
  if (!owner()) return {};
  if (!options_.defences.witness && marker.attempt == options_.attempt) return {};
  const bool expected = commit_began_ && !witnessed_ && marker.attempt == options_.attempt && marker.n == epoch_ &&
                        marker.incarnation == incarnation_ && marker.manifest_sha256 == prepared_->manifest_sha256;
  if (!expected) {
    return Exit(ExitReason::kRefused, Internal(fmt::format(
        "MARKER REGRESSION: {} shows marker {} of attempt {} after the claim of attempt {}, whose epoch is {} ({}); "
        "stop every instance of the job and find out who wrote it", MarkerTopic(options_.job), marker.n.value(),
        marker.attempt.ToString(), options_.attempt.ToString(), epoch_.value(), StateName())));
  }
  witnessed_ = true;
  marker_offset_ = offset;
  return state_ == State::kWitnessing ? AnnounceAndGoOn(now) : CommitActions{};
}

CommitActions CommitProtocol::OnClaim(const ClaimRecord& claim, Instant now) {
  if (claim.attempt != options_.attempt) {
    if (!owner()) return {};
    if (claim_seen_ == claims_made_) {
      fenced.Hit();
      return Exit(ExitReason::kFenced, Fenced(fmt::format(
          "attempt {} has taken over job {}: this instance stops for good", claim.attempt.ToString(), options_.job)));
    }
    overtaken.Hit();
    // We had initialised again before we saw it, and fenced it: the next attempt sorts out who goes on.
    return Rebuild(Aborted(fmt::format("attempt {} claimed job {} meanwhile", claim.attempt.ToString(), options_.job)));
  }
  if (claim.sequence <= claim_seen_ || claim.sequence > claims_made_) {
    return Exit(ExitReason::kRefused, Internal(fmt::format(
        "{} shows claim {} of this attempt, {} were made and {} was seen: the topic was changed by somebody else",
        MarkerTopic(options_.job), claim.sequence, claims_made_, claim_seen_)));
  }
  claim_seen_ = claim.sequence;
  return state_ == State::kReadingClaim && claim_seen_ == claims_made_ ? ClaimDelivered(now) : CommitActions{};
}

CommitActions CommitProtocol::ClaimDelivered(Instant now) {
  if (gaining_ == Gaining::kStart) return Recover();
  if (gaining_ == Gaining::kReplace) return OpenEpochOrReplace(now);
  if (witnessed_) {
    unknown_committed.Hit();
    return AnnounceAndGoOn(now);
  }
  unknown_not_committed.Hit();
  if (Planted(Mutant::kMarkerAloneMakesUpForIt)) return Begin(Purpose::kLateMarker, now);
  return Rebuild(Aborted(fmt::format("checkpoint {} was not committed ({}); restart from the last one",
                                     epoch_.value(), why_.message())));
}

CommitActions CommitProtocol::Recover() {
  RecoveryChoice choice = ChooseByMarker(options_.job, newest_, options_.local, options_.policy, options_.defences);
  if (Refusal* refusal = std::get_if<Refusal>(&choice)) {
    refused.Hit();
    return Exit(ExitReason::kRefused, std::move(refusal->status));
  }
  Wait(State::kRestoring, std::nullopt);
  if (const FreshChoice* fresh = std::get_if<FreshChoice>(&choice)) {
    from_nothing.Hit();
    incarnation_ = options_.local.fresh_incarnation;
    epoch_ = fresh->first;
    return {StartFresh{incarnation_, fresh->first, fresh->appends}};
  }
  const RestoreChoice& restore = std::get<RestoreChoice>(choice);
  const bool any_will_do = options_.defences.textbook_order || Planted(Mutant::kFallsBackToAnOlderOne);
  WEIR_CHECK(any_will_do || (newest_ && restore.name.n == newest_->marker.n &&
                             restore.name.attempt == newest_->marker.attempt),
             "I6: recovery restores exactly what the last marker before its claim names");
  another_attempt.Hit();
  incarnation_ = restore.incarnation.empty() ? options_.local.fresh_incarnation : restore.incarnation;
  epoch_ = Next(restore.name.n);
  const CommitPermit permit(incarnation_, restore.name.n, restore.name.attempt, restore.marker_offset);
  return {RestoreCheckpoint{permit, restore.manifest_sha256}};
}

CommitActions CommitProtocol::OnRestored(const Status& status, Instant now) {
  if (deaf()) return {};
  Answered(State::kRestoring, "restore");
  if (!status.ok()) {
    restore_failed.Hit();
    // A checkpoint that is missing may have been collected by a successor that is further on.
    return Look(AfterLooking::kGiveUp, status, now);
  }
  return OpenEpochOrReplace(now);
}

CommitActions CommitProtocol::OnMarkersFailed(const Status& status, Instant now) {
  if (state_ == State::kOver) return {};
  // What was missed may be a successor's claim: look with a new witness, once.
  markers_failed.Hit();
  return owner() && !deaf() ? LookAnew(AfterLooking::kGiveUp, status, now) : RebuildOrRefuse(status);
}

CommitActions CommitProtocol::Look(AfterLooking then, Status why, Instant now) {
  after_looking_ = then;
  why_ = std::move(why);
  CommitActions actions;
  if (producer_exists_) actions.push_back(DestroyProducer{});
  producer_exists_ = false;
  Wait(State::kLooking, now + options_.fence_window);
  return actions;
}

CommitActions CommitProtocol::LookAnew(AfterLooking then, Status why, Instant now) {
  CommitActions actions = Look(then, std::move(why), now);
  // The window opens with the witness: until then nobody looks.
  AwaitCall(State::kLooking, Duration::zero(), now);
  actions.push_back(ReadMarkers{Planted(Mutant::kNewWitnessFromTheStart) ? std::optional<int64_t>() : read_to_});
  return actions;
}

void CommitProtocol::OnWitnessOpened(Instant now) {
  if (state_ == State::kLooking) Wait(State::kLooking, now + options_.fence_window);
}

CommitActions CommitProtocol::LookedLongEnough(Instant now) {
  // A later claim would have ended this already (OnClaim), so the job is still ours.
  if (witnessed_ && after_looking_ != AfterLooking::kGiveUp) {
    committed_after_all.Hit();
    return AnnounceAndGoOn(now);
  }
  if (after_looking_ == AfterLooking::kResolve) {
    looked_to_resolve.Hit();
    return Gain(Gaining::kResolve, now);
  }
  looked_to_rebuild.Hit();
  return RebuildOrRefuse(why_);
}

}  // namespace weir
