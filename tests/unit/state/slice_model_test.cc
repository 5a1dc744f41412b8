// Random lives of slices against plain maps: what is in the table, and every checkpoint, must be what the maps hold.
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/base/posix_file_system.h"
#include "runtime/base/random.h"
#include "state/rocksdb_base_store.h"
#include "tests/support/run_scale.h"
#include "tests/unit/state/slice_harness.h"

namespace weir::test {
namespace {

/// A seeded life: writes into slices near a time that moves on, drops of groups behind it, barriers, parts of saving
/// and of freeing, queue jobs in any order.
class SliceLife {
 public:
  SliceLife(uint64_t seed, SliceInstance& instance, FileSystem& files, uint64_t first_checkpoint, SliceModel model = {})
      : random_(seed), instance_(instance), files_(files), next_(first_checkpoint),
        keys_(uint64_t{1} << random_.Below(10)), time_(-50 + static_cast<int64_t>(first_checkpoint) * 10),
        model_(std::move(model)) {}

  void Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 78) {
      Touch();
    } else if (dice < 82) {
      if (instance_.Freeze(files_, next_)) images[next_++] = ImageOf(model_);
    } else if (dice < 90) {
      instance_.store->Advance(1 + random_.Below(40));
    } else if (dice < 94) {
      instance_.queue().RunOne();
    } else if (dice < 97) {
      Drop();
    } else {
      SliceBudget budget(random_.Below(20));
      instance_.sums->FreeDropped(budget);
      instance_.texts->FreeDropped(budget);
    }
  }
  void Finish() {
    instance_.Save();
    instance_.queue().RunAll();
  }
  const SliceModel& model() const { return model_; }

  std::map<uint64_t, Image> images;

 private:
  void Touch() {
    const auto key = static_cast<int64_t>(random_.Below(keys_));
    const int64_t end = time_ + static_cast<int64_t>(random_.Below(5)) * 10;
    if (random_.Below(3) == 0) {
      const std::string text = "key-" + std::to_string(key) + std::string(random_.Below(3) == 0 ? 1 : 0, '\0');
      const TextValue value{key, std::string(random_.Below(50), 'x')};
      instance_.texts->Mutable(end, text, HashKey(text)) = value;
      model_.texts[end][text] = value;
    } else if (random_.Below(20) == 0) {
      const auto group = static_cast<uint16_t>(random_.Below(8));
      instance_.through->Mutable(KeyGroup{group}) = end + 1000;
      model_.through[group] = end + 1000;
    } else {
      instance_.Sum(end, key) += end + key;
      model_.sums[end][key] += end + key;
    }
  }
  /// Whole slices of some groups, sometimes such that are written again at once.
  void Drop() {
    const int64_t end = time_ + 10 * static_cast<int64_t>(random_.Below(3));
    for (uint16_t group = static_cast<uint16_t>(random_.Below(8)); group < 8; ++group) {
      instance_.sums->DropThrough(KeyGroup{group}, end);
      instance_.texts->DropThrough(KeyGroup{group}, end);
      const auto drop = [&](auto& slices) {
        for (auto& [slice, entries] : slices) {
          if (slice > end) continue;
          std::erase_if(entries, [&](const auto& entry) {
            return GroupOfHash(HashKey(entry.first), 8).value() == group;
          });
        }
      };
      drop(model_.sums);
      drop(model_.texts);
    }
    if (random_.Below(4) != 0) time_ += 10;
  }

  SeededRandom random_;
  SliceInstance& instance_;
  FileSystem& files_;
  uint64_t next_;
  const uint64_t keys_;
  int64_t time_;
  SliceModel model_;
};

