#include "state/state_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/hash.h"
#include "runtime/base/random.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class StateStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(instance_.Start().ok()); }

  void Fill(uint64_t n, int64_t keys = 50) {
    for (int64_t key = 0; key < keys; ++key) instance_.counts->Mutable(key) += static_cast<int64_t>(n);
    instance_.Checkpoint(n);
  }
  Status Restore(const StateSnapshot& snapshot, uint64_t n) {
    Instance other(*files_, base_, "job", "b");
    return other.Start(&snapshot, instance_.DirectoryOf(n));
  }
  std::string Read(const std::string& path) { return ReadWholeFile(*files_, path).value(); }
  void Overwrite(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(files_->RemoveFile(path).ok());   // a link: other checkpoints keep their bytes
    ASSERT_TRUE(WriteDurably(*files_, path, bytes).ok());
  }
  /// A checkpoint with a base and two deltas.
  const StateSnapshot& Rolled() {
    for (uint64_t n = 1; n <= 5; ++n) Fill(n);
    return instance_.snapshots.at(5);
  }

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  SimulatedBaseStoreFactory base_;
  Instance instance_{*files_, base_, "job", "a"};
};

TEST_F(StateStoreTest, NamesFilesAsTheFrozenFormatSays) {
  const StateSnapshot& snapshot = Rolled();
  ASSERT_EQ(snapshot.base.size(), 1u);
  ASSERT_EQ(snapshot.deltas.size(), 2u);
  EXPECT_EQ(snapshot.base[0].name, "agg-0.base-3.00000001.run");
  EXPECT_EQ(snapshot.deltas[0].name, "agg-0.delta-0000000004.sst");
  EXPECT_EQ(snapshot.ingested, CheckpointId{3});
}

TEST_F(StateStoreTest, KeepsEveryFileOfASnapshotInItsOwnDirectory) {
  const StateSnapshot snapshot = Rolled();
  for (uint64_t n = 1; n <= 4; ++n) ASSERT_TRUE(files_->RemoveTree(instance_.DirectoryOf(n)).ok());
  ASSERT_TRUE(files_->RemoveTree(instance_.options.work_directory).ok());
  EXPECT_TRUE(Restore(snapshot, 5).ok());
}

TEST_F(StateStoreTest, SavesNoMoreThanASliceAllows) {
  for (int64_t key = 0; key < 1000; ++key) instance_.counts->Mutable(key) = 1;
  instance_.Freeze(1);
  int slices = 1;
  while (!instance_.store->Advance(100)) ++slices;
  EXPECT_GE(slices, 10);
  EXPECT_LE(slices, 15);
}

TEST_F(StateStoreTest, FinishesTheOlderCheckpointAtTheNextBarrier) {
  instance_.counts->Mutable(1) = 1;
  instance_.Freeze(1);
  instance_.counts->Mutable(1) = 2;
  instance_.Freeze(2);
  EXPECT_EQ(instance_.queue.size(), 1u);
  instance_.Save();
  instance_.queue.RunAll();
  EXPECT_EQ(instance_.snapshots.size(), 2u);
}

TEST_F(StateStoreTest, ReportsOnlyAfterTheQueueRan) {
  instance_.counts->Mutable(1) = 1;
  instance_.Freeze(1);
  instance_.Save();
  EXPECT_TRUE(instance_.snapshots.empty());
  instance_.queue.RunAll();
  EXPECT_EQ(instance_.snapshots.count(1), 1u);
}

TEST_F(StateStoreTest, RollsWhenDeltasOutgrowTheBase) {
  instance_.options.roll_bytes_min = 100;
  instance_.options.roll_after_deltas = 100;
  instance_.options.work_directory = "job/work-c";
  ASSERT_TRUE(instance_.Start().ok());
  for (uint64_t n = 1; n <= 3; ++n) Fill(n);
  EXPECT_EQ(instance_.snapshots.at(2).ingested, CheckpointId{1});
  EXPECT_EQ(instance_.snapshots.at(3).deltas.size(), 2u);   // one delta is as large as the base, not larger
}

TEST_F(StateStoreTest, FailsThisAndEveryLaterCheckpointOnceASyncFailed) {
  Fill(1);
  files_->FailSync(1);
  Fill(2);
  Fill(3);
  EXPECT_EQ(instance_.failures.at(2).code(), Code::kIoError);
  EXPECT_EQ(instance_.failures.at(3), instance_.failures.at(2));
  EXPECT_EQ(instance_.snapshots.size(), 1u);
}

TEST_F(StateStoreTest, ReportsEveryFailingCallOfACheckpointAndARoll) {
  for (uint64_t call = 1; call < 100; ++call) {
    const auto files = disk_.NewProcess();
    Instance instance(*files, base_, "disk-" + std::to_string(call), "a");
    instance.options.roll_after_deltas = 1;
    ASSERT_TRUE(instance.Start().ok());
    for (uint64_t n = 1; n <= 3; ++n) ASSERT_TRUE(files->CreateDirectories(instance.DirectoryOf(n)).ok());
    const uint64_t before = files->changes();
    files->FailChange(call);
    for (uint64_t n = 1; n <= 3; ++n) {
      if (n == 3 && files->changes() - before < call) return;   // past the last call of two checkpoints and rolls
      instance.counts->Mutable(1) += 1;
      instance.store->Freeze(CheckpointId{n}, instance.DirectoryOf(n));
      instance.Save();
      instance.queue.RunAll();
    }
    ASSERT_EQ(instance.failures.count(3), 1u) << "call " << call;
    EXPECT_EQ(instance.failures.at(3).code(), Code::kIoError);
  }
  FAIL() << "two checkpoints make fewer than 100 calls";
}

