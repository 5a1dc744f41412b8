#include "runtime/base/simulated_file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace weir {
namespace {

class SimulatedDiskTest : public ::testing::Test {
 protected:
  std::unique_ptr<WritableFile> Write(const std::string& path, const std::string& bytes) {
    auto file = files_->Create(path, Replace::kExisting);
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    EXPECT_TRUE((*file)->Append(bytes).ok());
    return std::move(*file);
  }
  std::string Read(const std::string& path) {
    auto bytes = ReadWholeFile(*files_, path);
    return bytes.ok() ? *bytes : std::string(CodeName(bytes.status().code()));
  }
  void CrashToDurable() {
    disk_.CrashLosingAllUnsynced();
    files_ = disk_.NewProcess();
  }
  void Crash(uint64_t seed) {
    SeededRandom random(seed);
    disk_.Crash(random);
    files_ = disk_.NewProcess();
  }

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
};

TEST_F(SimulatedDiskTest, LosesAFileWhoseFolderWasNotSynced) {
  EXPECT_TRUE(Write("a", "A")->Sync().ok());
  CrashToDurable();
  EXPECT_EQ(Read("a"), "NotFound");
}

TEST_F(SimulatedDiskTest, LosesTheBytesOfAFileThatWasNotSynced) {
  const auto file = Write("a", "A");
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(files_->SyncDirectory("/").ok());
  ASSERT_TRUE(file->Append("lost").ok());
  CrashToDurable();
  EXPECT_EQ(Read("a"), "A");
}

TEST_F(SimulatedDiskTest, BringsBackWhatAnUnsyncedTruncationTookAway) {
  ASSERT_TRUE(Write("a", "old")->Sync().ok());
  ASSERT_TRUE(files_->SyncDirectory(".").ok());
  Write("a", "new bytes");
  CrashToDurable();
  EXPECT_EQ(Read("a"), "old");
}

TEST_F(SimulatedDiskTest, KeepsAKilledProcessesWritesAndReleasesItsLocks) {
  const auto file = Write("a", "A");
  const auto lock = files_->Lock("LOCK");
  ASSERT_TRUE(lock.ok());
  files_->Kill();
  EXPECT_EQ(file->Append("x").code(), Code::kIoError);
  EXPECT_EQ(files_->Exists("a").status().code(), Code::kIoError);
  files_ = disk_.NewProcess();
  EXPECT_EQ(Read("a"), "A");
  EXPECT_TRUE(files_->Lock("LOCK").ok());
}

TEST_F(SimulatedDiskTest, KeepsEveryOutcomeThatIsAllowedAndNoOther) {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const auto file = Write("a", "base");
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(files_->SyncDirectory("/").ok());
    ASSERT_TRUE(file->Append("xyz").ok());
    Crash(seed);
    seen.insert(Read("a"));
  }
  EXPECT_EQ(seen, (std::set<std::string>{"base", "basex", "basexy", "basexyz"}));
}

TEST_F(SimulatedDiskTest, KeepsAPrefixOfOneFoldersChanges) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    for (const char* name : {"d/1", "d/2", "d/3"}) {
      ASSERT_TRUE(files_->CreateDirectories("d").ok());
      ASSERT_TRUE(files_->SyncDirectory("/").ok());
      Write(name, "");
    }
    Crash(seed);
    const auto names = *files_->List("d");
    for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], std::to_string(i + 1)) << "seed " << seed;
    ASSERT_TRUE(files_->RemoveTree("d").ok());
  }
}

