// Timers of a Process operator by itself, where its time is not known: after a restart, before a first watermark, at the end.
#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "operators/process/process_operators.h"
#include "runtime/base/simulated_file_system.h"
#include "runtime/task/simulated_executor.h"
#include "runtime/time/time_policy.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Plan {
  int64_t key = 0;
  int64_t time = 0;
};
/// The timers that the next row sets, those below zero of processing time.
std::vector<int64_t> to_set;
struct Said {
  std::string text;
};

struct Planned : KeyedFunction<int64_t> {
  void OnRow(const int64_t&, const Plan&, Context& ctx, Collector<Said>& out) {
    out.Emit({"row, watermark " + std::to_string(ctx.watermark().millis)});
    for (const int64_t timer : to_set) {
      if (timer < 0) ctx.SetWallTimer(-timer);
      else ctx.SetTimer(EventTime{timer});
    }
  }
  void OnTimer(const int64_t&, Timer timer, Context&, Collector<Said>& out) {
    out.Emit({"timer " + std::to_string(timer.time.millis)});
  }
  void OnWallTimer(const int64_t&, WallTimer timer, Context& ctx, Collector<Said>& out) {
    out.Emit({"wall timer " + std::to_string(timer.wall_ms)});
    if (timer.wall_ms == 7) ctx.SetTimer(EventTime{50});
  }
};

class ProcessTimers : public testing::Test, public Emitter {
 protected:
  using Op = internal::ProcessRows<Plan, int64_t, int64_t Plan::*, Said, Planned>;

  ProcessTimers() { Start(nullptr); }

  Status Emit(uint32_t port, BatchPtr batch) override {
    if (batch == nullptr || port != kMainPort) return {};
    const auto& rows = static_cast<const Batch<Said>&>(*batch).rows;
    EXPECT_EQ(batch->times.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) said_.push_back(rows[i].text + " at " + std::to_string(batch->times[i].millis));
    return {};
  }

  void Row(int64_t time, std::vector<int64_t> timers, int64_t key = 1) {
    auto batch = std::make_unique<Batch<Plan>>();
    batch->rows.push_back({key, time});
    to_set = std::move(timers);
    batch->times.push_back(EventTime{time});
    batch->hashes.push_back(HashKey(key));
    ASSERT_TRUE(op_->Process(0, std::move(batch), *this).ok());
  }
  void Pass(EventTime watermark) {
    while (!op_->OnWatermark(watermark, *this).value()) {
    }
  }
  /// By the clock, as far as the operator asks for it.
  void Wall(int64_t now_ms) {
    while (op_->NextWallTimer() <= now_ms) ASSERT_TRUE(op_->OnWallTime(now_ms, *this).ok());
  }
  void Finish() { ASSERT_TRUE(op_->Finish(*this).ok()); }
  void Restart() {
    instance_->Checkpoint(++n_);
    const RestoredState from{CheckpointId{n_}, instance_->DirectoryOf(n_), {instance_->snapshots.at(n_)}};
    Start(&from);
  }
  std::vector<std::string> TakeSaid() { return std::exchange(said_, {}); }

  std::unique_ptr<Op> op_;

 private:
  void Start(const RestoredState* from) {
    auto instance = std::make_unique<Instance>(*files_, base_, "job", std::to_string(n_));
    op_ = std::make_unique<Op>(&Plan::key, Planned{}, std::make_shared<internal::SideOutputs>());
    instance->store = std::make_unique<StateStore>(instance->options);
    OperatorContext context;
    context.state = instance->store.get();
    context.groups = instance->options.groups;
    context.key_groups = instance->options.key_groups;
    context.has_times = true;
    context.clock = &clock_;
    ASSERT_TRUE(op_->Open(context).ok());
    ASSERT_TRUE(instance->store->Restore(from).ok());
    instance_ = std::move(instance);
  }

  SimulatedDisk disk_;
  std::unique_ptr<FileSystem> files_ = disk_.NewProcess();
  SimulatedBaseStoreFactory base_;
  SimulatedClock clock_;
  std::unique_ptr<Instance> instance_;
  std::vector<std::string> said_;
  uint64_t n_ = 0;
};

