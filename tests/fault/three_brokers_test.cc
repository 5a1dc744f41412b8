// Three brokers, of which two must have what counts as written: one is killed in each state that a transaction has at
// its coordinator, or is cut off; and the job is left alone with one that can write nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/fault/harness/cluster.h"
#include "tests/fault/harness/job_rig.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using Clock = std::chrono::steady_clock;

constexpr Millis kSoon = 90s;
/// Before a person, who sees no output, wonders why.
constexpr Millis kSaysSo = 8s;
constexpr Millis kLook{20};
constexpr uint64_t kCommits = 3;

/// Where the job's third epoch is when the node dies. Occurrences as in crash_plan.cc: the claim's is the first.
struct Moment {
  const char* name;
  const char* points;    ///< Where the job stops, the last one until the node is dead.
  bool markers_held;     ///< From the first stop on: the coordinator cannot end the transaction.
  const char* state;     ///< Of the transaction, as the coordinator tells it.
};
const std::vector<Moment> kMoments{
    {"nothing open", "", false, "CompleteCommit"},
    {"records produced", "kafka.batch_acknowledged:20:stop", false, "Ongoing"},
    {"EndTxn sent", "commit.begun:4:stop,kafka.end_txn_written:4:stop", true, "PrepareCommit"},
    {"EndTxn answered", "commit.begun:4:stop,commit.returned:4:stop", true, "PrepareCommit"},
    {"committed, not witnessed", "commit.returned:4:stop", false, "CompleteCommit"},
};

enum class Victim { kCoordinator, kLeader };
const char* NameOf(Victim victim) { return victim == Victim::kCoordinator ? "coordinator" : "leader of output"; }

/// What the job's log warns of when it cannot commit; empty while it says nothing. A start on a busy machine may have been
/// slow enough to be told as well.
std::string WhyItWaits(const Standing& standing) {
  const auto warned = standing.messages.find("waiting_for_commit");
  const bool says = warned != standing.messages.end() && warned->second.find("cannot be committed") != std::string::npos;
  return says ? warned->second : "";
}

double SecondsSince(Clock::time_point began) { return std::chrono::duration<double>(Clock::now() - began).count(); }

class ThreeBrokers : public testing::Test {
 protected:
  void SetUp() override {
    auto started = Cluster::Start(folder_ + "/kafka");
    ASSERT_TRUE(started.ok()) << started.status().message();
    cluster_ = std::move(started).value();
  }
  void TearDown() override {
    if (rig_ != nullptr && HasFailure()) std::printf("see %s\n", rig_->keep().c_str());
    rig_.reset();
    cluster_.reset();
    std::filesystem::remove_all(folder_);
  }

  struct Case {
    std::string name;
    std::function<void()> run;
  };
  std::vector<Case> AllCases() {
    std::vector<Case> cases;
    for (const Victim victim : {Victim::kCoordinator, Victim::kLeader}) {
      for (const Moment& moment : kMoments) {
        cases.push_back({fmt::format("{} killed, {}", NameOf(victim), moment.name),
                         [=, this] { Kill(victim, moment); }});
      }
    }
    for (const Cut cut : {Cut::kRefused, Cut::kSilent}) {
      cases.push_back({fmt::format("coordinator cut off, {}", NameOf(cut)), [=, this] { CutOffOne(cut); }});
      cases.push_back({fmt::format("majority cut off, {}", NameOf(cut)), [=, this] { CutOffTwo(cut); }});
      // Then the outcome is unknown, and stays so until the cut is mended.
      cases.push_back({fmt::format("majority cut off beyond the commit's deadline, {}", NameOf(cut)), [=, this] {
        rig_->Define("execution.checkpointing.commit-deadline=5s");
        CutOffTwo(cut);
      }});
    }
    return cases;
  }
  /// All in a full run, or those whose name WEIR_TEST_CASES is a part of; else one that no time-out makes long.
  std::vector<Case> CasesOfThisRun(uint64_t seed) {
    std::vector<Case> cases = AllCases();
    const auto keep = [&](const std::string& part, bool wanted) {
      std::erase_if(cases, [&](const Case& one) { return (one.name.find(part) != std::string::npos) != wanted; });
    };
    const char* wanted = std::getenv("WEIR_TEST_CASES");
    if (wanted != nullptr && *wanted != '\0') {
      keep(wanted, true);
    } else if (!IsFullRun()) {
      keep(NameOf(Cut::kSilent), false);
      keep("beyond", false);
      std::mt19937_64 random(seed);
      cases = {cases[random() % cases.size()]};
    }
    return cases;
  }

