// How far a job has read, for tools that watch lag: as offsets of a consumer group, of committed checkpoints only.
#include "runtime/engine/progress_board.h"
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using std::chrono::seconds;
using test::Bid;
using test::Job;
using test::LogCapture;
using test::Occurrences;
using test::Totals;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kGroup[] = "weir.totals.bids";

GroupOffsets Shown(Job& job) { return job.world().broker().OffsetsOfGroup(kGroup); }

/// Requests about the group only.
FaultPlan Fault(MemoryFault::Kind kind) {
  return [kind](const MemoryCallInfo& call) {
    return call.name == kGroup ? MemoryFault{.kind = kind} : MemoryFault{};
  };
}

TEST(Progress, IsWhereTheLastCheckpointStandsWhenAJobWasStopped) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10}).Add(Bid{2, 5}).Add(Bid{1, 7}, 1);
  ASSERT_TRUE(job.Stop().has_value());
  EXPECT_EQ(ReaderName("totals", "bids"), kGroup);
  EXPECT_EQ(Shown(job), (GroupOffsets{{{"bids", 0}, 2}, {{"bids", 1}, 1}}));
}

TEST(Progress, IsShownWhileAJobRuns) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job.Run().has_value());
  job.RunSteps(200);
  EXPECT_EQ(Shown(job), (GroupOffsets{{{"bids", 0}, 1}, {{"bids", 1}, 0}}));
}

TEST(Progress, IsNotThatOfRowsWhoseCheckpointWasNotCommitted) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10});
  ASSERT_FALSE(job.Run().has_value());
  job.RunSteps(200);
  job.world().broker().SetFaults([](const MemoryCallInfo& call) {
    return call.call == MemoryCall::kCommit ? MemoryFault{.kind = MemoryFault::Kind::kLost} : MemoryFault{};
  });
  job.Topic("bids").Add(Bid{1, 11});
  job.RunSteps(2000);
  EXPECT_EQ(Shown(job).at({"bids", 0}), 1);
}

TEST(Progress, ThatCannotBeShownHoldsUpNothing) {
  Job job(Totals());
  job.Topic("bids").Add(Bid{1, 10}).Add(Bid{1, 5});
  job.world().broker().SetFaults(Fault(MemoryFault::Kind::kLost));
  LogCapture log;
  const auto outcome = job.Stop();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kFinished) << outcome->status.ToString();
  EXPECT_EQ(test::Counted(job), 2);
  EXPECT_THAT(job.rebuilt_for(), IsEmpty());
  job.world().broker().SetFaults({});
  EXPECT_THAT(Shown(job), IsEmpty());
  EXPECT_EQ(Occurrences(log.Take(), "progress_not_shown"), 0) << "the next checkpoint may show it";
}

}  // namespace
}  // namespace weir
