// Mistakes that the simulated runs must find, planted into the production code where an engineer could make them. They
// exist in builds with WEIR_MUTANTS only: in any other Planted() is a constant, and nothing of a mistake is compiled.
//
//   if (Planted(Mutant::kBarrierBeforeRows)) ...
//
// What each is: tests/simulation/world/mutants.cc. How each is found: tests/simulation/README.md.
#pragma once

namespace weir {

enum class Mutant {
  kNone,
  // Barriers and snapshots.
  kBarrierBeforeRows,
  kReadsPastItsBarrier,
  kUnionForgetsABarrier,
  kPositionAfterTheBatch,
  kHeldRowsDropped,
  kMarkerNotLast,
  // State.
  kChangesBeyondTheList,
  kDeletesNotSaved,
  kRollForgetsTheNewest,
  kStateQueueNotInOrder,
  kDeltaNotSynced,
  kFolderNotSynced,
  // Commit and recovery.
  kAbortAfterUnknownCommit,
  kMarkersReadBeforeFencing,
  kFallsBackToAnOlderOne,
  kRemovesTheCommittedOne,
  kRemovesNewerOnes,
  kCountsBeginAgain,
  kLedgerOutsideOfTheEpoch,
  kIdOfEachAttempt,
  kMarkerAloneMakesUpForIt,
  kNewWitnessFromTheStart,
  kFirstPreparedIsRefused,
  kClaimSentTwiceIsKept,
  kFinishedTooEarly,
  kAheadCountsAsRead,
  kReadsTheLastTwice,
  kFolderLockDropped,
  kClearsLiveWork,
  // More of state.
  kBaseCoversItsDeltas,
  kRestoredCountsAsNew,
  kMergeNotSynced,
  // Event time.
  kGreatestNotInPosition,
  kOldWatermarkInPosition,
  kWakesBelowTheWatermark,
  kPacesInsideAJoin,
  kFiredThroughNotSaved,
  kSliceDroppedTooEarly,
  kSessionMergeNotSaved,
  kTimerNotDeleted,
  // Staged files.
  kBufferBehindTheSync,
  kPublishesLaterPerhaps,
  kHintProvesPublication,
  kWriterClearsItsFolder,
  kPublishedBeforeTheCommit,
  kNotPublishedAtRecovery,
  kOrphansRemovedFirst,
};

#ifdef WEIR_MUTANTS
/// One at a time, before anything runs.
void Plant(Mutant mutant);
bool Planted(Mutant mutant);
#else
constexpr bool Planted(Mutant) { return false; }
#endif

}  // namespace weir