  /// Prints one line for the case when it is over.
  void Run(const Case& one, uint64_t seed) {
    SCOPED_TRACE(one.name);
    const auto began = Clock::now();
    rig_.reset();
    auto made = JobRig::New({.bootstrap = cluster_->bootstrap(), .name = "three", .seed = seed});
    ASSERT_TRUE(made.ok()) << made.status().message();
    rig_ = std::move(made).value();
    note_.clear();
    ASSERT_TRUE(InputIsKnownToAll());
    one.run();
    std::printf("%s %-55s %5.1f s  %s\n", HasFailure() ? "FAIL" : "ok  ", one.name.c_str(), SecondsSince(began),
                note_.c_str());
    std::fflush(stdout);
  }

  /// Nodes hear of a new topic one after the other.
  bool InputIsKnownToAll() {
    const auto until = Clock::now() + kSoon;
    for (int node = 1; node <= kNodes; ++node) {
      while (!cluster_->PartitionsOf(node, rig_->places().input).ok()) {
        if (Clock::now() > until) return false;
        rd_kafka_poll(rig_->feed().client(), static_cast<int>(kLook.count()));
      }
    }
    return true;
  }
  std::string transactional_id() const { return "weir." + rig_->places().job; }
  Cluster& cluster() { return *cluster_; }

  /// Asks again until the answer is right; false if it never was.
  template <class IsRight>
  bool Await(JobLife& life, IsRight is_right) {
    for (const auto until = Clock::now() + kSoon; Clock::now() < until;) {
      if (is_right()) return true;
      (void)life.WaitUntil(Never, kLook);
    }
    return false;
  }
  int CoordinatorSeenBy(JobLife& life, int asked) {
    int coordinator = 0;
    EXPECT_TRUE(Await(life, [&] {
      const Result<int> answer = cluster().CoordinatorOf(asked, transactional_id());
      if (answer.ok()) coordinator = *answer;
      return answer.ok();
    })) << "node " << asked << " knows no coordinator";
    return coordinator;
  }
  std::vector<int> LeadersSeenBy(int asked) {
    const auto partitions = cluster().PartitionsOf(asked, rig_->places().topic);
    EXPECT_TRUE(partitions.ok()) << partitions.status().message();
    std::vector<int> leaders;
    if (!partitions.ok()) return leaders;
    for (const PartitionFacts& partition : *partitions) leaders.push_back(partition.leader);
    return leaders;
  }
  static int OtherThan(int node) { return node % kNodes + 1; }

  void BringTo(const Moment& moment, JobLife& life) {
    if (*moment.points == '\0') {
      ASSERT_TRUE(rig_->FeedUntil(life, [](const Standing& now) { return now.commits >= kCommits; }, kSoon));
      const Status all = rig_->WaitForOutput(life, kSoon);
      ASSERT_TRUE(all.ok()) << all.message();
    } else {
      ASSERT_TRUE(rig_->FeedUntilStop(life, kSoon)) << "the job did not come so far";
    }
    if (!moment.markers_held) return;
    cluster().network().HoldMarkers();
    life.Signal(SIGCONT);
    ASSERT_TRUE(life.WaitForStop(kSoon)) << "the job did not come to the end of the transaction";
  }

  /// Under load, until it has committed some more than `before`.
  bool GoesOn(JobLife& life, uint64_t before) {
    return rig_->FeedUntil(life, [=](const Standing& now) { return now.commits > before + kCommits; }, kSoon);
  }
  /// With a node away, which the job cannot know of: from now on it does what it can.
  void ExpectToGoOnWithout(int node, JobLife& life, uint64_t before) {
    const auto began = Clock::now();
    life.Signal(SIGCONT);
    EXPECT_TRUE(GoesOn(life, before)) << "without node " << node;
    EXPECT_NE(CoordinatorSeenBy(life, OtherThan(node)), node);
    EXPECT_THAT(LeadersSeenBy(OtherThan(node)), testing::Not(testing::Contains(node)));
    note_ = fmt::format("without node {} for {:.1f} s, {} engines built anew", node, SecondsSince(began),
                        life.standing().restarts);
  }
  void ExpectToGoOnAndBeRight(JobLife& life) {
    EXPECT_TRUE(GoesOn(life, life.standing().commits)) << "with all nodes there again";
    const JobPlaces& places = rig_->places();
    const auto whole = [&](const Standing&) {
      return cluster().IsWhole({places.input, places.topic, "weir.markers." + places.job});
    };
    EXPECT_TRUE(rig_->FeedUntil(life, whole, kSoon)) << "not all replicas are in sync again";
    EXPECT_THAT(rig_->Finish(life).problems, IsEmpty());
  }

