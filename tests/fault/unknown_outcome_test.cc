// What became of an EndTxn is not known: its connection ends before or after the broker got it, or the broker is said
// to have done what it has not. A client that sends it again may have sent it twice, and a delayed second one would
// commit part of the next transaction: the producer must be replaced (KAFKA-17754).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/fault/harness/live_judge.h"
#include "tests/fault/harness/proxied_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Millis kSoon = 60s;
/// As long as damage takes to be seen.
constexpr Millis kSeen = 5s;
constexpr int kStrikesMax = 12;

class UnknownOutcome : public ProxiedBrokerTest {
 protected:
  JobRig& NewProxiedRig(const std::string& name, Sinks sinks = Sinks::kKafka, const std::string& without = {}) {
    return NewRig({.bootstrap = proxy().address(), .name = name, .sinks = sinks, .without = without});
  }
  /// Feeds until checkpoint n is committed, and spoils the EndTxn of the next one.
  void SpoilTheCommitAfter(JobRig& rig, JobLife& life, uint64_t n, Harm harm) {
    ASSERT_TRUE(rig.FeedUntil(life, [n](const Standing& now) { return now.committed >= n; }, kSoon));
    const auto strike = proxy().Spoil({.api = Api::kEndTxn, .harm = harm});
    ASSERT_TRUE(rig.FeedUntil(life, [&](const Standing&) { return strike->over(); }, kSoon));
  }
  void ExpectToGoOn(JobRig& rig, JobLife& life) {
    const uint64_t before = life.standing().commits;
    EXPECT_TRUE(rig.FeedUntil(life, [&](const Standing& now) { return now.commits > before + 3; }, kSoon));
    EXPECT_THAT(rig.Finish(life).problems, IsEmpty());
  }
};

TEST_F(UnknownOutcome, AnEndTxnSentTwiceReplacesTheProducerAndNothingIsDoubled) {
  for (const Harm harm : {Harm::kCutBefore, Harm::kCutAfter}) {
    JobRig& rig = NewProxiedRig("sent-twice");
    auto life = rig.Start("commit.producer_replaced:1:stop");
    ASSERT_TRUE(life.ok());
    ASSERT_NO_FATAL_FAILURE(SpoilTheCommitAfter(rig, **life, 3, harm));
    ASSERT_TRUE((*life)->WaitForStop(kSoon)) << "the producer was not replaced";
    (*life)->Signal(SIGCONT);
    ExpectToGoOn(rig, **life);
    EXPECT_EQ((*life)->standing().restarts, 0u);
  }
}

TEST_F(UnknownOutcome, AKillWhileTheProducerIsReplacedLosesNothing) {
  JobRig& rig = NewProxiedRig("replacing");
  // After the first, the second and a later checkpoint that rolls.
  for (const uint64_t checkpoint : IsFullRun() ? std::vector<uint64_t>{1, 2, 6} : std::vector<uint64_t>{6}) {
    auto life = rig.Start("commit.producer_replaced:1");
    ASSERT_TRUE(life.ok());
    ASSERT_NO_FATAL_FAILURE(SpoilTheCommitAfter(rig, **life, checkpoint, Harm::kCutAfter));
    const auto ending = rig.FeedUntilEnd(**life, kSoon);
    ASSERT_TRUE(ending.has_value() && ending->signal == SIGKILL) << "the producer was not replaced";
  }
  auto successor = rig.Start();
  ASSERT_TRUE(successor.ok());
  EXPECT_THAT(rig.Finish(**successor).problems, IsEmpty());
}

TEST_F(UnknownOutcome, ACommitAnsweredOkThatNeverHappenedIsNotBelieved) {
  JobRig& rig = NewProxiedRig("not-executed");
  auto life = rig.Start();
  ASSERT_TRUE(life.ok());
  ASSERT_NO_FATAL_FAILURE(SpoilTheCommitAfter(rig, **life, 3, Harm::kLie));
  EXPECT_TRUE(rig.FeedUntil(**life, [](const Standing& now) { return now.restarts > 0; }, kSoon));
  ExpectToGoOn(rig, **life);
}

// The defences, switched off: the same harm, which does nothing to a job that has them (fault_matrix_test.cc), must be
// seen.

TEST_F(UnknownOutcome, WithoutTheWitnessFilesHoldAnEpochThatTheTopicDoesNotHave) {
  // The first is the claim's.
  const auto strike = proxy().Spoil({.api = Api::kEndTxn, .occurrence = 5, .harm = Harm::kLie});
  JobRig& rig = NewProxiedRig("no-witness", Sinks::kBoth, "witness");
  auto life = rig.Start("file_sink.published:8");   // Both tasks' files of epoch 4 are there.
  ASSERT_TRUE(life.ok());
  const auto ending = rig.FeedUntilEnd(**life, kSoon);
  ASSERT_TRUE(ending.has_value() && ending->signal == SIGKILL) << "the files of the epoch were not published";
  ASSERT_TRUE(strike->struck());
  // It aborts the transaction, and does the epoch again: with other records in it.
  auto successor = rig.Start();
  ASSERT_TRUE(successor.ok());
  EXPECT_THAT(rig.Finish(**successor).problems, Contains(HasSubstr("files: ")));
}

TEST_F(UnknownOutcome, WithoutANewProducerALateEndTxnCommitsPartOfTheNextEpochAndItsRecordsAreDoubled) {
  JobRig& rig = NewRig({.bootstrap = proxy().address(), .name = "no-replacement", .checkpoint_interval = 500ms,
                        .without = "producer-replacement"});
  auto life = rig.Start();
  ASSERT_TRUE(life.ok());
  auto live = LiveJudge::Start(rig.places());
  ASSERT_TRUE(live.ok()) << live.status().message();
  const auto damaged = [&](const Standing&) { return (*live)->problems() > 0; };
  // A copy that comes between two transactions does no harm: then another one may.
  for (int strikes = 0; strikes < kStrikesMax && (*live)->problems() == 0; ++strikes) {
    ASSERT_NO_FATAL_FAILURE(SpoilTheCommitAfter(rig, **life, (*life)->standing().committed + 2, Harm::kDuplicate));
    (void)rig.FeedUntil(**life, damaged, kSeen);
  }
  EXPECT_GT((*live)->problems(), 0u) << "a judge who reads along has seen whole epochs only";
  EXPECT_THAT(rig.Finish(**life).problems, Contains(HasSubstr("duplicated")));
  const auto verdict = (*live)->Finish();
  ASSERT_TRUE(verdict.ok()) << verdict.status().message();
  EXPECT_GT(verdict->records.of(demo::Fault::kDuplicated), 0u);
}

}  // namespace
}  // namespace weir::test
