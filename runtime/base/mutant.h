// Mistakes that the simulated runs must find, planted into the production code where an engineer could make them. They
// exist in builds with WEIR_MUTANTS only: in any other Planted() is a constant, and nothing of a mistake is compiled.
//
//   if (Planted(Mutant::kBarrierBeforeRows)) ...
//
// What each is, and how it is found: tests/simulation/README.md.
#pragma once

namespace weir {

enum class Mutant {
  kNone,
  // Barriers and snapshots.
  kBarrierBeforeRows,         ///< A barrier overtakes the rows that an outlet still has.
  kReadsPastItsBarrier,       ///< A channel is read on while others wait for their barrier.
  kUnionForgetsABarrier,      ///< A task takes a barrier before its last input has it.
  kPositionAfterTheBatch,     ///< A source's positions hold rows that follow the barrier.
  kHeldRowsDropped,           ///< Rows held for the next transaction vanish at a barrier.
  kMarkerNotLast,             ///< Rows of the next epoch join the transaction behind its marker.
  // State.
  kChangesBeyondTheList,      ///< Once too many keys of a group changed, further ones are not saved.
  kDeletesNotSaved,           ///< A key that was removed is not in the delta.
  kRollForgetsTheNewest,      ///< A merge leaves out the newest delta.
  kStateQueueNotInOrder,      ///< Queues run what came last first.
  kDeltaNotSynced,            ///< A manifest names a delta that is not durable.
  kFolderNotSynced,           ///< A file is durable, its name is not.
  // Commit and recovery.
  kAbortAfterUnknownCommit,   ///< A commit that nobody answered is aborted, and the next epoch begins.
  kReplacedWithoutAClaim,     ///< A new producer of a running engine does not claim.
  kMarkersReadBeforeFencing,  ///< A marker that came between reading and fencing is not seen.
  kFallsBackToAnOlderOne,     ///< Recovery takes the checkpoint before the committed one, if it is still there.
  kRemovesTheCommittedOne,    ///< Retention counts one too few.
  kRemovesNewerOnes,          ///< Retention of a zombie takes what its successor writes.
  kCountsBeginAgain,          ///< A restored engine forgets what was counted before.
  kLedgerOutsideOfTheEpoch,   ///< Poison records are written without a transaction.
  kIdOfEachAttempt,           ///< The transactional id names the attempt: nobody is fenced.
  kMarkerAloneMakesUpForIt,   ///< A lost commit is repeated as its marker only.
  kNewWitnessFromTheStart,    ///< Who looks for a successor reads old claims as new ones.
  kFirstPreparedIsRefused,    ///< PREPARED 1 without a commit counts as a lost commit point.
  kClaimSentTwiceIsKept,      ///< A second EndTxn of a claim is not feared.
  kFinishedTooEarly,          ///< A replay's checkpoint says that it is complete before it is.
  kAheadCountsAsRead,         ///< The row that a replay has looked ahead at is in the position.
  kReadsTheLastTwice,         ///< The record that is read again to recognise the topic is handed out.
  kFolderLockDropped,         ///< A job without a topic does not hold its folder.
  kClearsLiveWork,            ///< Clean-up takes work folders whose engines live.
  // More of state.
  kBaseCoversItsDeltas,       ///< Restore lets the base win over later deltas.
  kRestoredCountsAsNew,       ///< A restored key that is removed leaves no trace in the delta.
  kMergeNotSynced,            ///< The file of a merge is not durable.
  // Staged files.
  kBufferBehindTheSync,       ///< The last bytes are written after the sync.
  kPublishesLaterPerhaps,     ///< A publication that failed is left to a recovery that may never come.
  kHintProvesPublication,     ///< Recovery takes the hint for proof that all is published.
  kWriterClearsItsFolder,     ///< A sink that ends removes what it has sealed.
  kPublishedBeforeTheCommit,  ///< Staged output is published as soon as its checkpoint is PREPARED.
  kNotPublishedAtRecovery,    ///< What a crash left staged and committed stays staged.
  kOrphansRemovedFirst,       ///< Recovery clears away staged files before it has published them.
};

#ifdef WEIR_MUTANTS
/// One at a time, before anything runs.
void Plant(Mutant mutant);
bool Planted(Mutant mutant);
#else
constexpr bool Planted(Mutant) { return false; }
#endif

}  // namespace weir