TEST_F(ProcessTimers, InThePastFireAtOnceInOrderAlsoBeforeTheFirstWatermarkOfARestart) {
  Pass(EventTime{100});
  Restart();
  Row(120, {90, 40, 100, 101});
  EXPECT_THAT(TakeSaid(), ElementsAre("row, watermark 100 at 120", "timer 40 at 120", "timer 90 at 120", "timer 100 at 120"));
  Pass(EventTime{80});
  EXPECT_THAT(TakeSaid(), IsEmpty());
  Row(120, {95});
  EXPECT_THAT(TakeSaid(), ElementsAre("row, watermark 100 at 120", "timer 95 at 120"));
  Pass(EventTime{200});
  EXPECT_THAT(TakeSaid(), ElementsAre("timer 101 at 101"));
}

TEST_F(ProcessTimers, OfTheClockHaveTheTimeOfTheWatermarkAlsoBeforeTheFirstOneOfARestart) {
  Row(10, {-5, -6});
  Pass(EventTime{100});
  TakeSaid();
  Wall(5);
  EXPECT_THAT(TakeSaid(), ElementsAre("wall timer 5 at 100"));
  Restart();
  Wall(10);
  EXPECT_THAT(TakeSaid(), ElementsAre("wall timer 6 at 100"));
}

TEST_F(ProcessTimers, OfTheClockHaveTheTimeOfTheLatestRowWhereThereNeverWasAWatermark) {
  Row(10, {-5, -6});
  Row(7, {});
  TakeSaid();
  Wall(5);
  EXPECT_THAT(TakeSaid(), ElementsAre("wall timer 5 at 10"));
}

TEST_F(ProcessTimers, OfTheClockWaitForEventTimeWhereNothingIsKnownOfIt) {
  Row(10, {-5});
  TakeSaid();
  Restart();
  Wall(10);
  EXPECT_THAT(TakeSaid(), IsEmpty());
  Pass(EventTime{30});
  Wall(10);
  EXPECT_THAT(TakeSaid(), ElementsAre("wall timer 5 at 30"));
}

TEST_F(ProcessTimers, OfTheClockFireBeforeWhatFollowsIsDrainedWithTheLastWatermark) {
  Row(10, {-5, 1000});
  Pass(EventTime{100});
  TakeSaid();
  Pass(kMaxEventTime);
  EXPECT_THAT(TakeSaid(), ElementsAre("timer 1000 at 1000", "wall timer 5 at 100"));
  Finish();
  EXPECT_THAT(TakeSaid(), IsEmpty());
}

TEST_F(ProcessTimers, OfTheClockAreDrainedInSteps) {
  std::vector<int64_t> timers;
  for (int64_t i = 1; i <= 10'000; ++i) timers.push_back(-i);
  Row(10, timers);
  TakeSaid();
  ASSERT_FALSE(op_->OnWatermark(kMaxEventTime, *this).value());
  EXPECT_LT(TakeSaid().size(), 5000u);
  Pass(kMaxEventTime);
  EXPECT_LT(TakeSaid().size(), 10'000u);
}

TEST_F(ProcessTimers, OfTheClockMaySetOneInThePastThatFiresAtOnce) {
  Row(10, {-7});
  Pass(EventTime{100});
  TakeSaid();
  Wall(7);
  EXPECT_THAT(TakeSaid(), ElementsAre("wall timer 7 at 100", "timer 50 at 50"));
}

TEST_F(ProcessTimers, OfTheClockMaySetMoreInThePastThanAStepFiresAndAllFire) {
  for (int64_t key = 0; key < 5000; ++key) Row(10, {-7}, key);
  Pass(EventTime{100});
  TakeSaid();
  Wall(7);
  EXPECT_THAT(TakeSaid(), testing::SizeIs(10'000));
}

TEST_F(ProcessTimers, ThatAreFarAwayGiveRowsATimeThatCanBeReckonedWith) {
  Row(10, {kMaxEventTime.millis - 1});
  TakeSaid();
  Pass(kMaxEventTime);
  EXPECT_THAT(TakeSaid(), ElementsAre("timer 9223372036854775806 at " + std::to_string(kEventTimeMillisMax)));
}

}  // namespace
}  // namespace weir::test