  void Kill(Victim kind, const Moment& moment) {
    auto life = rig_->Start(moment.points);
    ASSERT_TRUE(life.ok());
    ASSERT_NO_FATAL_FAILURE(BringTo(moment, **life));
    const int coordinator = CoordinatorSeenBy(**life, 1);
    std::string state;
    ASSERT_TRUE(Await(**life, [&] {
      const Result<std::string> answer = cluster().TransactionStateOf(coordinator, transactional_id());
      state = answer.ok() ? *answer : answer.status().message();
      return state == moment.state;
    })) << "the transaction is " << state << ", not " << moment.state;
    int victim = coordinator;
    if (kind == Victim::kLeader) {
      const std::vector<int> leaders = LeadersSeenBy(coordinator);
      const auto beside = std::ranges::find_if(leaders, [&](int leader) { return leader != coordinator; });
      ASSERT_NE(beside, leaders.end()) << "the coordinator leads everything";
      victim = *beside;
    }
    const uint64_t before = (*life)->standing().commits;
    ASSERT_TRUE(cluster().node(victim).Kill().ok());
    cluster().network().ReleaseMarkers();
    ExpectToGoOnWithout(victim, **life, before);
    ASSERT_TRUE(cluster().node(victim).Restart().ok());
    ExpectToGoOnAndBeRight(**life);
  }

  /// The coordinator, which has the job in the middle of a commit, is alone; the job is with the others.
  void CutOffOne(Cut cut) {
    auto life = rig_->Start("commit.begun:4:stop");
    ASSERT_TRUE(life.ok() && rig_->FeedUntilStop(**life, kSoon));
    const int coordinator = CoordinatorSeenBy(**life, 1);
    const uint64_t before = (*life)->standing().commits;
    cluster().network().CutOff({coordinator}, cut);
    ExpectToGoOnWithout(coordinator, **life, before);
    EXPECT_GT(cluster().network().hit(), 0u);
    EXPECT_THAT(LeadersSeenBy(coordinator), testing::Contains(coordinator)) << "it should not know what it missed";
    cluster().network().Mend();
    ExpectToGoOnAndBeRight(**life);
  }

  /// The coordinator, which has the job in the middle of a commit, is alone with it.
  void CutOffTwo(Cut cut) {
    auto life = rig_->Start("commit.begun:4:stop");
    ASSERT_TRUE(life.ok() && rig_->FeedUntilStop(**life, kSoon));
    const int coordinator = CoordinatorSeenBy(**life, 1);
    const int other = OtherThan(coordinator);
    const uint64_t before = (*life)->standing().commits;
    cluster().network().CutOff({other, OtherThan(other)}, cut);
    const auto began = Clock::now();
    (*life)->Signal(SIGCONT);
    EXPECT_TRUE((*life)->WaitUntil([](const Standing& now) { return !WhyItWaits(now).empty(); }, kSaysSo))
        << "the job does not say that it cannot commit";
    note_ = fmt::format("after {:.1f} s it says: {}", SecondsSince(began), WhyItWaits((*life)->standing()));
    EXPECT_TRUE(Await(**life, [&] { return CoordinatorSeenBy(**life, other) != coordinator; }))
        << "the majority did not go on";
    EXPECT_EQ((*life)->standing().commits, before);
    EXPECT_GT(cluster().network().hit(), 0u);
    cluster().network().Mend();
    ExpectToGoOnAndBeRight(**life);
    note_ += fmt::format("; {} engines built anew", (*life)->standing().restarts);
  }

 private:
  const std::string folder_ = NewTestFolder();
  std::string note_;   ///< What became of the case.
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<JobRig> rig_;
};

TEST_F(ThreeBrokers, LoseAndDoubleNothingWhenOneIsKilledOrSomeCannotSeeTheOthersAndWithoutTwoTheJobWaits) {
  const uint64_t seed = TestSeed();
  const std::vector<Case> cases = CasesOfThisRun(seed);
  ASSERT_FALSE(cases.empty()) << "WEIR_TEST_CASES is part of no case's name";
  for (const Case& one : cases) ASSERT_NO_FATAL_FAILURE(Run(one, seed));
}

}  // namespace
}  // namespace weir::test
