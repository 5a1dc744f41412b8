// The broker gives a transaction up: the job slept too long with it, or could not reach the broker.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/fault/harness/committed_reader.h"
#include "tests/fault/harness/own_broker.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr Millis kSoon = 60s;
/// More than the time-out and the broker's period of looking for such transactions, both ten seconds, together.
constexpr Millis kAway = 24s;
constexpr const char* kShortTimeout = "testing.transaction-timeout=10s";

TEST(TransactionTimeout, OfAJobThatSleptBetweenPreparedAndCommitAbortsTheEpochWhichIsDoneAgain) {
  const Result<std::string> bootstrap = SharedBootstrap();
  ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
  auto rig = JobRig::New({.bootstrap = *bootstrap, .name = "slept", .definitions = {kShortTimeout}});
  ASSERT_TRUE(rig.ok());
  auto life = (*rig)->Start("commit.begun:4:stop");   // The claim's is the first.
  ASSERT_TRUE(life.ok() && (*rig)->FeedUntilStop(**life, kSoon));
  const JobPlaces& places = (*rig)->places();
  auto reader = CommittedReader::Open(*bootstrap, places.topic, kSoon);
  ASSERT_TRUE(reader.ok());
  ASSERT_EQ(reader->ReadToEnd(Millis(0)).code(), Code::kAborted) << "the job sleeps without an open transaction";
  ASSERT_TRUE(reader->ReadToEnd(kSoon).ok()) << "the broker did not give the transaction up";
  ASSERT_EQ(CountMarkers(*bootstrap, places.job).value(), 2u) << "what the broker gave up was not epoch 3";
  (*life)->Signal(SIGCONT);
  ASSERT_TRUE((*rig)->FeedUntil(**life, [](const Standing& now) { return now.restarts > 0 && now.committed >= 3; },
                                kSoon)) << "the job did not do the epoch again";
  EXPECT_EQ((*life)->standing().restored, 2u);
  EXPECT_THAT((*rig)->Finish(**life).problems, IsEmpty());
  std::printf("outcome: aborted, and done again: %s\n", (*life)->standing().messages["restarting"].c_str());
}

class BrokerAway : public OwnBrokerTest {};

TEST_F(BrokerAway, ForLongerThanTheTransactionTimeoutWithinACommitLosesNothing) {
  JobRig& rig = NewRig({.bootstrap = {}, .name = "away", .definitions = {kShortTimeout}});
  auto life = rig.Start("commit.begun:4:stop");
  ASSERT_TRUE(life.ok() && rig.FeedUntilStop(**life, kSoon));
  ASSERT_TRUE(broker().Freeze().ok());
  (*life)->Signal(SIGCONT);
  (void)(*life)->WaitUntil(Never, kAway);
  ASSERT_TRUE(broker().Thaw().ok());
  const uint64_t before = (*life)->standing().commits;
  EXPECT_TRUE(rig.FeedUntil(**life, [&](const Standing& now) { return now.commits > before + 2; }, kSoon));
  EXPECT_THAT(rig.Finish(**life).problems, IsEmpty());
  const Standing end = (*life)->standing();
  std::printf("outcome: %s\n", end.restarts == 0 ? "the commit went through" : "the epoch was aborted and redone");
}

}  // namespace
}  // namespace weir::test
