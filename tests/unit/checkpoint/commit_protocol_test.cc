#include "runtime/checkpoint/commit_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr Id128 kMine{1, 1};
constexpr Id128 kOther{2, 2};
constexpr Id128 kIncarnation{3, 3};
const TxnOutcome kFine{};
const TxnOutcome kAgain{TxnResult::kRetriable, "again"};
const TxnOutcome kFence{TxnResult::kFenced, "fenced"};
const TxnOutcome kBroken{TxnResult::kFailed, "broken"};

MarkerRecord Marker(uint64_t n, Id128 attempt = kMine, Id128 incarnation = kIncarnation) {
  return {incarnation, CheckpointId{n}, attempt, std::string(64, 'a'), std::string(32, 'b'), 1};
}

/// Names of the actions, so that a whole answer is one expectation.
std::string NameOf(const CommitAction& action) {
  static const char* const kNames[] = {"create", "destroy", "init", "begin", "produce", "flush", "commit", "read",
                                       "restore", "fresh", "open", "flushed", "committed", "rebuild", "exit"};
  return kNames[action.index()];
}

struct CommitProtocolTest : testing::Test {
  CommitProtocolTest() { Reset(); }
  void Reset(CommitOptions options = {}) {
    options.job = "job";
    options.attempt = kMine;
    options.local.fresh_incarnation = kIncarnation;
    protocol.emplace(options);
    now = Instant{};
    offset = 100;
  }
  std::string Take(CommitActions actions) {
    std::string names;
    for (const CommitAction& action : actions) names += (names.empty() ? "" : " ") + NameOf(action);
    last = std::move(actions);
    const auto reads = [](const CommitAction& action) { return std::holds_alternative<ReadMarkers>(action); };
    if (witness_opens_at_once && std::ranges::any_of(last, reads)) protocol->OnWitnessOpened(now);
    return names;
  }
  template <class Action>
  const Action& Last() const { return std::get<Action>(last.back()); }

  std::string Record(MarkerTopicRecord record) { return Take(protocol->OnMarkerTopicRecord(record, offset++, now)); }
  std::string Claim(uint64_t sequence, Id128 attempt = kMine) { return Record(ClaimRecord{attempt, sequence}); }
  std::string Commit(const TxnOutcome& outcome, int sent = 1) {
    return Take(protocol->OnCommitReturned(outcome, sent, now));
  }
  std::string Later(Duration duration) {
    now += duration;
    return Take(protocol->OnTimer(now));
  }
  std::string Created() { return Take(protocol->OnProducerCreated({}, now)); }
  std::string Init(const TxnOutcome& outcome) { return Take(protocol->OnInitReturned(outcome, now)); }
  std::string Begun() { return Take(protocol->OnBeginReturned(kFine, now)); }
  std::string Produced() { return Take(protocol->OnProduced({}, now)); }

  void ToClaimCommit() {
    EXPECT_EQ(Take(protocol->Start(now)), "read create");
    EXPECT_EQ(Created(), "init");
    EXPECT_EQ(Init(kFine), "begin");
    EXPECT_EQ(Begun(), "produce");
    EXPECT_EQ(Produced(), "commit");
  }
  void ToOpen() {
    ToClaimCommit();
    EXPECT_EQ(Commit(kFine), "");
    EXPECT_EQ(Claim(1), "fresh");
    EXPECT_EQ(Take(protocol->OnRestored({}, now)), "begin");
    EXPECT_EQ(Begun(), "open");
  }
  std::string Prepare(uint64_t n = 1) {
    EXPECT_EQ(Take(protocol->Flush(CheckpointId{n}, now)), "flush");
    EXPECT_EQ(Take(protocol->OnFlushReturned(kFine, now)), "flushed");
    return Take(protocol->Prepared({kIncarnation, {CheckpointId{n}, kMine}, std::string(64, 'a'),
                                    std::string(32, 'b'), 1}, now));
  }
  void ToCommit() {
    ToOpen();
    EXPECT_EQ(Prepare(), "produce");
    EXPECT_EQ(Last<ProduceControl>().value, FormatMarker(Marker(1)));
    EXPECT_EQ(Produced(), "commit");
  }
  /// A new producer and the second claim, up to its delivery.
  void ClaimAgain() {
    EXPECT_EQ(Created(), "init");
    EXPECT_EQ(Init(kFine), "begin");
    EXPECT_EQ(Begun(), "produce");
    EXPECT_EQ(Last<ProduceControl>().value, FormatClaim({kMine, 2}));
    EXPECT_EQ(Produced(), "commit");
    EXPECT_EQ(Commit(kFine), "");
  }

