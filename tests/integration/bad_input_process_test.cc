// Processes of a job that meet bad luck: two of one id, signals, a broker that is away. What they say, and how they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "environment/exit_codes.h"
#include "tests/fault/harness/own_broker.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Millis kSoon = 40s;

bool IsRunning(const Standing& now) { return now.running; }

/// True once the last line of `event` has `words`.
std::function<bool(const Standing&)> Said(const std::string& event, const std::string& words) {
  return [=](const Standing& now) {
    const auto found = now.messages.find(event);
    return found != now.messages.end() && found->second.find(words) != std::string::npos;
  };
}

class BadLuck : public OwnBrokerTest {
 protected:
  static std::unique_ptr<JobLife> StartJob(JobRig& rig) {
    auto life = rig.Start();
    WEIR_CHECK(life.ok(), life.status().message());
    return std::move(life).value();
  }
};

TEST_F(BadLuck, TheOlderOfTwoWithOneIdExitsFencedAndSaysWhoTookOver) {
  JobRig& rig = NewRig({.name = "twice"});
  const auto older = StartJob(rig);
  ASSERT_TRUE(rig.FeedUntil(*older, [](const Standing& now) { return now.commits > 1; }, kSoon));
  const auto newer = StartJob(rig);
  const auto ending = older->WaitForEnd(kSoon);
  ASSERT_TRUE(ending.has_value()) << "the older one goes on";
  EXPECT_EQ(ending->exit_code, kExitFenced);
  ASSERT_TRUE(newer->WaitUntil(IsRunning, kSoon));
  const std::string said = newer->standing().messages["running"];
  const std::string attempt = said.substr(said.rfind(' ') + 1);
  EXPECT_THAT(older->standing().messages["fenced"],
              AllOf(HasSubstr("attempt " + attempt + " has taken over job " + rig.places().job), HasSubstr("for good")));
  EXPECT_THAT(rig.Finish(*newer).problems, IsEmpty());
}

TEST_F(BadLuck, WithoutATopicToWriteASecondStartIsRefusedAndNamesTheFirst) {
  JobRig& rig = NewRig({.name = "twice", .sinks = Sinks::kFile});
  const auto first = StartJob(rig);
  ASSERT_TRUE(first->WaitUntil(IsRunning, kSoon));
  const auto second = StartJob(rig);
  const auto ending = second->WaitForEnd(kSoon);
  ASSERT_TRUE(ending.has_value()) << "the second runs";
  EXPECT_EQ(ending->exit_code, kExitRefused);
  EXPECT_THAT(second->standing().messages["refused"],
              AllOf(HasSubstr("is running already"), HasSubstr("process " + std::to_string(first->pid()))));
  ASSERT_TRUE(rig.feed().Add(100).ok());
  EXPECT_THAT(rig.Finish(*first).problems, IsEmpty());
}

/// A job that has read rows which no checkpoint will take before it is told to end.
class Signalled : public BadLuck {
 protected:
  static constexpr size_t kFirst = 20;
  static constexpr size_t kRest = 100;

  JobRig& NewSlowRig() {
    return NewRig({.name = "signals", .checkpoint_interval = 1h,
                   .definitions = {"execution.status-interval=100ms", "testing.transaction-timeout=90s"}});
  }
  /// The first checkpoint of a run comes early; nothing follows it for an hour.
  static std::unique_ptr<JobLife> StartAndRead(JobRig& rig) {
    auto life = StartJob(rig);
    EXPECT_TRUE(rig.feed().Add(kFirst).ok());
    EXPECT_TRUE(life->WaitUntil([](const Standing& now) { return now.commits == 1; }, kSoon));
    EXPECT_TRUE(rig.feed().Add(kRest).ok());
    EXPECT_TRUE(life->WaitUntil(Said("status", " " + std::to_string(kFirst + kRest) + " read"), kSoon));
    return life;
  }
};

TEST_F(Signalled, EndsWithALastCheckpointAndExitsZero) {
  JobRig& rig = NewSlowRig();
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto life = StartAndRead(rig);
    life->Signal(signal);
    const auto ending = life->WaitForEnd(kSoon);
    ASSERT_TRUE(ending.has_value()) << "signal " << signal;
    EXPECT_EQ(ending->exit_code, kExitFinished);
    EXPECT_EQ(life->standing().commits, 2u) << "signal " << signal;
    EXPECT_EQ(JudgeJob(rig.places()).out, rig.feed().added());
  }
  EXPECT_THAT(JudgeJob(rig.places()).problems, IsEmpty());
}

TEST_F(Signalled, TwiceEndsAtOnceAndTheNextStartGoesOn) {
  JobRig& rig = NewSlowRig();
  const auto life = StartAndRead(rig);
  ASSERT_TRUE(broker().Kill().ok());
  life->Signal(SIGTERM);
  ASSERT_TRUE(life->WaitUntil(Said("stopping", "a second signal ends at once"), kSoon));
  EXPECT_FALSE(life->WaitForEnd(300ms).has_value()) << "its last checkpoint cannot be committed";
  life->Signal(SIGTERM);
  const auto ending = life->WaitForEnd(2s);
  ASSERT_TRUE(ending.has_value()) << "it waits on";
  EXPECT_EQ(ending->exit_code, 128 + SIGTERM);
  ASSERT_TRUE(broker().Restart().ok());
  rig.Define("execution.checkpointing.interval=60ms");
  EXPECT_THAT(rig.Finish(*StartJob(rig)).problems, IsEmpty());
}

TEST_F(BadLuck, ABrokerThatIsDownAtTheStartIsWaitedFor) {
  JobRig& rig = NewRig({.name = "down"});
  ASSERT_TRUE(rig.feed().Add(100).ok());
  ASSERT_TRUE(broker().Kill().ok());
  const auto life = StartJob(rig);
  EXPECT_TRUE(life->WaitUntil(Said("waiting_for_broker", broker().bootstrap()), kSoon));
  EXPECT_THAT(life->standing().messages["waiting_for_broker"], HasSubstr("trying again"));
  EXPECT_FALSE(life->standing().running);
  ASSERT_TRUE(broker().Restart().ok());
  EXPECT_TRUE(life->WaitUntil(Said("broker_is_back", "going on"), kSoon));
  EXPECT_THAT(rig.Finish(*life).problems, IsEmpty());
}

TEST_F(BadLuck, ABrokerThatGoesAwayWhileTheJobRunsIsWaitedFor) {
  JobRig& rig = NewRig({.name = "down"});
  const auto life = StartJob(rig);
  ASSERT_TRUE(rig.FeedUntil(*life, [](const Standing& now) { return now.commits > 1; }, kSoon));
  ASSERT_TRUE(broker().Kill().ok());
  EXPECT_TRUE(life->WaitUntil(Said("waiting_for_broker", broker().bootstrap()), kSoon));
  ASSERT_TRUE(broker().Restart().ok());
  EXPECT_TRUE(life->WaitUntil(Said("broker_is_back", "going on"), kSoon));
  ASSERT_TRUE(rig.feed().Add(100).ok());
  EXPECT_THAT(rig.Finish(*life).problems, IsEmpty());
}

}  // namespace
}  // namespace weir::test