TEST_F(StateStoreTest, RefusesEveryTruncationOfADelta) {
  Fill(1, 3);
  const StateSnapshot& snapshot = instance_.snapshots.at(1);
  const std::string path = JoinPath(instance_.DirectoryOf(1), snapshot.deltas[0].name);
  const std::string bytes = Read(path);
  for (size_t size = 0; size < bytes.size(); ++size) {
    Overwrite(path, bytes.substr(0, size));
    const Status status = Restore(snapshot, 1);
    ASSERT_EQ(status.code(), Code::kCorruption);
    ASSERT_THAT(status.message(), AllOf(HasSubstr(path), HasSubstr("--restore none")));
  }
}

TEST_F(StateStoreTest, RefusesFlippedBitsAndNamesTheFile) {
  const StateSnapshot snapshot = Rolled();
  SeededRandom random(7);
  for (const StateFile& file : {snapshot.base[0], snapshot.deltas[0], snapshot.deltas[1]}) {
    const std::string path = JoinPath(instance_.DirectoryOf(5), file.name);
    const std::string bytes = Read(path);
    for (int i = 0; i < 200; ++i) {
      std::string flipped = bytes;
      flipped[random.Below(bytes.size())] ^= static_cast<char>(1 << random.Below(8));
      Overwrite(path, flipped);
      const Status status = Restore(snapshot, 5);
      ASSERT_EQ(status.code(), Code::kCorruption) << "seed 7";
      ASSERT_THAT(status.message(), HasSubstr(path));
    }
    Overwrite(path, bytes);
  }
}

TEST_F(StateStoreTest, RefusesSwappedAndMissingFiles) {
  const StateSnapshot snapshot = Rolled();
  const std::string a = JoinPath(instance_.DirectoryOf(5), snapshot.deltas[0].name);
  const std::string b = JoinPath(instance_.DirectoryOf(5), snapshot.deltas[1].name);
  const std::string bytes = Read(a);
  Overwrite(a, Read(b));
  EXPECT_EQ(Restore(snapshot, 5).code(), Code::kCorruption);
  Overwrite(a, bytes);
  ASSERT_TRUE(files_->RemoveFile(b).ok());
  EXPECT_THAT(Restore(snapshot, 5).message(), HasSubstr("missing"));
}

TEST_F(StateStoreTest, RefusesASnapshotOfAnotherShapeWithBothValues) {
  Fill(1);
  const auto refuse = [&](auto change) {
    StateSnapshot other = instance_.snapshots.at(1);
    change(other);
    const Status status = Restore(other, 1);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return status.message();
  };
  EXPECT_THAT(refuse([](auto& s) { s.groups = {0, 4}; }), AllOf(HasSubstr("[0, 4)"), HasSubstr("[0, 8)")));
  EXPECT_THAT(refuse([](auto& s) { s.key_groups = 16; }), AllOf(HasSubstr("key groups"), HasSubstr("16")));
  EXPECT_THAT(refuse([](auto& s) { s.hash_version = 9; }), AllOf(HasSubstr("hash version"), HasSubstr("9")));
  EXPECT_THAT(refuse([](auto& s) { s.operator_id = "sum"; }), AllOf(HasSubstr("sum"), HasSubstr("agg")));
  EXPECT_THAT(refuse([](auto& s) { s.schemas[0].value = "text"; }),
              AllOf(HasSubstr("agg"), HasSubstr("counts"), HasSubstr("value type"), HasSubstr("text"),
                    HasSubstr(SchemaOf<int64_t>())));
  EXPECT_THAT(refuse([](auto& s) { s.schemas.pop_back(); }), HasSubstr("texts"));
  EXPECT_THAT(refuse([](auto& s) { s.schemas[1].state = "gone"; }), HasSubstr("gone"));
}

TEST_F(StateStoreTest, FindsItsStatesWhateverOrderTheProgramAddsThemIn) {
  instance_.texts->Mutable("a").sum = 4;
  Fill(1);
  Instance other(*files_, base_, "job", "b");
  StateStore store(other.options);
  auto& texts = store.AddValue<std::string, TextValue>("texts");
  auto& counts = store.AddValue<int64_t, int64_t>("counts");
  const RestoredState from{CheckpointId{1}, instance_.DirectoryOf(1), {instance_.snapshots.at(1)}};
  ASSERT_TRUE(store.Restore(&from).ok());
  EXPECT_EQ(texts.Find("a")->sum, 4);
  EXPECT_EQ(counts.keys(), 50u);
}

}  // namespace
}  // namespace weir::test