  std::optional<CommitProtocol> protocol;
  bool witness_opens_at_once = true;
  CommitActions last;
  Instant now{};
  int64_t offset = 100;
};

TEST_F(CommitProtocolTest, CommitsAnEpochAndOpensTheNext) {
  ToCommit();
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Record(Marker(1)), "committed begin");
  EXPECT_EQ(std::get<AnnounceCommitted>(last[0]).permit.n(), CheckpointId{1});
  EXPECT_EQ(Begun(), "open");
  EXPECT_EQ(Last<OpenEpoch>().n, CheckpointId{2});
}

TEST_F(CommitProtocolTest, TakesAMarkerThatIsDeliveredBeforeTheCallReturns) {
  ToCommit();
  EXPECT_EQ(Record(Marker(1)), "");
  EXPECT_EQ(Commit(kFine), "committed begin");
}

TEST_F(CommitProtocolTest, RestoresTheLastMarkerBeforeItsOwnClaim) {
  ToClaimCommit();
  EXPECT_EQ(Record(Marker(6, kOther)), "");
  EXPECT_EQ(Claim(1, kOther), "");
  EXPECT_EQ(Record(Marker(7, kOther)), "");
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Claim(1), "restore");
  EXPECT_EQ(Last<RestoreCheckpoint>().permit.n(), CheckpointId{7});
  EXPECT_EQ(Last<RestoreCheckpoint>().permit.attempt(), kOther);
  EXPECT_EQ(Last<RestoreCheckpoint>().permit.marker_offset(), 102);
  EXPECT_EQ(protocol->epoch(), CheckpointId{8});
}

TEST_F(CommitProtocolTest, ReadsFromTheHint) {
  CommitOptions options;
  options.local.hint = CommittedHint{kIncarnation, {CheckpointId{4}, kOther}, 17};
  Reset(options);
  EXPECT_EQ(Take(protocol->Start(now)), "read create");
  EXPECT_EQ(std::get<ReadMarkers>(last[0]).from, 17);
  EXPECT_EQ(Take(protocol->OnMarkersFailed(Aborted("out of range meanwhile"), now)), "rebuild");
}

TEST_F(CommitProtocolTest, RefusesWhereRecoveryRefuses) {
  CommitOptions options;
  options.local.hint = CommittedHint{kIncarnation, {CheckpointId{4}, kOther}, -1};
  Reset(options);
  ToClaimCommit();
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Claim(1), "destroy exit");
  EXPECT_EQ(Last<ExitEngine>().reason, ExitReason::kRefused);
}

TEST_F(CommitProtocolTest, TakesANewProducerAndTwiceTheTimeWhileInitIsRetriable) {
  EXPECT_EQ(Take(protocol->Start(now)), "read create");
  EXPECT_EQ(Created(), "init");
  const Duration first = Last<InitProducer>().timeout;
  EXPECT_EQ(Init(kAgain), "destroy");
  EXPECT_EQ(Later(10ms), "create");
  EXPECT_EQ(Created(), "init");
  EXPECT_EQ(Last<InitProducer>().timeout, 2 * first);
  now += 60s;
  EXPECT_EQ(Init(kAgain), "destroy");
  EXPECT_EQ(Later(500ms), "rebuild");
}

TEST_F(CommitProtocolTest, TriesAgainWhileTheBrokerIsAwayAndRefusesABadConfiguration) {
  EXPECT_EQ(Take(protocol->Start(now)), "read create");
  EXPECT_EQ(Take(protocol->OnProducerCreated(Unavailable("away"), now)), "");
  EXPECT_EQ(Later(10ms), "create");
  EXPECT_EQ(Take(protocol->OnProducerCreated(InvalidArgument("no such setting"), now)), "exit");
}

TEST_F(CommitProtocolTest, ClaimsAgainWhenTheClaimsOutcomeIsUnknown) {
  ToClaimCommit();
  EXPECT_EQ(Commit(kBroken), "destroy");
  EXPECT_EQ(Later(10ms), "create");
  ClaimAgain();
  EXPECT_EQ(Claim(1), "") << "the first claim was committed after all, and is not the one to wait for";
  EXPECT_EQ(Claim(2), "fresh");
}

