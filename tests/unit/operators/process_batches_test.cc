// The Process operator by itself: the same result at any size of batches, restored into a new instance at any pause, and
// time in whatever steps it comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "operators/key_by.h"
#include "operators/process/process_operators.h"
#include "runtime/base/simulated_file_system.h"
#include "runtime/task/operator.h"
#include "tests/support/run_scale.h"
#include "tests/unit/operators/process_windows.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

/// Counts, and never stops a job.
struct NoLimit final : PoisonBudget {
  Status Charge(const std::string&) override {
    ++charged;
    return {};
  }
  int charged = 0;
};

/// What an operator emits.
class Taken final : public Emitter {
 public:
  Status Emit(uint32_t port, BatchPtr batch) override {
    if (batch == nullptr || batch->size() == 0) return {};
    EXPECT_EQ(batch->times.size(), batch->size());
    EXPECT_TRUE(batch->late.empty() || batch->late.size() == batch->size());
    if (port == kMainPort) {
      auto& rows = static_cast<Batch<WindowSum>&>(*batch).rows;
      for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(batch->times[i].millis, rows[i].end) << "a timer's own time";
      sums.insert(rows.begin(), rows.end());
    } else {
      EXPECT_EQ(port, kFirstSidePort);
      auto& rows = static_cast<Batch<Lateness>&>(*batch).rows;
      for (size_t i = 0; i < rows.size(); ++i) EXPECT_TRUE(batch->is_late(i));
      late.insert(rows.begin(), rows.end());
    }
    return {};
  }
  std::multiset<WindowSum> sums;
  std::multiset<Lateness> late;
};

/// One operator with its state.
class Rig {
 public:
  using Op = internal::ProcessRows<Event, int64_t, int64_t Event::*, WindowSum, Windows>;

  Rig(FileSystem& files, BaseStoreFactory& base, const std::string& attempt, const RestoredState* from)
      : instance(files, base, "job", attempt) {
    auto sides = std::make_shared<internal::SideOutputs>();
    sides->taken.push_back({kLate.name, &typeid(Lateness), kFirstSidePort});
    op = std::make_unique<Op>(&Event::key, Windows{}, sides);
    instance.store = std::make_unique<StateStore>(instance.options);
    OperatorContext context;
    context.operator_id = "windows";
    context.state = instance.store.get();
    context.groups = instance.options.groups;
    context.key_groups = instance.options.key_groups;
    context.has_times = true;
    context.poison = &limit;
    Status status = op->Open(context);
    if (status.ok()) status = instance.store->Restore(from);
    WEIR_CHECK(status.ok(), status.ToString());
  }

  RestoredState Checkpoint(uint64_t n) {
    instance.Checkpoint(n);
    return {CheckpointId{n}, instance.DirectoryOf(n), {instance.snapshots.at(n)}};
  }

  NoLimit limit;
  Instance instance;
  std::unique_ptr<Op> op;
};

struct Shape {
  size_t batch_rows;
  bool restore_at_each_pause;
};

class ProcessShapes : public testing::TestWithParam<Shape> {};

TEST_P(ProcessShapes, MakeTheSame) {
  for (uint64_t seed = 1; seed <= ModelSeeds(5); ++seed) {
    SimulatedDisk disk;
    const auto files = disk.NewProcess();
    SimulatedBaseStoreFactory base;
    SeededRandom random(seed);
    Reference reference;
    Taken taken;
    auto rig = std::make_unique<Rig>(*files, base, "0", nullptr);
    uint64_t pauses = 0;
    int64_t now = 100;
    int64_t greatest = -1;
    for (int rows = 0; rows < 2000;) {
      auto batch = std::make_unique<Batch<Event>>();
      for (size_t i = 0; i < GetParam().batch_rows; ++i, ++rows) {
        now += static_cast<int64_t>(random.Below(12));
        const Event event{static_cast<int64_t>(random.Below(12)), std::max<int64_t>(0, now - static_cast<int64_t>(random.Below(80))),
                          static_cast<int64_t>(random.Below(8))};
        reference.Take(event, 0);
        batch->rows.push_back(event);
        batch->hashes.push_back(HashKey(event.key));
        batch->times.push_back(EventTime{event.time});
        const bool late = greatest >= 0 && event.time < greatest - kDisorder;
        batch->late.push_back(late ? EventTime{greatest - kDisorder} : kMinEventTime);
        greatest = std::max(greatest, event.time);
      }
      ASSERT_TRUE(rig->op->Process(0, std::move(batch), taken).ok());
      if (!random.OneIn(3)) {
        while (!rig->op->OnWatermark(EventTime{greatest - kDisorder}, taken).value()) {
        }
      }
      if (!GetParam().restore_at_each_pause || (GetParam().batch_rows < 7 && !random.OneIn(20))) continue;
      const RestoredState from = rig->Checkpoint(++pauses);
      rig = std::make_unique<Rig>(*files, base, std::to_string(pauses), &from);
    }
    while (!rig->op->OnWatermark(kMaxEventTime, taken).value()) {
    }
    EXPECT_EQ(taken.sums, reference.Sums()) << "seed " << seed;
    EXPECT_EQ(taken.late, reference.late) << "seed " << seed;
    EXPECT_EQ(rig->limit.charged, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Batches, ProcessShapes,
                         testing::Values(Shape{1, false}, Shape{7, false}, Shape{1024, false}, Shape{1, true}, Shape{7, true},
                                         Shape{1024, true}),
                         [](const testing::TestParamInfo<Shape>& shape) {
                           return "Of" + std::to_string(shape.param.batch_rows) + "Rows" +
                                  (shape.param.restore_at_each_pause ? "RestoredAtEachPause" : "");
                         });

}  // namespace
}  // namespace weir::test
