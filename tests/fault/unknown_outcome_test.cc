// A client that does not know what became of its EndTxn sends it again, and both reach the broker: a delayed second one
// would commit part of the next transaction, so the producer must be replaced (KAFKA-17754).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/fault/harness/job_rig.h"
#include "tests/fault/harness/run_scale.h"
#include "tests/support/real_broker.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr Millis kSoon = 60s;
/// Asleep for longer than the client waits for an answer, it does not look for the answer first when it wakes.
constexpr const char* kAnswerTimeout = "kafka.socket.timeout.ms=1000";
constexpr Millis kAsleep = 2500ms;

class UnknownOutcome : public testing::TestWithParam<Sinks> {
 protected:
  void SetUp() override {
    const Result<std::string> bootstrap = SharedBootstrap();
    ASSERT_TRUE(bootstrap.ok()) << bootstrap.status().message();
    auto made = JobRig::New({.bootstrap = *bootstrap, .name = "end-txn-twice", .sinks = GetParam(),
                             .definitions = {kAnswerTimeout}});
    ASSERT_TRUE(made.ok()) << made.status().message();
    rig_ = std::move(made).value();
  }
  void TearDown() override {
    if (HasFailure() && rig_ != nullptr) std::printf("see %s\n", rig_->keep().c_str());
  }
  /// Starts a life that sends the EndTxn of this checkpoint twice, and meets `then`.
  std::unique_ptr<JobLife> StartAndSendEndTxnTwice(uint64_t checkpoint, const std::string& then) {
    // The claim is the first commit.
    auto life = rig_->Start("kafka.end_txn_written:" + std::to_string(checkpoint + 1) + ":stop," + then);
    WEIR_CHECK(life.ok(), life.status().message());
    EXPECT_TRUE(rig_->FeedUntilStop(**life, kSoon));
    (void)(*life)->WaitUntil(Never, kAsleep);
    (*life)->Signal(SIGCONT);
    return std::move(life).value();
  }
  std::unique_ptr<JobRig> rig_;
};

TEST_P(UnknownOutcome, AnEndTxnSentTwiceReplacesTheProducerAndNothingIsDoubled) {
  const auto life = StartAndSendEndTxnTwice(3, "commit.producer_replaced:1:stop");
  ASSERT_TRUE(life->WaitForStop(kSoon)) << "the producer was not replaced";
  life->Signal(SIGCONT);
  const uint64_t before = life->standing().commits;
  EXPECT_TRUE(rig_->FeedUntil(*life, [&](const Standing& now) { return now.commits > before + 2; }, kSoon));
  EXPECT_THAT(rig_->Finish(*life).problems, IsEmpty());
  EXPECT_EQ(life->standing().restarts, 0u);
}

TEST_P(UnknownOutcome, AKillWhileTheProducerIsReplacedLosesNothing) {
  // In the first, the second and a later checkpoint that rolls, in one life of the job.
  for (const uint64_t checkpoint : IsFullRun() ? std::vector<uint64_t>{1, 2, 6} : std::vector<uint64_t>{6}) {
    const auto life = StartAndSendEndTxnTwice(checkpoint, "commit.producer_replaced:1");
    const auto ending = rig_->FeedUntilEnd(*life, kSoon);
    ASSERT_TRUE(ending.has_value() && ending->signal == SIGKILL) << "the producer was not replaced";
  }
  auto successor = rig_->Start();
  ASSERT_TRUE(successor.ok());
  EXPECT_THAT(rig_->Finish(**successor).problems, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Sinks, UnknownOutcome, testing::Values(Sinks::kKafka, Sinks::kBoth),
                         [](const auto& sinks) { return std::string(NameOf(sinks.param)); });

}  // namespace
}  // namespace weir::test