::testing::AssertionResult AllRestore(FileSystem& files, BaseStoreFactory& base, const std::string& root,
                                      SliceInstance& lived, const std::map<uint64_t, Image>& images) {
  for (const auto& [n, snapshot] : lived.snapshots()) {
    SliceInstance restored(files, base, root, "check-" + std::to_string(n));
    const Status status = restored.Start(&snapshot, lived.DirectoryOf(n));
    if (!status.ok()) return ::testing::AssertionFailure() << "checkpoint " << n << ": " << status.ToString();
    if (ImageOf(restored) != images.at(n)) return ::testing::AssertionFailure() << "checkpoint " << n << " differs";
    if (restored.store->keys() + 8 < images.at(n).size()) return ::testing::AssertionFailure() << "keys() of " << n;
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult LiveAndRestore(uint64_t seed, bool save_on_first_touch) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  SliceInstance instance(*files, base, "job", "a");
  instance.options().defences.save_on_first_touch = save_on_first_touch;
  if (const Status started = instance.Start(); !started.ok()) return ::testing::AssertionFailure() << started.ToString();
  SliceLife life(seed, instance, *files, 1);
  for (int i = 0; i < 1500; ++i) {
    life.Step();
    if (i % 100 == 0 && ImageOf(instance) != ImageOf(life.model())) {
      return ::testing::AssertionFailure() << "the table differs at step " << i << " of seed " << seed;
    }
  }
  life.Finish();
  if (instance.snapshots().size() != life.images.size()) return ::testing::AssertionFailure() << "not all reported";
  return AllRestore(*files, base, "job", instance, life.images) << " (seed " << seed << ")";
}

TEST(SliceTableModel, HoldsAndRestoresWhatPlainMapsHold) {
  for (uint64_t seed = 1; seed <= ModelSeeds(300); ++seed) ASSERT_TRUE(LiveAndRestore(seed, true));
}

TEST(SliceTableModel, RestoresWrongImagesWithoutSaveOnFirstTouch) {
  int damaged = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) damaged += LiveAndRestore(seed, false) ? 0 : 1;
  EXPECT_GT(damaged, 10);
}

TEST(SliceTableModel, GoesOnFromTheLastDurableCheckpointAfterAnyCrash) {
  for (uint64_t seed = 1; seed <= ModelSeeds(60); ++seed) {
    SimulatedDisk disk;
    SeededRandom crash(seed);
    uint64_t n = 0;
    StateSnapshot snapshot;
    Image image;
    SliceModel model;
    std::map<uint64_t, SliceModel> models;
    for (uint64_t attempt = 0; attempt < 6; ++attempt) {
      const auto files = disk.NewProcess();
      SeededRandom random(seed * 100 + attempt);
      SimulatedBaseStoreFactory base;
      SliceInstance instance(*files, base, "job", std::to_string(attempt));
      instance.options().on_snapshot = [&](CheckpointId at, Result<StateSnapshot> result) {
        if (!result.ok() || !files->SyncDirectory(instance.DirectoryOf(at.value())).ok()) return;
        if (files->SyncDirectory("job").ok()) instance.snapshots().insert_or_assign(at.value(), *result);
      };
      files->KillAtChange(20 + random.Below(300));
      if (instance.Start(n == 0 ? nullptr : &snapshot, instance.DirectoryOf(n)).ok()) {
        ASSERT_EQ(ImageOf(instance), image) << "seed " << seed << ", checkpoint " << n;
        SliceLife life(seed + attempt, instance, *files, n + 1, model);
        for (int i = 0; i < 5000 && !files->killed(); ++i) {
          life.Step();
          if (!life.images.empty()) models.try_emplace(life.images.rbegin()->first, life.model());
        }
        if (!instance.snapshots().empty()) {
          n = instance.snapshots().rbegin()->first;
          snapshot = instance.snapshots().rbegin()->second;
          image = life.images.at(n);
          model = models.at(n);
        }
        models.clear();
      }
      disk.Crash(crash);
      const auto cleaner = disk.NewProcess();
      ASSERT_TRUE(cleaner->CreateDirectories("job").ok());
      for (uint64_t i = n + 1; i < n + 200; ++i) ASSERT_TRUE(cleaner->RemoveTree("job/chk-" + std::to_string(i)).ok());
    }
  }
}

TEST(SliceTableModel, RestoresFromRocksDb) {
  PosixFileSystem files;
  RocksDbBaseStoreFactory base;
  const std::string root =
      (std::filesystem::temp_directory_path() / ("weir-slices-" + SystemRandom().NewId().ToString())).string();
  for (uint64_t seed = 1; seed <= ModelSeeds(6); ++seed) {
    const std::string folder = JoinPath(root, std::to_string(seed));
    ASSERT_TRUE(files.CreateDirectories(folder).ok());
    SliceInstance instance(files, base, folder, "a");
    ASSERT_TRUE(instance.Start().ok());
    SliceLife life(seed, instance, files, 1);
    for (int i = 0; i < 700; ++i) life.Step();
    life.Finish();
    ASSERT_EQ(instance.failures().size(), 0u) << instance.failures().begin()->second.ToString();
    EXPECT_TRUE(AllRestore(files, base, folder, instance, life.images)) << "seed " << seed;
  }
  EXPECT_TRUE(files.RemoveTree(root).ok());
}

}  // namespace
}  // namespace weir::test
