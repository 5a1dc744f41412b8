#include "tests/simulation/world/mutants.h"

namespace weir::simulation {
namespace {

template <class Change>
std::function<void(Scenario&)> Engine(Change change) {
  return [change](Scenario& scenario) { change(scenario.engine); };
}

}  // namespace

const std::vector<MutantCase>& MutantCases() {
  using M = Mutant;
  static const std::vector<MutantCase> cases = {
      {"barrier-before-rows", "a barrier overtakes the rows that an outlet still has", M::kBarrierBeforeRows},
      {"reads-past-its-barrier", "a channel is read on while others wait for their barrier", M::kReadsPastItsBarrier},
      {"union-forgets-a-barrier", "a task takes a barrier before its last input has it", M::kUnionForgetsABarrier},
      {"position-after-the-batch", "positions hold rows that follow the barrier", M::kPositionAfterTheBatch},
      {"held-rows-dropped", "rows held for the next transaction vanish at a barrier", M::kHeldRowsDropped},
      {"marker-not-last", "rows of the next epoch join the transaction behind its marker", M::kMarkerNotLast},
      {"no-save-on-first-touch", "a frozen entry is changed before it was saved", M::kNone,
       Engine([](EngineOptions& engine) { engine.state_defences.save_on_first_touch = false; })},
      {"changes-beyond-the-list", "once too many keys of a group changed, further ones are not saved",
       M::kChangesBeyondTheList},
      {"deletes-not-saved", "a key that was removed is not in the delta", M::kDeletesNotSaved},
      {"roll-forgets-the-newest", "a merge leaves out the newest delta", M::kRollForgetsTheNewest},
      {"state-queue-not-in-order", "queues run what came last first", M::kStateQueueNotInOrder},
      {"delta-not-synced", "a manifest names a delta that is not durable", M::kDeltaNotSynced},
      {"folder-not-synced", "a file is durable, its name is not", M::kFolderNotSynced},
      {"attempt-not-in-the-name", "two attempts write into one checkpoint folder", M::kNone,
       Engine([](EngineOptions& engine) { engine.defences.attempt_in_directory_name = false; })},
      {"textbook-order", "recovery takes the newest checkpoint that is PREPARED", M::kNone,
       Engine([](EngineOptions& engine) { engine.defences.textbook_order = true; })},
      {"marker-outside", "the marker has a transaction of its own", M::kNone,
       Engine([](EngineOptions& engine) { engine.defences.marker_inside_transaction = false; })},
      {"witness-skipped", "answered OK counts as committed", M::kNone,
       Engine([](EngineOptions& engine) { engine.defences.witness = false; })},
      {"producer-kept", "a producer whose EndTxn was sent twice goes on", M::kNone,
       Engine([](EngineOptions& engine) { engine.defences.producer_replacement = false; })},
      {"abort-after-unknown-commit", "a commit that nobody answered is aborted, and the next epoch begins",
       M::kAbortAfterUnknownCommit},
      {"markers-before-fencing", "a marker that comes between reading and fencing is not seen",
       M::kMarkersReadBeforeFencing},
      {"falls-back", "recovery takes the checkpoint before the committed one, if it is still there",
       M::kFallsBackToAnOlderOne},
      {"removes-the-committed-one", "retention counts one too few", M::kRemovesTheCommittedOne},
      {"removes-newer-ones", "retention of a zombie takes what its successor writes", M::kRemovesNewerOnes},
      {"counts-begin-again", "a restored engine forgets what was counted before", M::kCountsBeginAgain},
      {"ledger-outside", "poison records are written without a transaction", M::kLedgerOutsideOfTheEpoch},
      {"id-of-each-attempt", "the transactional id names the attempt: nobody is fenced", M::kIdOfEachAttempt},
      {"marker-alone", "a lost commit is repeated as its marker only", M::kMarkerAloneMakesUpForIt},
      {"new-witness-from-the-start", "who looks for a successor reads old claims as new ones",
       M::kNewWitnessFromTheStart},
      {"first-prepared-refused", "PREPARED 1 without a commit counts as a lost commit point",
       M::kFirstPreparedIsRefused},
      {"claim-sent-twice-kept", "a second EndTxn of a claim is not feared", M::kClaimSentTwiceIsKept},
      {"finished-too-early", "a replay's checkpoint says that it is complete before it is", M::kFinishedTooEarly},
      {"ahead-counts-as-read", "the row that a replay has looked ahead at is in the position", M::kAheadCountsAsRead},
      {"reads-the-last-twice", "the record read again to recognise the topic is handed out", M::kReadsTheLastTwice},
      {"folder-lock-dropped", "a job without a topic does not hold its folder", M::kFolderLockDropped},
      {"clears-live-work", "clean-up takes work folders whose engines live", M::kClearsLiveWork},
      {"base-covers-its-deltas", "restore lets the base win over later deltas", M::kBaseCoversItsDeltas},
      {"restored-counts-as-new", "a restored key that is removed leaves no trace", M::kRestoredCountsAsNew},
      {"merge-not-synced", "the file of a merge is not durable", M::kMergeNotSynced},
      {"greatest-not-in-position", "a restart begins without the times that a split had seen", M::kGreatestNotInPosition},
      {"old-watermark-in-position", "a restart gives a fast split the watermark of its source", M::kOldWatermarkInPosition},
      {"wakes-below-the-watermark", "rows of a split that was idle are on time however old", M::kWakesBelowTheWatermark},
      {"paces-inside-a-join", "a join does not read the input that is ahead", M::kPacesInsideAJoin},
      {"fired-through-not-saved", "a restore does not know which windows have fired", M::kFiredThroughNotSaved},
      {"slice-dropped-too-early", "the range delete behind a window takes one slice too many", M::kSliceDroppedTooEarly},
      {"session-merge-not-saved", "what is merged into an open session is not in the delta", M::kSessionMergeNotSaved},
      {"timer-not-deleted", "a timer that fired is still there after a restore", M::kTimerNotDeleted},
      {"buffer-behind-the-sync", "the last bytes of a file are written after its sync", M::kBufferBehindTheSync},
      {"publishes-later-perhaps", "a failed publication is left to a recovery that may never come",
       M::kPublishesLaterPerhaps},
      {"hint-proves-publication", "recovery takes the hint for proof that all is published",
       M::kHintProvesPublication},
      {"writer-clears-its-folder", "a sink that ends removes what it has sealed", M::kWriterClearsItsFolder},
      {"published-before-the-commit", "staged output is published as soon as its checkpoint is PREPARED",
       M::kPublishedBeforeTheCommit},
      {"not-published-at-recovery", "what a crash left staged and committed stays staged", M::kNotPublishedAtRecovery},
      {"orphans-removed-first", "recovery clears away staged files before it has published them",
       M::kOrphansRemovedFirst},
  };
  return cases;
}

}  // namespace weir::simulation
