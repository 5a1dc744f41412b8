#include "runtime/checkpoint/coordinator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/random.h"
#include "runtime/base/simulated_file_system.h"
#include "runtime/checkpoint/checkpoint_store.h"

namespace weir {
namespace {

using testing::HasSubstr;
using Phase = Coordinator::Phase;
using namespace std::chrono_literals;

/// A real permit: there is no other kind.
CommitPermit Permit(uint64_t n) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  CheckpointStore store(*files, CheckpointPaths("/c", "job"));
  EXPECT_TRUE(store.Open().ok());
  return store.WriteCurrent({{1, 1}, {CheckpointId{n}, {2, 2}}, std::string(64, 'a'), "", 0}).value();
}

template <class Action>
const Action* Only(const CoordinatorActions& actions) {
  return actions.size() == 1 ? std::get_if<Action>(&actions[0]) : nullptr;
}

struct CoordinatorTest : testing::Test {
  CoordinatorActions Progress(bool changed = true, uint64_t rows = 1) {
    return coordinator.OnProgress(rows, changed, now);
  }
  void Trigger() {
    now += 1s;
    ASSERT_NE(Only<TriggerBarrier>(Progress()), nullptr);
  }
  CoordinatorActions Acknowledge(uint32_t task) {
    return coordinator.OnTaskAcknowledged(coordinator.current(), task, now);
  }
  void ToCommitting() {
    const CheckpointId n = coordinator.current();
    (void)Acknowledge(0);
    ASSERT_NE(Only<WriteManifest>(Acknowledge(1)), nullptr);
    ASSERT_NE(Only<CommitCheckpoint>(coordinator.OnManifestDurable(n, now)), nullptr);
  }
  CoordinatorActions CommitAndPublish() {
    ToCommitting();
    const CheckpointId n = coordinator.current();
    EXPECT_NE(Only<PublishCheckpoint>(coordinator.OnCommitted(Permit(n.value()), now)), nullptr);
    return coordinator.OnPublished(n, now);
  }

