// Output that is committed and not yet published when its process dies lies in files of its own beside the target. They are
// part of the checkpoint: what became of them meanwhile is published exactly or refused by name.
#include <gtest/gtest.h>

#include <iostream>

#include "runtime/base/crash_point.h"
#include "runtime/base/random.h"
#include "tests/disk/damaged_job.h"
#include "tests/support/run_scale.h"

namespace weir::test {
namespace {

class StagedOutput : public testing::Test {
 protected:
  void SetUp() override {
    job_.RunOneCheckpoint();
    job_.Add();
    {
      const ArmedCrashPoint committed("file_sink.before_rename", 1, [this] { job_.job().files()->Kill(); });
      for (int step = 0; committed.hits() == 0 && step < kStepsMax; ++step) job_.job().RunSteps(1);
      ASSERT_EQ(committed.hits(), 1u);
    }
    job_.job().Crash();
    disk_ = job_.disk().NewProcess();
    std::map<std::string, std::string> files;
    AddFilesBelow(*disk_, "/out/.inprogress", files);
    std::erase_if(files, [](const auto& file) { return file.first.ends_with(".lock"); });
    ASSERT_EQ(files.size(), 2u) << "one of each task";
    path_ = files.begin()->first;
    bytes_ = files.begin()->second;
    other_ = files.rbegin()->second;
  }

  /// The start with this in place of a task's output is refused with its name, and nothing is published.
  void ExpectRefused(const std::string& bytes) {
    ASSERT_TRUE(WriteDurably(*disk_, path_, bytes).ok());
    const size_t published = disk_->List("/out")->size();
    const auto outcome = job_.Run();
    ASSERT_TRUE(outcome.has_value()) << "the job runs" << job_.Wrong();
    EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
    EXPECT_NE(outcome->status.message().find(path_), std::string::npos) << outcome->status.ToString();
    EXPECT_NE(outcome->status.message().find("--restore none"), std::string::npos) << outcome->status.ToString();
    EXPECT_EQ(disk_->List("/out")->size(), published);
  }
  void ExpectExactOnceItIsBack() {
    ASSERT_TRUE(WriteDurably(*disk_, path_, bytes_).ok());
    const auto outcome = job_.Run();
    ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
    EXPECT_EQ(job_.Wrong(), "");
  }

  static constexpr int kStepsMax = 5000;
  DiskJob job_{SinkKind::kFiles};
  std::unique_ptr<SimulatedFileSystem> disk_;
  std::string path_;
  std::string bytes_;
  std::string other_;
};

TEST_F(StagedOutput, IsPublishedByTheNextStart) { ExpectExactOnceItIsBack(); }

TEST_F(StagedOutput, WithAnyByteDamagedIsRefusedAndPublishedOnceItIsBack) {
  SeededRandom random(TestSeed());
  for (size_t at = 0; at < bytes_.size(); ++at) {
    SCOPED_TRACE(testing::Message() << "byte " << at);
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.Below(8)));
    ExpectRefused(damaged);
    if (HasFailure()) return;
  }
  ExpectExactOnceItIsBack();
  std::cout << bytes_.size() << " bytes damaged\n";
}

TEST_F(StagedOutput, CutToAnySizeIsRefusedAndPublishedOnceItIsBack) {
  for (size_t size = 0; size < bytes_.size(); ++size) {
    SCOPED_TRACE(testing::Message() << "cut to " << size);
    ExpectRefused(bytes_.substr(0, size));
    if (HasFailure()) return;
  }
  ExpectExactOnceItIsBack();
}

TEST_F(StagedOutput, OfAnotherTaskIsRefusedAndPublishedOnceItIsBack) {
  ExpectRefused(other_);
  ExpectExactOnceItIsBack();
}

TEST_F(StagedOutput, ThatIsMissingIsRefusedAndPublishedOnceItIsBack) {
  ASSERT_TRUE(disk_->RemoveFile(path_).ok());
  const auto outcome = job_.Run();
  ASSERT_TRUE(outcome.has_value()) << "the job runs";
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_NE(outcome->status.message().find(path_), std::string::npos) << outcome->status.ToString();
  ExpectExactOnceItIsBack();
}

}  // namespace
}  // namespace weir::test