TEST_F(CommitProtocolTest, TakesAClaimThatIsNeverDeliveredForAnError) {
  ToClaimCommit();
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Later(9s), "");
  EXPECT_EQ(Later(1s), "destroy read");
  EXPECT_EQ(Later(500ms), "rebuild");
}

TEST_F(CommitProtocolTest, WaitsForItsClaimAsLongAsWhatStandsBeforeItIsBeingDelivered) {
  ToClaimCommit();
  EXPECT_EQ(Commit(kFine), "");
  for (uint64_t n = 1; n <= 5; ++n) {
    EXPECT_EQ(Later(9s), "");
    EXPECT_EQ(Record(Marker(n, kOther)), "");
  }
  EXPECT_EQ(Claim(1), "restore");
}

TEST_F(CommitProtocolTest, ReplacesTheProducerWhoseClaimWasEndedTwice) {
  ToClaimCommit();
  EXPECT_EQ(Commit(kFine, 2), "");
  EXPECT_EQ(Claim(1), "fresh");
  EXPECT_EQ(Take(protocol->OnRestored({}, now)), "destroy create");
  ClaimAgain();
  EXPECT_EQ(Claim(2), "begin");
  EXPECT_EQ(Begun(), "open");
}

TEST_F(CommitProtocolTest, ReplacesTheProducerWhoseEpochWasEndedTwiceBeforeTheNext) {
  ToCommit();
  EXPECT_EQ(Commit(kFine, 2), "");
  EXPECT_EQ(Record(Marker(1)), "committed destroy create");
  ClaimAgain();
  EXPECT_EQ(Claim(2), "begin");
  EXPECT_EQ(Begun(), "open");
}

TEST_F(CommitProtocolTest, StartsAgainWhenItsReplacementFencedASuccessor) {
  ToCommit();
  EXPECT_EQ(Commit(kFine, 2), "");
  EXPECT_EQ(Record(Marker(1)), "committed destroy create");
  ClaimAgain();
  EXPECT_EQ(Claim(1, kOther), "destroy rebuild") << "written before our second claim, delivered late";
}

TEST_F(CommitProtocolTest, GoesOnCommittingInSlicesWhileRetriable) {
  ToCommit();
  EXPECT_EQ(Last<CommitSlice>().timeout, 1s);
  EXPECT_EQ(Commit(kAgain), "");
  EXPECT_EQ(Later(10ms), "commit");
  now += 29s + 500ms;
  EXPECT_EQ(Commit(kAgain), "");
  EXPECT_EQ(Later(10ms), "commit");
  EXPECT_EQ(Last<CommitSlice>().timeout, 480ms);
  now += 480ms;
  EXPECT_EQ(Commit(kAgain), "destroy");
  EXPECT_EQ(protocol->StateName(), "looking for a successor");
}

TEST_F(CommitProtocolTest, ResolvesAnUnknownCommitThatHappened) {
  ToCommit();
  EXPECT_EQ(Commit(kBroken), "destroy");
  EXPECT_EQ(Later(500ms), "create");
  ClaimAgain();
  EXPECT_EQ(Record(Marker(1)), "");
  EXPECT_EQ(Claim(2), "committed begin");
  EXPECT_EQ(Begun(), "open");
}

TEST_F(CommitProtocolTest, ResolvesAnUnknownCommitThatDidNotHappen) {
  ToCommit();
  EXPECT_EQ(Commit(kBroken), "destroy");
  EXPECT_EQ(Later(500ms), "create");
  ClaimAgain();
  EXPECT_EQ(Claim(2), "destroy rebuild");
  EXPECT_EQ(Last<RebuildEngine>().status.code(), Code::kAborted);
}

TEST_F(CommitProtocolTest, AnnouncesACommitWhoseMarkerShowsUpMeanwhile) {
  for (const TxnOutcome& outcome : {kBroken, kFence}) {
    Reset();
    ToCommit();
    EXPECT_EQ(Commit(outcome), "destroy");
    EXPECT_EQ(Record(Marker(1)), "");
    EXPECT_EQ(Later(500ms), "committed create");
    ClaimAgain();
    EXPECT_EQ(Claim(2), "begin");
  }
}

TEST_F(CommitProtocolTest, ResolvesACommitThatWasAnsweredOkAndNeverDelivered) {
  ToCommit();
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Later(30s), "destroy read");
  EXPECT_EQ(Later(500ms), "create");
  ClaimAgain();
  EXPECT_EQ(Claim(2), "destroy rebuild");
}