  Instant now{};
  CoordinatorOptions options{.tasks = 2, .transactional_tasks = {}, .end_of_sources = RunEnd::kStop};
  Coordinator coordinator{options, CheckpointId{}, now};
};

TEST_F(CoordinatorTest, TriggersWhenTheIntervalIsOverAndSomethingChanged) {
  now += 999ms;
  EXPECT_TRUE(Progress().empty());
  EXPECT_EQ(coordinator.deadline(), Instant{} + 1s);
  now += 1ms;
  const CoordinatorActions actions = coordinator.OnTick(now);
  ASSERT_NE(Only<TriggerBarrier>(actions), nullptr);
  EXPECT_EQ(Only<TriggerBarrier>(actions)->n, CheckpointId{1});
  EXPECT_EQ(Only<TriggerBarrier>(actions)->kind, BarrierKind::kOrdinary);
}

TEST_F(CoordinatorTest, TriggersTheFirstBarrierOfAnEngineSoonerIfAskedTo) {
  CoordinatorOptions hasty = options;
  hasty.first_interval = 50ms;
  Coordinator soon{hasty, CheckpointId{}, now};
  EXPECT_TRUE(soon.OnProgress(1, true, now + 49ms).empty());
  EXPECT_NE(Only<TriggerBarrier>(soon.OnProgress(1, true, now + 50ms)), nullptr);
}

TEST_F(CoordinatorTest, TriggersTheFirstBarrierAtOnceWhereTheStartCounts) {
  CoordinatorOptions counting = options;
  counting.start_counts = true;
  Coordinator starts{counting, CheckpointId{}, now};
  EXPECT_EQ(starts.deadline(), now);
  ASSERT_NE(Only<TriggerBarrier>(starts.OnProgress(0, false, now)), nullptr);
  EXPECT_EQ(starts.current(), CheckpointId{1});
}

TEST_F(CoordinatorTest, StopsWithACheckpointWhereTheStartCountsAndNobodyKnowsItYet) {
  CoordinatorOptions counting = options;
  counting.start_counts = true;
  Coordinator starts{counting, CheckpointId{}, now};
  const CoordinatorActions actions = starts.OnStopRequested(RunEnd::kStop, now);
  ASSERT_NE(Only<TriggerBarrier>(actions), nullptr);
  EXPECT_EQ(Only<TriggerBarrier>(actions)->kind, BarrierKind::kStop);
}

TEST_F(CoordinatorTest, SkipsAnEpochWithoutChangesBeforeItsTrigger) {
  now += 10s;
  EXPECT_TRUE(Progress(false).empty());
  EXPECT_FALSE(coordinator.deadline().has_value());
  ASSERT_NE(Only<TriggerBarrier>(Progress()), nullptr);
  EXPECT_EQ(coordinator.current(), CheckpointId{1});
}

TEST_F(CoordinatorTest, CommitsOnlyWhatAllTasksAcknowledgedAndIsOnDisk) {
  Trigger();
  EXPECT_TRUE(Acknowledge(1).empty());
  EXPECT_THAT(coordinator.WaitingFor(), HasSubstr("task 0"));
  EXPECT_NE(Only<WriteManifest>(Acknowledge(0)), nullptr);
  EXPECT_EQ(coordinator.phase(), Phase::kPreparing);
  EXPECT_NE(Only<CommitCheckpoint>(coordinator.OnManifestDurable(CheckpointId{1}, now)), nullptr);
  EXPECT_EQ(coordinator.phase(), Phase::kCommitting);
}

TEST_F(CoordinatorTest, TriggersTheNextOnlyAfterTheLastWasPublished) {
  Trigger();
  ToCommitting();
  now += 5s;
  EXPECT_TRUE(Progress().empty());
  EXPECT_NE(Only<PublishCheckpoint>(coordinator.OnCommitted(Permit(1), now)), nullptr);
  EXPECT_TRUE(coordinator.OnTick(now).empty());
  const CoordinatorActions actions = coordinator.OnPublished(CheckpointId{1}, now);
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<CollectCheckpoints>(actions[0]));
  EXPECT_EQ(std::get<TriggerBarrier>(actions[1]).n, CheckpointId{2});
}

TEST(Coordinator, WaitsForTheLeastPause) {
  Coordinator coordinator({.tasks = 1, .transactional_tasks = {}, .min_pause = 3s}, CheckpointId{}, {});
  EXPECT_TRUE(coordinator.OnProgress(1, true, Instant{} + 2s).empty());
  EXPECT_EQ(coordinator.deadline(), Instant{} + 3s);
  EXPECT_FALSE(coordinator.OnTick(Instant{} + 3s).empty());
}

TEST(Coordinator, TriggersByRowsAndByTimeInAReplay) {
  Coordinator coordinator({.tasks = 1, .transactional_tasks = {}, .interval = 5s, .rows_per_barrier = 100},
                          CheckpointId{}, {});
  EXPECT_TRUE(coordinator.OnProgress(99, true, Instant{}).empty());
  EXPECT_NE(Only<TriggerBarrier>(coordinator.OnProgress(100, true, Instant{})), nullptr);
  Coordinator slow({.tasks = 1, .transactional_tasks = {}, .interval = 5s, .rows_per_barrier = 100},
                   CheckpointId{}, {});
  EXPECT_NE(Only<TriggerBarrier>(slow.OnProgress(3, true, Instant{} + 5s)), nullptr);
}

TEST_F(CoordinatorTest, GivesUpACheckpointThatTakesTooLong) {
  Trigger();
  (void)Acknowledge(0);
  EXPECT_EQ(coordinator.deadline(), now + 40s);
  now += 40s;
  const CoordinatorActions actions = coordinator.OnTick(now);
  ASSERT_NE(Only<AbortEngine>(actions), nullptr);
  EXPECT_EQ(Only<AbortEngine>(actions)->status.code(), Code::kAborted);
  EXPECT_THAT(Only<AbortEngine>(actions)->status.message(), HasSubstr("task 1 did not acknowledge"));
  EXPECT_TRUE(Acknowledge(1).empty());
}