TEST_F(SimulatedDiskTest, ARenameAcrossFoldersNeverLosesOrDoublesTheFile) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    ASSERT_TRUE(files_->CreateDirectories("from").ok());
    ASSERT_TRUE(files_->CreateDirectories("to").ok());
    ASSERT_TRUE(Write("from/a", "A")->Sync().ok());
    for (const char* folder : {"/", "from", "to"}) ASSERT_TRUE(files_->SyncDirectory(folder).ok());
    Write("to/other", "");
    ASSERT_TRUE(files_->Rename("from/a", "to/a", Replace::kNever).ok());
    Crash(seed);
    EXPECT_NE(*files_->Exists("from/a"), *files_->Exists("to/a")) << "seed " << seed;
    ASSERT_TRUE(files_->RemoveTree("from").ok());
    ASSERT_TRUE(files_->RemoveTree("to").ok());
  }
}

TEST_F(SimulatedDiskTest, SyncOfEitherFolderKeepsARenameAcrossThem) {
  ASSERT_TRUE(files_->CreateDirectories("from").ok());
  ASSERT_TRUE(Write("from/a", "A")->Sync().ok());
  for (const char* folder : {"/", "from"}) ASSERT_TRUE(files_->SyncDirectory(folder).ok());
  ASSERT_TRUE(files_->Rename("from/a", "a", Replace::kNever).ok());
  ASSERT_TRUE(files_->SyncDirectory("/").ok());
  CrashToDurable();
  EXPECT_EQ(Read("a"), "A");
  EXPECT_EQ(Read("from/a"), "NotFound");
}

TEST_F(SimulatedDiskTest, HardLinksStayOneFileAfterACrash) {
  ASSERT_TRUE(Write("a", "A")->Sync().ok());
  ASSERT_TRUE(files_->HardLink("a", "b").ok());
  ASSERT_TRUE(files_->SyncDirectory("/").ok());
  CrashToDurable();
  auto file = files_->OpenForAppend("b", 1);
  ASSERT_TRUE((*file)->Append("+").ok());
  EXPECT_EQ(Read("a"), "A+");
}

TEST_F(SimulatedDiskTest, FailsTheAskedChangeOnceAndCountsIt) {
  files_->FailChange(2);
  EXPECT_TRUE(files_->CreateDirectories("a").ok());
  EXPECT_EQ(files_->CreateDirectories("b").code(), Code::kIoError);
  EXPECT_TRUE(files_->CreateDirectories("c").ok());
  EXPECT_EQ(files_->changes(), 3u);
  EXPECT_EQ(*files_->List("/"), (std::vector<std::string>{"a", "c"}));
}

TEST_F(SimulatedDiskTest, KillsInPlaceOfTheAskedChange) {
  files_->KillAtChange(2);
  EXPECT_TRUE(files_->CreateDirectories("a").ok());
  EXPECT_FALSE(files_->CreateDirectories("b").ok());
  EXPECT_TRUE(files_->killed());
  files_ = disk_.NewProcess();
  EXPECT_EQ(*files_->List("/"), (std::vector<std::string>{"a"}));
}

TEST_F(SimulatedDiskTest, AFailedSyncIsFinalEvenWhereALaterOneSaysOk) {
  const auto file = Write("a", "A");
  ASSERT_TRUE(files_->SyncDirectory("/").ok());
  files_->FailSync(1);
  EXPECT_EQ(file->Sync().code(), Code::kIoError);
  EXPECT_EQ(file->Sync().code(), Code::kIoError);
  EXPECT_TRUE((*files_->OpenForAppend("a", 1))->Sync().ok());
  CrashToDurable();
  EXPECT_EQ(Read("a"), "");
}

TEST_F(SimulatedDiskTest, NotesWhoSyncsAFileAgainAfterASyncHasFailed) {
  const auto file = Write("a", "A");
  disk_.Fail(DiskFault::kSyncError, 1);
  EXPECT_EQ(file->Sync().code(), Code::kIoError);
  EXPECT_TRUE(disk_.repeated_syncs().empty());
  (void)file->Sync();
  EXPECT_EQ(disk_.repeated_syncs(), std::vector<std::string>{"a"});
  files_ = disk_.NewProcess();
  EXPECT_TRUE((*files_->OpenForAppend("a", 1))->Sync().ok());
  EXPECT_EQ(disk_.repeated_syncs().size(), 2u);
}

