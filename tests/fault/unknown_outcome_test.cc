// What became of an EndTxn is not known: its connection ends before or after the broker got it, or the broker is said
// to have done what it has not. A client that sends it again may have sent it twice, and a delayed second one would
// commit part of the next transaction: the producer must be replaced (KAFKA-17754).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/fault/harness/kafka_proxy.h"
#include "tests/fault/harness/own_broker.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr Millis kSoon = 60s;

class UnknownOutcome : public OwnBrokerTest {
 protected:
  void SetUp() override {
    auto listening = KafkaProxy::Listen();
    ASSERT_TRUE(listening.ok()) << listening.status().message();
    proxy_ = std::move(listening).value();
    StartBroker({"--advertise", std::to_string(proxy_->port())});
    if (HasFatalFailure()) return;
    proxy_->ForwardTo(PortOf(broker().bootstrap()));
  }
  JobRig& NewProxiedRig(const std::string& name) {
    return NewRig({.bootstrap = "127.0.0.1:" + std::to_string(proxy_->port()), .name = name});
  }
  /// Feeds until checkpoint n is committed, and spoils the EndTxn of the next one.
  void SpoilTheCommitAfter(JobRig& rig, JobLife& life, uint64_t n, Harm harm) {
    ASSERT_TRUE(rig.FeedUntil(life, [n](const Standing& now) { return now.committed >= n; }, kSoon));
    const uint64_t before = proxy_->spoiled();
    proxy_->Spoil(kEndTxnRequest, 1, harm);
    ASSERT_TRUE(rig.FeedUntil(life, [&](const Standing&) { return proxy_->spoiled() > before; }, kSoon));
  }
  void ExpectToGoOn(JobRig& rig, JobLife& life) {
    const uint64_t before = life.standing().commits;
    EXPECT_TRUE(rig.FeedUntil(life, [&](const Standing& now) { return now.commits > before + 3; }, kSoon));
    EXPECT_THAT(rig.Finish(life).problems, IsEmpty());
  }

 private:
  static int PortOf(const std::string& address) { return std::stoi(address.substr(address.rfind(':') + 1)); }

  std::unique_ptr<KafkaProxy> proxy_;
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
  ASSERT_NO_FATAL_FAILURE(SpoilTheCommitAfter(rig, **life, 3, Harm::kAnswerOnly));
  EXPECT_TRUE(rig.FeedUntil(**life, [](const Standing& now) { return now.restarts > 0; }, kSoon));
  ExpectToGoOn(rig, **life);
}

}  // namespace
}  // namespace weir::test