TEST_F(CoordinatorTest, LeavesACommitThatTakesLongToTheCommitProtocol) {
  Trigger();
  ToCommitting();
  EXPECT_FALSE(coordinator.deadline().has_value());
  EXPECT_TRUE(coordinator.OnTick(now + 1h).empty());
}

TEST_F(CoordinatorTest, StopsWithALastCheckpointOfWhatChanged) {
  (void)Progress();
  const CoordinatorActions actions = coordinator.OnStopRequested(RunEnd::kStop, now);
  ASSERT_NE(Only<TriggerBarrier>(actions), nullptr);
  EXPECT_EQ(Only<TriggerBarrier>(actions)->kind, BarrierKind::kStop);
  const CoordinatorActions end = CommitAndPublish();
  ASSERT_EQ(end.size(), 2u);
  EXPECT_EQ(std::get<FinishRun>(end[1]).last, CheckpointId{1});
  EXPECT_EQ(coordinator.phase(), Phase::kFinished);
}

TEST_F(CoordinatorTest, StopsAtOnceWhereNothingChanged) {
  EXPECT_NE(Only<FinishRun>(coordinator.OnStopRequested(RunEnd::kStop, now)), nullptr);
}

TEST_F(CoordinatorTest, DrainsWithAFinalCheckpointThoughNothingChanged) {
  const CoordinatorActions actions = coordinator.OnStopRequested(RunEnd::kDrain, now);
  ASSERT_NE(Only<TriggerBarrier>(actions), nullptr);
  EXPECT_EQ(Only<TriggerBarrier>(actions)->kind, BarrierKind::kDrain);
}

TEST_F(CoordinatorTest, EndsAfterTheCheckpointInFlightWhenSourcesEnd) {
  Trigger();
  EXPECT_TRUE(coordinator.OnSourcesEnded(now).empty());
  const CoordinatorActions actions = CommitAndPublish();
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(std::get<TriggerBarrier>(actions[1]).kind, BarrierKind::kStop);
  EXPECT_EQ(CommitAndPublish().size(), 2u);
  EXPECT_EQ(coordinator.phase(), Phase::kFinished);
}

TEST_F(CoordinatorTest, EndsTheEngineAtAnyFailureAndOnlyOnce) {
  Trigger();
  EXPECT_NE(Only<AbortEngine>(coordinator.OnFailed(IoError("disk"))), nullptr);
  EXPECT_TRUE(coordinator.OnFailed(IoError("again")).empty());
}

TEST(Coordinator, FlushesTransactionalSinksBesideTheSnapshots) {
  Coordinator c({.tasks = 3, .transactional_tasks = {1, 2}}, CheckpointId{4}, {});
  const CheckpointId n{5};
  EXPECT_TRUE(c.OnProgress(1, true, Instant{} + 1s).empty()) << "epoch 5 is not open yet";
  ASSERT_NE(Only<TriggerBarrier>(c.OnEpochOpened(n, Instant{} + 1s)), nullptr);
  EXPECT_TRUE(c.OnTaskSealed(n, 2, {}).empty());
  EXPECT_NE(Only<FlushSinks>(c.OnTaskSealed(n, 1, {})), nullptr);
  for (const uint32_t task : {0u, 1u}) EXPECT_TRUE(c.OnTaskAcknowledged(n, task, {}).empty());
  EXPECT_NE(Only<WriteManifest>(c.OnTaskAcknowledged(n, 2, {})), nullptr);
  EXPECT_TRUE(c.OnManifestDurable(n, {}).empty());
  EXPECT_NE(Only<CommitCheckpoint>(c.OnSinksFlushed(n, {})), nullptr);
}

TEST_F(CoordinatorTest, DiesOfAnAcknowledgementOfAnotherCheckpoint) {
  Trigger();
  EXPECT_DEATH((void)coordinator.OnTaskAcknowledged(CheckpointId{2}, 0, now), "acknowledgement of checkpoint 2");
}

}  // namespace
}  // namespace weir