TEST_F(SimulatedDiskTest, CountsTheCallsOfAllProcessesByTheFaultThatCanHitThem) {
  const auto other = disk_.NewProcess();
  ASSERT_TRUE(WriteDurably(*files_, "a", "A").ok());   // create, append, sync, close, rename, sync the folder
  ASSERT_TRUE(WriteDurably(*other, "a", "B").ok());
  EXPECT_EQ(disk_.calls(DiskFault::kShortWrite), 2u);
  EXPECT_EQ(disk_.calls(DiskFault::kSyncError), 4u);
  EXPECT_EQ(disk_.calls(DiskFault::kRenameError), 2u);
  EXPECT_EQ(disk_.calls(DiskFault::kNoSpace), 6u);
  EXPECT_EQ(disk_.calls(DiskFault::kIoError), 14u) << "the six calls, and a look for what is left over";
}

TEST_F(SimulatedDiskTest, HitsAsManyCallsAsAskedForAndNoMore) {
  for (const DiskFault fault : kDiskFaults) {
    disk_.Fail(fault, 2, 2);
    std::string outcomes;
    for (int i = 0; i < 30; ++i) outcomes += WriteDurably(*files_, "a", "A").ok() ? '1' : '0';
    EXPECT_EQ(disk_.hits(fault), 2u) << ReasonOf(fault);
    EXPECT_THAT(outcomes, testing::EndsWith("1111")) << ReasonOf(fault);
    EXPECT_THAT(outcomes, testing::HasSubstr("0")) << ReasonOf(fault);
  }
}

TEST_F(SimulatedDiskTest, AnErrorOfALookChangesNothingAndNamesThePath) {
  Write("a", "A");
  disk_.Fail(DiskFault::kIoError, 1);
  const Status status = files_->Size("a").status();
  EXPECT_EQ(status.code(), Code::kIoError);
  EXPECT_THAT(status.message(), testing::HasSubstr("cannot read a: the simulated disk fails"));
  EXPECT_EQ(Read("a"), "A");
}

TEST_F(SimulatedDiskTest, AShortWriteLeavesAllButTheLastByte) {
  const auto file = Write("a", "ab");
  disk_.Fail(DiskFault::kShortWrite, 1);
  EXPECT_EQ(file->Append("cde").code(), Code::kIoError);
  EXPECT_FALSE(file->Append("f").ok()) << "the file was written to after a failed write";
  EXPECT_EQ(Read("a"), "abcd");
}

TEST_F(SimulatedDiskTest, ARenameFailsWithoutEffectOrHasItAllTheSame) {
  Write("a", "A");
  disk_.Fail(DiskFault::kRenameError, 1);
  EXPECT_EQ(files_->Rename("a", "b", Replace::kNever).code(), Code::kIoError);
  EXPECT_EQ(Read("a"), "A");
  disk_.Fail(DiskFault::kRenameDone, 1);
  EXPECT_EQ(files_->Rename("a", "b", Replace::kNever).code(), Code::kIoError);
  EXPECT_EQ(Read("a"), "NotFound");
  EXPECT_EQ(Read("b"), "A");
}

TEST_F(SimulatedDiskTest, WriteDurablyLeavesOldOrNewBytesAtEveryKillAndCrash) {
  for (uint64_t k = 1; k <= 7; ++k) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      ASSERT_TRUE(WriteDurably(*files_, "a", "old").ok());
      files_->KillAtChange(k);
      const bool done = WriteDurably(*files_, "a", "newer").ok();
      EXPECT_EQ(done, k > 6) << "k " << k;
      Crash(seed);
      const std::string found = Read("a");
      EXPECT_TRUE(found == "newer" || (found == "old" && !done)) << "k " << k << " seed " << seed << ": " << found;
    }
  }
}

}  // namespace
}  // namespace weir
