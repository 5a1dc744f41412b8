// Random lives of a StateStore against a plain map: every checkpoint must restore to the image at its barrier.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "runtime/base/crash_point.h"
#include "runtime/base/posix_file_system.h"
#include "runtime/base/random.h"
#include "state/rocksdb_base_store.h"
#include "tests/support/run_scale.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

/// A seeded life: updates, erases, barriers, slices, queue jobs in any order.
class Life {
 public:
  Life(uint64_t seed, Instance& instance, uint64_t first_checkpoint)
      : random_(seed), instance_(instance), next_(first_checkpoint), keys_(uint64_t{1} << random_.Below(11)) {}

  void Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 80) {
      Touch();
    } else if (dice < 84) {
      if (instance_.Freeze(next_)) images[next_++] = ImageOf(instance_);
    } else if (dice < 93) {
      instance_.store->Advance(1 + random_.Below(40));
    } else {
      instance_.queue.RunOne();
    }
  }
  void Finish() {
    instance_.Save();
    instance_.queue.RunAll();
  }

  std::map<uint64_t, Image> images;

 private:
  void Touch() {
    const auto key = static_cast<int64_t>(random_.Below(keys_));
    const std::string text = "key-" + std::to_string(key) + std::string(random_.Below(3) == 0 ? 1 : 0, '\0');
    switch (random_.Below(7)) {
      case 0: instance_.counts->Erase(key); break;
      case 1: instance_.texts->Erase(text); break;
      case 2: case 3: instance_.texts->Mutable(text) = {key, std::string(random_.Below(50), 'x')}; break;
      case 4:
        if (int64_t* count = instance_.counts->FindMutable(key, HashKey(key))) *count += 5;
        break;
      default: instance_.counts->Mutable(key) += static_cast<int64_t>(random_.Below(9)) + 1;
    }
  }

  SeededRandom random_;
  Instance& instance_;
  uint64_t next_;
  const uint64_t keys_;
};

/// True if every finished checkpoint that still has its directory restores to its image.
::testing::AssertionResult AllRestore(FileSystem& files, BaseStoreFactory& base, const std::string& root,
                                      Instance& lived, const std::map<uint64_t, Image>& images) {
  for (const auto& [n, snapshot] : lived.snapshots) {
    Instance restored(files, base, root, "check-" + std::to_string(n));
    const Status status = restored.Start(&snapshot, lived.DirectoryOf(n));
    if (!status.ok()) return ::testing::AssertionFailure() << "checkpoint " << n << ": " << status.ToString();
    if (ImageOf(restored) != images.at(n)) return ::testing::AssertionFailure() << "checkpoint " << n << " differs";
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult LiveAndRestore(uint64_t seed, bool save_on_first_touch) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  Instance instance(*files, base, "job", "a");
  instance.options.defences.save_on_first_touch = save_on_first_touch;
  const Status started = instance.Start();
  if (!started.ok()) return ::testing::AssertionFailure() << started.ToString();
  Life life(seed, instance, 1);
  for (int i = 0; i < 1500; ++i) life.Step();
  life.Finish();
  if (instance.snapshots.size() != life.images.size()) return ::testing::AssertionFailure() << "not all were reported";
  return AllRestore(*files, base, "job", instance, life.images) << " (seed " << seed << ")";
}

TEST(StateStoreModel, RestoresTheFrozenImageFromEveryCheckpoint) {
  for (uint64_t seed = 1; seed <= ModelSeeds(300); ++seed) ASSERT_TRUE(LiveAndRestore(seed, true));
}

TEST(StateStoreModel, RestoresWrongImagesWithoutSaveOnFirstTouch) {
  int damaged = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) damaged += LiveAndRestore(seed, false) ? 0 : 1;
  EXPECT_GT(damaged, 10);
}

/// The newest reported checkpoint whose directory was synced, as the manifest's writer would have done.
struct Survivor {
  uint64_t n = 0;
  StateSnapshot snapshot;
  Image image;
};

/// Lives until the disk kills the process, then crashes the machine. The snapshots reported so far were made durable.
Survivor LiveUntilKilled(SimulatedDisk& disk, uint64_t seed, Survivor from) {
  const auto files = disk.NewProcess();
  SeededRandom random(seed);
  SimulatedBaseStoreFactory base;
  Instance instance(*files, base, "job", std::to_string(seed));
  instance.options.on_snapshot = [&](CheckpointId n, Result<StateSnapshot> result) {
    if (!result.ok() || !files->SyncDirectory(instance.DirectoryOf(n.value())).ok()) return;
    if (files->SyncDirectory("job").ok()) instance.snapshots.insert_or_assign(n.value(), *result);
  };
  files->KillAtChange(20 + random.Below(300));
  const bool fresh = from.n == 0;
  if (!instance.Start(fresh ? nullptr : &from.snapshot, instance.DirectoryOf(from.n)).ok()) return from;
  EXPECT_EQ(ImageOf(instance), from.image) << "seed " << seed << ", checkpoint " << from.n;
  Life life(seed, instance, from.n + 1);
  for (int i = 0; i < 5000 && !files->killed(); ++i) life.Step();
  if (instance.snapshots.empty()) return from;
  const auto& [n, snapshot] = *instance.snapshots.rbegin();
  return {n, snapshot, life.images.at(n)};
}