TEST_F(CommitProtocolTest, AsksANewWitnessAboutACommitThatTheOldOneDidNotDeliver) {
  ToCommit();
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Later(30s), "destroy read");
  EXPECT_EQ(Last<ReadMarkers>().from, offset);
  EXPECT_EQ(Record(Marker(1)), "");
  EXPECT_EQ(Later(500ms), "committed create");
}

TEST_F(CommitProtocolTest, LooksForItsWholeTimeOnceTheNewWitnessIsOpen) {
  ToOpen();
  witness_opens_at_once = false;
  EXPECT_EQ(Take(protocol->OnMarkersFailed(Unavailable("connection lost"), now)), "destroy read");
  EXPECT_EQ(Later(5s), "") << "nobody has looked yet";
  protocol->OnWitnessOpened(now);
  EXPECT_EQ(Later(499ms), "");
  EXPECT_EQ(Later(1ms), "rebuild");
}

TEST_F(CommitProtocolTest, LooksForASuccessorWithANewWitnessWhereTheOldOneFails) {
  for (const bool successor : {true, false}) {
    Reset();
    ToOpen();
    EXPECT_EQ(Take(protocol->OnMarkersFailed(Unavailable("connection lost"), now)), "destroy read");
    EXPECT_EQ(Last<ReadMarkers>().from, offset) << "nothing is missed, nothing is read twice";
    if (successor) {
      EXPECT_EQ(Claim(1, kOther), "exit");
      EXPECT_EQ(Last<ExitEngine>().reason, ExitReason::kFenced);
    } else {
      EXPECT_EQ(Later(500ms), "rebuild");
    }
  }
}

TEST_F(CommitProtocolTest, GivesUpWhereTheNewWitnessFailsToo) {
  ToOpen();
  EXPECT_EQ(Take(protocol->OnMarkersFailed(Unavailable("connection lost"), now)), "destroy read");
  EXPECT_EQ(Take(protocol->OnMarkersFailed(Unavailable("still"), now)), "rebuild");
}

TEST_F(CommitProtocolTest, KeepsTheReasonOfTheFirstFailureWhichCausedTheRest) {
  ToCommit();
  EXPECT_EQ(Commit(kFence), "destroy");
  EXPECT_EQ(Take(protocol->OnEngineFailed(InvalidArgument("the producer takes nothing more"), now)), "");
  EXPECT_EQ(Later(500ms), "rebuild");
  EXPECT_EQ(Last<RebuildEngine>().status.code(), Code::kAborted);
}

TEST_F(CommitProtocolTest, ExitsForGoodWhenASuccessorClaims) {
  ToCommit();
  EXPECT_EQ(Commit(kFence), "destroy");
  EXPECT_EQ(Claim(1, kOther), "exit");
  EXPECT_EQ(Last<ExitEngine>().reason, ExitReason::kFenced);
  EXPECT_EQ(Last<ExitEngine>().status.code(), Code::kFenced);
  EXPECT_EQ(Later(1h), "");
}

TEST_F(CommitProtocolTest, ExitsForGoodOnALaterClaimWhateverItIsDoing) {
  ToOpen();
  EXPECT_EQ(Claim(1, kOther), "destroy exit");
  EXPECT_EQ(Last<ExitEngine>().reason, ExitReason::kFenced);
}

TEST_F(CommitProtocolTest, StartsAgainWhenItWasFencedWithoutASuccessor) {
  ToCommit();
  EXPECT_EQ(Commit(kFence), "destroy");
  EXPECT_EQ(Later(499ms), "");
  EXPECT_EQ(Later(1ms), "rebuild");
  EXPECT_EQ(Last<RebuildEngine>().status.code(), Code::kAborted);
}

TEST_F(CommitProtocolTest, LooksForASuccessorBeforeItGivesUpAnEpoch) {
  for (int how = 0; how < 3; ++how) {
    Reset();
    ToOpen();
    if (how == 0) {
      EXPECT_EQ(Take(protocol->OnDeliveryFailed("too large", now)), "destroy");
    } else if (how == 1) {
      EXPECT_EQ(Take(protocol->OnEngineFailed(Aborted("slow"), now)), "destroy");
    } else {
      EXPECT_EQ(Take(protocol->Flush(CheckpointId{1}, now)), "flush");
      EXPECT_EQ(Take(protocol->OnFlushReturned(kBroken, now)), "destroy");
    }
    EXPECT_EQ(Later(500ms), "rebuild") << how;
  }
}

