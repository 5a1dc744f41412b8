// An operator that goes on with another number of tasks, again and again: what its tasks hold together never changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "runtime/base/crash_point.h"
#include "runtime/base/posix_file_system.h"
#include "runtime/base/random.h"
#include "state/rocksdb_base_store.h"
#include "tests/support/run_scale.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

constexpr uint16_t kGroups = 8;

/// A checkpoint of all tasks, as a manifest would name it.
struct Whole {
  uint64_t n = 0;
  std::vector<StateSnapshot> parts;
  Image image;
};

/// The tasks of an operator, which get their keys by key group, as an exchange sends them.
class Crew {
 public:
  Crew(FileSystem& files, BaseStoreFactory& base, uint32_t parallelism, const std::string& attempt, const Whole& from,
       const std::string& root = "job")
      : n_(from.n) {
    for (uint32_t index = 0; index < parallelism; ++index) {
      auto task = std::make_unique<Instance>(files, base, root, attempt + "-" + std::to_string(index));
      task->options.index = TaskIndex{index};
      task->options.groups = RangeOfTask(kGroups, parallelism, index);
      task->options.roll_after_deltas = 2;
      tasks_.push_back(std::move(task));
    }
    for (const auto& task : tasks_) {
      task->Build();
      RestoredState restored{CheckpointId{from.n}, task->DirectoryOf(from.n), {}};
      for (const StateSnapshot& part : from.parts) {
        const KeyGroupRange own = task->options.groups;
        if (part.groups.first < own.last && own.first < part.groups.last) restored.parts.push_back(part);
      }
      started = task->store->Restore(from.n == 0 ? nullptr : &restored);
      if (!started.ok()) return;
    }
  }

  void Touch(Random& random) {
    const auto key = static_cast<int64_t>(random.Below(60));
    const std::string text = "key-" + std::to_string(key);
    Instance& count = *tasks_[TaskOf(HashKey(key))];
    Instance& other = *tasks_[TaskOf(HashKey(text))];
    switch (random.Below(5)) {
      case 0: count.counts->Erase(key); break;
      case 1: other.texts->Erase(text); break;
      case 2: other.texts->Mutable(text) = {key, std::string(random.Below(30), 'x')}; break;
      default: count.counts->Mutable(key) += static_cast<int64_t>(random.Below(9)) + 1;
    }
  }
  /// A barrier in all tasks, while they go on with other things in any order.
  void Live(Random& random, uint64_t checkpoints) {
    for (uint64_t end = n_ + checkpoints; n_ < end;) {
      for (uint64_t i = random.Below(80); i > 0; --i) Touch(random);
      ++n_;
      images_[n_] = Together();
      for (const auto& task : tasks_) {
        if (!task->Freeze(n_)) return;
      }
      for (uint64_t i = random.Below(60); i > 0; --i) {
        Instance& any = *tasks_[random.Below(tasks_.size())];
        if (random.OneIn(3)) Touch(random);
        else if (random.OneIn(2)) any.store->Advance(1 + random.Below(20));
        else any.queue.RunOne();
      }
    }
    for (const auto& task : tasks_) {
      task->Save();
      task->queue.RunAll();
    }
  }
  Image Together() const {
    Image image;
    for (const auto& task : tasks_) image.merge(ImageOf(*task));
    return image;
  }
  /// The newest checkpoint that all tasks reported, or `before`.
  Whole Newest(const Whole& before) const {
    Whole newest = before;
    for (const auto& [n, image] : images_) {
      std::vector<StateSnapshot> parts;
      for (const auto& task : tasks_) {
        if (const auto found = task->snapshots.find(n); found != task->snapshots.end()) parts.push_back(found->second);
      }
      if (parts.size() == tasks_.size()) newest = {n, std::move(parts), image};
    }
    return newest;
  }
  Instance& task(size_t index) { return *tasks_[index]; }

  Status started;

 private:
  size_t TaskOf(uint64_t hash) const {
    return TaskOfGroup(kGroups, static_cast<uint32_t>(tasks_.size()), GroupOfHash(hash, kGroups));
  }

  std::vector<std::unique_ptr<Instance>> tasks_;
  uint64_t n_;
  std::map<uint64_t, Image> images_;
};

TEST(OtherParallelism, KeepsEveryEntryUpAndDownAndSeveralTimesInARow) {
  for (uint64_t seed = 1; seed <= ModelSeeds(50); ++seed) {
    SimulatedDisk disk;
    const auto files = disk.NewProcess();
    SimulatedBaseStoreFactory base;
    SeededRandom random(seed);
    Whole whole;
    for (int round = 0; round < 8; ++round) {
      const auto parallelism = static_cast<uint32_t>(1 + random.Below(5));
      Crew crew(*files, base, parallelism, std::to_string(round), whole);
      ASSERT_TRUE(crew.started.ok()) << crew.started.ToString() << ", seed " << seed;
      ASSERT_EQ(crew.Together(), whole.image) << "seed " << seed << ", round " << round;
      // None now and then: the next change follows at once, on the same checkpoint.
      crew.Live(random, random.Below(5));
      whole = crew.Newest(whole);
    }
  }
}