TEST(StateStoreModel, GoesOnFromTheLastDurableCheckpointAfterAnyCrash) {
  for (uint64_t seed = 1; seed <= ModelSeeds(100); ++seed) {
    SimulatedDisk disk;
    SeededRandom crash(seed);
    Survivor survivor;
    for (uint64_t attempt = 0; attempt < 6; ++attempt) {
      survivor = LiveUntilKilled(disk, seed * 100 + attempt, survivor);
      disk.Crash(crash);
      // What failed halfway is in the way of the same number's next attempt; in production its name has the attempt.
      const auto files = disk.NewProcess();
      ASSERT_TRUE(files->CreateDirectories("job").ok());
      for (uint64_t n = survivor.n + 1; n < survivor.n + 200; ++n) {
        ASSERT_TRUE(files->RemoveTree("job/chk-" + std::to_string(n)).ok());
      }
    }
  }
}

TEST(StateStoreModel, SurvivesARollCutOffAtEachOfItsPoints) {
  for (const char* point : {"state.roll_merged", "state.roll_ingested", "state.roll_linked"}) {
    SimulatedDisk disk;
    auto files = disk.NewProcess();
    SimulatedBaseStoreFactory base;
    Instance instance(*files, base, "job", "a");
    ASSERT_TRUE(instance.Start().ok());
    ArmedCrashPoint armed(point, 1, [&] { files->Kill(); });
    for (uint64_t n = 1; n <= 3; ++n) {
      for (int64_t key = 0; key < 100; ++key) instance.counts->Mutable(key) += 1;
      instance.Checkpoint(n);
    }
    ASSERT_EQ(armed.hits(), 1u) << point;
    const Image image = ImageOf(instance);
    const auto successor = disk.NewProcess();
    Instance restored(*successor, base, "job", "b");
    ASSERT_TRUE(restored.Start(&instance.snapshots.at(3), instance.DirectoryOf(3)).ok()) << point;
    EXPECT_EQ(ImageOf(restored), image) << point;
  }
}

class RealDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = (std::filesystem::temp_directory_path() / ("weir-state-" + SystemRandom().NewId().ToString())).string();
    ASSERT_TRUE(files_.CreateDirectories(root_).ok());
  }
  void TearDown() override { EXPECT_TRUE(files_.RemoveTree(root_).ok()); }

  PosixFileSystem files_;
  RocksDbBaseStoreFactory base_;
  std::string root_;
};

TEST_F(RealDisk, RestoresTheFrozenImageFromEveryCheckpointOfRocksDb) {
  for (uint64_t seed = 1; seed <= ModelSeeds(6); ++seed) {
    const std::string root = JoinPath(root_, std::to_string(seed));
    Instance instance(files_, base_, root, "a");
    ASSERT_TRUE(instance.Start().ok());
    Life life(seed, instance, 1);
    for (int i = 0; i < 700; ++i) life.Step();
    life.Finish();
    ASSERT_EQ(instance.failures.size(), 0u) << instance.failures.begin()->second.ToString();
    ASSERT_TRUE(AllRestore(files_, base_, root, instance, life.images)) << "seed " << seed;
  }
}

TEST_F(RealDisk, GoesOnFromARestoredBaseOfRocksDb) {
  Survivor from;
  for (uint64_t attempt = 0; attempt < 4; ++attempt) {
    Instance instance(files_, base_, root_, std::to_string(attempt));
    const Status started = instance.Start(from.n == 0 ? nullptr : &from.snapshot, instance.DirectoryOf(from.n));
    ASSERT_TRUE(started.ok()) << started.ToString();
    ASSERT_EQ(ImageOf(instance), from.image);
    Life life(attempt + 77, instance, from.n + 1);
    for (int i = 0; i < 400; ++i) life.Step();
    life.Finish();
    ASSERT_FALSE(instance.snapshots.empty());
    const auto& [n, snapshot] = *instance.snapshots.rbegin();
    from = {n, snapshot, life.images.at(n)};
  }
  EXPECT_FALSE(from.snapshot.base.empty());
}

}  // namespace
}  // namespace weir::test