TEST_F(CommitProtocolTest, TakesAMissingCheckpointForASuccessorsDoingWhereThereIsOne) {
  ToClaimCommit();
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Claim(1), "fresh");
  EXPECT_EQ(Take(protocol->OnRestored(NotFound("collected"), now)), "destroy");
  EXPECT_EQ(Claim(1, kOther), "exit");
  EXPECT_EQ(Last<ExitEngine>().reason, ExitReason::kFenced);
}

TEST_F(CommitProtocolTest, RebuildsAFailedEngineEvenIfItsMarkerShowsUp) {
  ToCommit();
  EXPECT_EQ(Take(protocol->OnEngineFailed(IoError("disk full"), now)), "destroy");
  EXPECT_EQ(Commit(kFine), "") << "the answer of a call that was outstanding";
  EXPECT_EQ(Record(Marker(1)), "");
  EXPECT_EQ(Later(500ms), "rebuild");
}

TEST_F(CommitProtocolTest, IgnoresAFailedDeliveryOnceTheCommitBegan) {
  ToCommit();
  EXPECT_EQ(Take(protocol->OnDeliveryFailed("late", now)), "");
  EXPECT_EQ(Record(Marker(1)), "");
  EXPECT_EQ(Commit(kFine), "committed begin");
}

TEST_F(CommitProtocolTest, StopsAtAMarkerRegression) {
  ToClaimCommit();
  EXPECT_EQ(Record(Marker(6, kOther)), "");
  EXPECT_EQ(Record(Marker(6, kMine)), "destroy exit");
  EXPECT_EQ(Last<ExitEngine>().reason, ExitReason::kRefused);
  EXPECT_THAT(Last<ExitEngine>().status.message(), HasSubstr("MARKER REGRESSION"));
}

TEST_F(CommitProtocolTest, StopsAtAMarkerThatNobodyMayHaveWrittenAfterItsClaim) {
  for (const MarkerRecord& marker : {Marker(1, kOther), Marker(2), Marker(1, kMine, kOther)}) {
    Reset();
    ToCommit();
    EXPECT_EQ(Record(marker), "destroy exit");
    EXPECT_THAT(Last<ExitEngine>().status.message(), HasSubstr("MARKER REGRESSION"));
  }
}

TEST_F(CommitProtocolTest, RestartsTheProcessWhenACallHangs) {
  ToCommit();
  EXPECT_EQ(protocol->deadline(), now + 61s);
  EXPECT_EQ(Later(61s), "exit") << "destroying the producer would hang, too";
  EXPECT_EQ(Last<ExitEngine>().reason, ExitReason::kRestartProcess);
}

TEST_F(CommitProtocolTest, RefusesADamagedCheckpointAndRetriesAFailingDisk) {
  for (const Status& status : {Corruption("bits"), IoError("disk")}) {
    Reset();
    ToClaimCommit();
    EXPECT_EQ(Commit(kFine), "");
    EXPECT_EQ(Claim(1), "fresh");
    const bool refused = status.code() == Code::kCorruption;
    EXPECT_EQ(Take(protocol->OnRestored(status, now)), "destroy");
    EXPECT_EQ(Later(500ms), refused ? "exit" : "rebuild");
  }
}

TEST_F(CommitProtocolTest, WritesTheMarkerInATransactionOfItsOwnOnlyWithThatDefenceOff) {
  CommitOptions options;
  options.defences.marker_inside_transaction = false;
  Reset(options);
  ToOpen();
  EXPECT_EQ(Prepare(), "commit");
  EXPECT_EQ(Commit(kFine), "begin");
  EXPECT_EQ(Begun(), "produce");
  EXPECT_EQ(Produced(), "commit");
  EXPECT_EQ(Commit(kFine), "");
  EXPECT_EQ(Record(Marker(1)), "committed begin");
}

TEST(TransactionTimeout, IsTheSumOfTheTimingsButAtLeastNinetySeconds) {
  EXPECT_EQ(TransactionTimeout(1s, 40s, 30s).value(), 90s);
  EXPECT_EQ(TransactionTimeout(60s, 40s, 30s).value(), 145s);
  EXPECT_EQ(TransactionTimeout(14min, 40s, 30s).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace weir