TEST(OtherParallelism, NeedsNothingOfTheOldCheckpointOnceItHasOneOfItsOwn) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  SeededRandom random(3);
  Whole whole;
  for (const uint32_t parallelism : {1u, 3u, 4u, 3u, 1u}) {
    Crew crew(*files, base, parallelism, "p" + std::to_string(whole.n), whole);
    ASSERT_TRUE(crew.started.ok()) << crew.started.ToString();
    const Whole old = whole;
    crew.Live(random, 1);
    whole = crew.Newest(whole);
    ASSERT_GT(whole.n, old.n);
    for (uint64_t n = 1; n < whole.n; ++n) ASSERT_TRUE(files->RemoveTree(crew.task(0).DirectoryOf(n)).ok());
    for (const StateSnapshot& part : whole.parts) {
      EXPECT_TRUE(VerifyStateFiles(*files, crew.task(0).DirectoryOf(whole.n), part).ok());
    }
  }
}

TEST(OtherParallelism, CanBeRestoredAgainWhereverARestoreWasCutOff) {
  SimulatedBaseStoreFactory base;
  for (uint64_t call = 1; call < 200; ++call) {
    SimulatedDisk disk;
    SeededRandom random(call);
    Whole whole;
    {
      const auto files = disk.NewProcess();
      Crew crew(*files, base, 3, "a", {});
      crew.Live(random, 4);
      whole = crew.Newest(whole);
      for (uint64_t n = 1; n <= whole.n; ++n) ASSERT_TRUE(files->SyncDirectory(crew.task(0).DirectoryOf(n)).ok());
      ASSERT_TRUE(files->SyncDirectory("job").ok() && files->SyncDirectory("/").ok());
    }
    const auto killed = disk.NewProcess();
    killed->KillAtChange(call);
    const bool whole_restore = Crew(*killed, base, 2, "b", whole).started.ok();
    disk.Crash(random);
    const auto files = disk.NewProcess();
    Crew crew(*files, base, 4, "c", whole);
    ASSERT_TRUE(crew.started.ok()) << crew.started.ToString() << ", call " << call;
    ASSERT_EQ(crew.Together(), whole.image) << "call " << call;
    if (whole_restore) return;
  }
  FAIL() << "a restore makes fewer than 200 calls";
}

TEST(OtherParallelism, IsRefusedWhereAKeyGroupIsMissing) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  SeededRandom random(1);
  Crew crew(*files, base, 4, "a", {});
  crew.Live(random, 1);
  Whole whole = crew.Newest({});
  whole.parts.erase(whole.parts.begin() + 1);
  const Status status = Crew(*files, base, 1, "b", whole).started;
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.message(), testing::AllOf(testing::HasSubstr("[0, 8)"), testing::HasSubstr("group 2 is in 0")));
}

TEST(OtherParallelism, IsRefusedByTheNameOfADamagedFileOfAnyOldTask) {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SimulatedBaseStoreFactory base;
  SeededRandom random(1);
  Crew crew(*files, base, 2, "a", {});
  crew.Live(random, 1);
  const Whole whole = crew.Newest({});
  const std::string path = JoinPath(crew.task(0).DirectoryOf(whole.n), whole.parts[1].deltas.at(0).name);
  ASSERT_TRUE(files->RemoveFile(path).ok());
  const Status status = Crew(*files, base, 1, "b", whole).started;
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_THAT(status.message(), testing::HasSubstr(path));
}

TEST(OtherParallelism, KeepsEveryEntryOnRocksDb) {
  PosixFileSystem files;
  RocksDbBaseStoreFactory base;
  const std::string root =
      (std::filesystem::temp_directory_path() / ("weir-scale-" + SystemRandom().NewId().ToString())).string();
  ASSERT_TRUE(files.CreateDirectories(root).ok());
  SeededRandom random(5);
  Whole whole;
  for (const uint32_t parallelism : {1u, 3u, 4u, 3u, 1u, 2u}) {
    Crew crew(files, base, parallelism, "p" + std::to_string(whole.n) + "-" + std::to_string(parallelism), whole, root);
    ASSERT_TRUE(crew.started.ok()) << crew.started.ToString();
    ASSERT_EQ(crew.Together(), whole.image) << parallelism;
    crew.Live(random, 3);
    whole = crew.Newest(whole);
  }
  EXPECT_TRUE(files.RemoveTree(root).ok());
}

}  // namespace
}  // namespace weir::test
