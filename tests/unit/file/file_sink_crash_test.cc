// The file sink under a kill or a power cut in place of every call that changes the disk, and at its crash points.
//
// The engine's part is played by `committed`, the checkpoint store that a crash leaves alone: it has an epoch's staged
// output once the commit point was passed, and recovery commits the last of them again.
#include <gtest/gtest.h>

#include <map>

#include "connectors/file/file_sink.h"
#include "runtime/base/crash_point.h"
#include "tests/unit/file/file_test_fakes.h"

namespace weir {
namespace {

constexpr uint64_t kEpochs = 3;

class CrashingJob {
 public:
  CrashingJob() {
    config_.directory = "out";
    config_.buffer_bytes = 8;
  }

  /// One engine's life: recovery, then epochs until done. False if it died.
  bool Run(FileSystem& files) {
    const Status status = RunOrFail(files);
    end_ = status.ToString();
    return status.ok();
  }
  /// How the last life ended.
  const std::string& end() const { return end_; }

  std::string AllOutput(FileSystem& files) const {
    std::string output;
    const std::vector<std::string> names = *files.List("out");
    for (const std::string& name : names) {
      if (name != ".inprogress") output += *ReadWholeFile(files, "out/" + name);
    }
    return output;
  }
  size_t Attempts(FileSystem& files) const { return files.List("out/.inprogress/job/sink")->size(); }

 private:
  Status RunOrFail(FileSystem& files) {
    FileSink sink(files, config_);
    const SinkContext context{"job", "sink", {5, 5}, {1, ++attempts_}, TaskIndex{0}, 1};
    WEIR_RETURN_IF_ERROR(sink.Prepare());
    const auto committer = sink.NewCommitter(context);
    if (!committed_.empty()) WEIR_RETURN_IF_ERROR(committer->Commit(committed_.rbegin()->second));
    WEIR_RETURN_IF_ERROR(committer->RemoveOrphans());
    ManualQueue queue;
    CountingWaker waker;
    WEIR_ASSIGN_OR_RETURN(const auto writer, sink.NewWriter(context, queue, waker));
    while (committed_.size() < kEpochs) WEIR_RETURN_IF_ERROR(RunEpoch(*writer, *committer, queue));
    return Status::Ok();
  }

  Status RunEpoch(SinkWriter& writer, StagedCommitter& committer, ManualQueue& queue) {
    const CheckpointId epoch{committed_.size() + 1};
    for (int i = 0; i < 3; ++i) {
      const std::string value = std::to_string(epoch.value()) + "." + std::to_string(i);
      OutgoingRecord record;
      record.value = value;
      WEIR_RETURN_IF_ERROR(writer.Write(epoch, {&record, 1}).status());
    }
    WEIR_RETURN_IF_ERROR(writer.Seal(epoch));
    queue.RunAll();
    SealedEpoch sealed;
    WEIR_RETURN_IF_ERROR(writer.TakeSealed(epoch, &sealed).status());
    committed_[epoch.value()] = sealed.staged;
    return committer.Commit(sealed.staged);
  }

  FileSinkConfig config_;
  uint64_t attempts_ = 0;
  std::string end_;
  std::map<uint64_t, StagedOutput> committed_;
};

const std::string kExpected = "1.0\n1.1\n1.2\n2.0\n2.1\n2.2\n3.0\n3.1\n3.2\n";

uint64_t ChangesOfAWholeRun() {
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  CrashingJob job;
  EXPECT_TRUE(job.Run(*files));
  EXPECT_EQ(job.AllOutput(*files), kExpected);
  return files->changes();
}

TEST(FileSinkUnderKill, PublishesEachEpochExactlyOnceWhereverTheProcessDies) {
  const uint64_t changes = ChangesOfAWholeRun();
  ASSERT_GT(changes, 20u);
  for (uint64_t k = 1; k <= changes; ++k) {
    for (uint64_t again = 1; again <= changes; again += 3) {
      SimulatedDisk disk;
      CrashingJob job;
      for (const uint64_t at : {k, again, uint64_t{0}}) {
        const auto files = disk.NewProcess();
        files->KillAtChange(at);
        const bool finished = job.Run(*files);
        EXPECT_NE(finished, files->killed()) << "killed at " << k << " and " << again << ": " << job.end();
      }
      const auto files = disk.NewProcess();
      ASSERT_EQ(job.AllOutput(*files), kExpected) << "killed at " << k << " and " << again;
    }
  }
}

TEST(FileSinkUnderPowerCut, PublishesEachEpochExactlyOnceWhateverTheDiskForgets) {
  const uint64_t changes = ChangesOfAWholeRun();
  for (uint64_t k = 1; k <= changes; ++k) {
    for (uint64_t seed = 1; seed <= 25; ++seed) {
      SimulatedDisk disk;
      CrashingJob job;
      SeededRandom random(seed);
      const auto first = disk.NewProcess();
      first->KillAtChange(k);
      job.Run(*first);
      disk.Crash(random);
      const auto second = disk.NewProcess();
      EXPECT_TRUE(job.Run(*second)) << "cut at " << k << ", seed " << seed << ": " << job.end();
      ASSERT_EQ(job.AllOutput(*second), kExpected) << "cut at " << k << ", seed " << seed;
    }
  }
}

TEST(FileSinkUnderPowerCut, WhatWasPublishedStaysWhenNothingUnsyncedDoes) {
  SimulatedDisk disk;
  CrashingJob job;
  ASSERT_TRUE(job.Run(*disk.NewProcess()));
  disk.CrashLosingAllUnsynced();
  const auto files = disk.NewProcess();
  EXPECT_EQ(job.AllOutput(*files), kExpected);
}

TEST(FileSinkUnderFailure, AFailedCallIsRepairedByTheNextAttempt) {
  const uint64_t changes = ChangesOfAWholeRun();
  for (uint64_t k = 1; k <= changes; ++k) {
    SimulatedDisk disk;
    CrashingJob job;
    const auto files = disk.NewProcess();
    files->FailChange(k);
    EXPECT_FALSE(job.Run(*files)) << "failed " << k;
    EXPECT_TRUE(job.Run(*files)) << "failed " << k;
    ASSERT_EQ(job.AllOutput(*files), kExpected) << "failed " << k;
  }
}

TEST(FileSinkUnderKill, EachCrashPointIsReachedAndSurvived) {
  for (const char* point :
       {"file_sink.sealed", "file_sink.before_rename", "file_sink.renamed", "file_sink.published"}) {
    SimulatedDisk disk;
    CrashingJob job;
    const auto first = disk.NewProcess();
    const ArmedCrashPoint armed(point, 2, [&] { first->Kill(); });
    EXPECT_FALSE(job.Run(*first)) << point;
    EXPECT_EQ(armed.hits(), 2u) << point;
    disk.CrashLosingAllUnsynced();
    const auto second = disk.NewProcess();
    EXPECT_TRUE(job.Run(*second)) << point;
    EXPECT_EQ(job.AllOutput(*second), kExpected) << point;
    EXPECT_EQ(job.Attempts(*second), 1u) << point;
  }
}

}  // namespace
}  // namespace weir
