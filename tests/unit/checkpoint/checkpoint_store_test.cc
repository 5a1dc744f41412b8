#include "runtime/checkpoint/checkpoint_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/checksum.h"
#include "runtime/base/crash_point.h"
#include "runtime/base/simulated_file_system.h"
#include "tests/unit/checkpoint/manifest_samples.h"

namespace weir {
namespace {

using test::SampleManifest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct CheckpointStoreTest : testing::Test {
  CheckpointStoreTest() { Restart(); }
  void Restart() {
    files = disk.NewProcess();
    store.emplace(*files, CheckpointPaths("/c", "job"));
    ASSERT_TRUE(store->Open().ok());
  }
  void Put(const std::string& path, std::string_view bytes) {
    const auto file = files->Create(path, Replace::kExisting);
    ASSERT_TRUE(file.ok() && (*file)->Append(bytes).ok() && (*file)->Sync().ok() && (*file)->Close().ok());
  }
  CheckpointName NameOf(const Manifest& m) { return {m.n, m.attempt}; }
  void PutStateFiles(const Manifest& m) {
    const std::string directory = store->paths().Checkpoint(NameOf(m));
    ASSERT_TRUE(store->CreateCheckpoint(NameOf(m)).ok());
    for (const OperatorState& state : m.states) {
      for (const ManifestFile& f : state.base) Put(JoinPath(directory, f.name), std::string(f.size, 'x'));
      for (const ManifestFile& f : state.deltas) Put(JoinPath(directory, f.name), std::string(f.size, 'x'));
    }
  }
  PreparedCheckpoint Prepare(const Manifest& m) {
    PutStateFiles(m);
    Result<PreparedCheckpoint> prepared = store->WritePrepared(m);
    EXPECT_TRUE(prepared.ok()) << prepared.status().ToString();
    return prepared.value();
  }

  SimulatedDisk disk;
  std::unique_ptr<SimulatedFileSystem> files;
  std::optional<CheckpointStore> store;
  Manifest manifest = SampleManifest();
};

TEST(CheckpointStoreFolders, ThatOneStartCouldNotMakeDurableAreMadeSoByTheNext) {
  for (const uint64_t failing : {1, 2}) {
    SimulatedDisk disk;
    const auto files = disk.NewProcess();
    files->FailSync(failing);
    EXPECT_FALSE(CheckpointStore(*files, CheckpointPaths("/c", "job")).Open().ok());
    EXPECT_TRUE(CheckpointStore(*files, CheckpointPaths("/c", "job")).Open().ok());
    disk.CrashLosingAllUnsynced();
    EXPECT_TRUE(disk.NewProcess()->Exists("/c/job").value());
  }
}

TEST(CheckpointPaths, AreReadBackAsTheyWereMade) {
  const CheckpointPaths paths("/c", "job");
  const CheckpointName name{CheckpointId{7}, {3, 4}};
  EXPECT_EQ(paths.Manifest(name), "/c/job/chk-0000000007-" + name.attempt.ToString() + "/MANIFEST");
  EXPECT_EQ(paths.ParseCheckpoint("chk-0000000007-" + name.attempt.ToString()), name);
  for (const char* other : {"chk-7", "chk-0000000007", "chk-0000000000-00000000000000030000000000000004", "LOCK"}) {
    EXPECT_FALSE(paths.ParseCheckpoint(other).has_value()) << other;
  }
  EXPECT_EQ(CheckpointPaths::ParseWork("work-" + name.attempt.ToString()), name.attempt);
  EXPECT_EQ(paths.Work(name.attempt, "count", TaskIndex{1}), paths.WorkOf(name.attempt) + "/count-1");
}

TEST_F(CheckpointStoreTest, ReadsBackWhatItMadePrepared) {
  const PreparedCheckpoint prepared = Prepare(manifest);
  const Result<Manifest> read = store->ReadManifest(prepared.name, prepared.manifest_sha256);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(*read, manifest);
  EXPECT_EQ(prepared.positions_digest, PositionsDigest(manifest.sources));
}

TEST_F(CheckpointStoreTest, KeepsWhatIsPreparedThroughAPowerCut) {
  const PreparedCheckpoint prepared = Prepare(manifest);
  disk.CrashLosingAllUnsynced();
  Restart();
  EXPECT_TRUE(store->ReadManifest(prepared.name, prepared.manifest_sha256).ok());
}

TEST_F(CheckpointStoreTest, PreparesAllOrNothingWhereverItIsKilled) {
  for (uint64_t k = 1;; ++k) {
    disk.CrashLosingAllUnsynced();
    Restart();
    ASSERT_TRUE(store->RemoveCheckpoint(NameOf(manifest)).ok());
    PutStateFiles(manifest);
    files->KillAtChange(k);
    const bool done = store->WritePrepared(manifest).ok();
    disk.CrashLosingAllUnsynced();
    Restart();
    const std::vector<CheckpointName> prepared = store->ListPrepared().value();
    for (const CheckpointName& name : prepared) EXPECT_TRUE(store->ReadManifest(name, "").ok()) << "change " << k;
    EXPECT_TRUE(!done || prepared.size() == 1);
    if (done) return;
  }
}

TEST_F(CheckpointStoreTest, RefusesToPrepareWithoutAStateFile) {
  PutStateFiles(manifest);
  manifest.states[0].deltas[0].size += 1;
  const Status status = store->WritePrepared(manifest).status();
  EXPECT_EQ(status.code(), Code::kInternal);
  EXPECT_THAT(status.message(), HasSubstr("count-0.delta-7.sst"));
  EXPECT_THAT(store->ListPrepared().value(), IsEmpty());
}

TEST_F(CheckpointStoreTest, NamesWhatIsMissingOrDamaged) {
  const PreparedCheckpoint prepared = Prepare(manifest);
  const std::string directory = store->paths().Checkpoint(prepared.name);
  const auto read = [&] { return store->ReadManifest(prepared.name, prepared.manifest_sha256).status(); };
  Put(JoinPath(directory, "count-0.delta-7.sst"), "1");
  EXPECT_EQ(read().code(), Code::kCorruption);
  EXPECT_THAT(read().message(), HasSubstr("count-0.delta-7.sst has 1 bytes, the manifest says 5"));
  ASSERT_TRUE(files->RemoveFile(JoinPath(directory, "count-0.delta-7.sst")).ok());
  EXPECT_EQ(read().code(), Code::kNotFound);
  EXPECT_THAT(read().message(), HasSubstr("--restore none"));
  EXPECT_THAT(store->ReadManifest(prepared.name, std::string(64, '0')).status().message(), HasSubstr("SHA-256"));
  ASSERT_TRUE(files->RemoveTree(directory).ok());
  EXPECT_EQ(read().code(), Code::kNotFound);
}

TEST_F(CheckpointStoreTest, NoticesASwappedCheckpoint) {
  Prepare(manifest);
  Manifest other = manifest;
  other.n = CheckpointId{8};
  const PreparedCheckpoint prepared = Prepare(other);
  const std::string bytes = ReadWholeFile(*files, store->paths().Manifest(NameOf(manifest))).value();
  Put(store->paths().Manifest(prepared.name), bytes);
  EXPECT_EQ(store->ReadManifest(prepared.name, Sha256(bytes)).status().code(), Code::kCorruption);
}

TEST_F(CheckpointStoreTest, CommitsByCurrent) {
  EXPECT_FALSE(store->ReadCurrent().value().has_value());
  const PreparedCheckpoint prepared = Prepare(manifest);
  const Result<CommitPermit> permit = store->WriteCurrent(prepared);
  ASSERT_TRUE(permit.ok());
  EXPECT_EQ(permit->n(), manifest.n);
  disk.CrashLosingAllUnsynced();
  Restart();
  const CurrentRecord expected{manifest.incarnation, NameOf(manifest), prepared.manifest_sha256};
  EXPECT_EQ(store->ReadCurrent().value(), expected);
  EXPECT_TRUE(store->PermitCurrent(expected).ok());
  EXPECT_EQ(store->PermitCurrent({}).status().code(), Code::kAborted);
}

TEST_F(CheckpointStoreTest, NeverTakesADamagedCurrentForNone) {
  ASSERT_TRUE(store->WriteCurrent(Prepare(manifest)).ok());
  std::string bytes = ReadWholeFile(*files, store->paths().current()).value();
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] ^= 1;
    Put(store->paths().current(), damaged);
    EXPECT_EQ(store->ReadCurrent().status().code(), Code::kCorruption) << i;
  }
  Put(store->paths().current(), "");
  EXPECT_EQ(store->ReadCurrent().status().code(), Code::kCorruption);
}

TEST(CheckpointStoreRecords, OfALaterVersionAreRefusedByThePathOfTheirFile) {
  SimulatedDisk disk;
  const auto with = disk.NewProcess();
  // So long that no std::string has it inside: a view of one that is gone would be seen.
  CheckpointStore records(*with, CheckpointPaths("/checkpoints-of-many-jobs", "job-of-a-later-version"));
  ASSERT_TRUE(records.Open().ok());
  const CheckpointPaths& paths = records.paths();
  for (const auto& [path, words] : {std::pair{paths.current(), "weir-current 9"}, {paths.committed(), "weir-committed 9"}}) {
    ASSERT_TRUE(WriteDurably(*with, path, std::string(words) + " check=" + FileChecksum(words) + "\n").ok());
  }
  EXPECT_THAT(records.ReadCurrent().status().message(), HasSubstr(paths.current() + " has format version 9"));
  EXPECT_THAT(records.ReadCommittedHint().status().message(), HasSubstr(paths.committed() + " has format version 9"));
}

TEST_F(CheckpointStoreTest, TakesADamagedHintForAHintThatSomethingWasCommitted) {
  EXPECT_FALSE(store->ReadCommittedHint().value().has_value());
  const CommitPermit permit = store->WriteCurrent(Prepare(manifest)).value();
  ASSERT_TRUE(store->WriteCommittedHint(permit).ok());
  EXPECT_EQ(store->ReadCommittedHint().value()->name, NameOf(manifest));
  Put(store->paths().committed(), "weir-commi");
  EXPECT_EQ(store->ReadCommittedHint().value(), CommittedHint{});
}

TEST_F(CheckpointStoreTest, AHintThatAZombieIsWritingIsNotTouchedByItsSuccessors) {
  const CommitPermit zombie = store->WriteCurrent(Prepare(manifest)).value();
  manifest.n = Next(manifest.n);
  manifest.attempt = {77, 78};
  const CommitPermit successor = store->WriteCurrent(Prepare(manifest)).value();
  const std::string own = JoinPath(store->paths().Checkpoint({zombie.n(), zombie.attempt()}), "COMMITTED.tmp");
  for (uint64_t change = 1; !files->Exists(own).value() && change < 10; ++change) {
    Restart();
    files->KillAtChange(change + 1);
    EXPECT_FALSE(store->WriteCommittedHint(zombie).ok());
    Restart();
  }
  ASSERT_TRUE(store->WriteCommittedHint(successor).ok());
  EXPECT_TRUE(files->Exists(own).value());
}

TEST_F(CheckpointStoreTest, KeepsOneKindOfCommitRecordOnly) {
  const CommitPermit permit = store->WriteCurrent(Prepare(manifest)).value();
  Restart();
  ASSERT_TRUE(store->WriteCommittedHint(permit).ok());
  EXPECT_FALSE(store->ReadCurrent().value().has_value());
}

TEST_F(CheckpointStoreTest, RefusesASecondProcessNamingTheFirst) {
  const auto lock = store->LockJob();
  ASSERT_TRUE(lock.ok());
  const auto other = disk.NewProcess();
  CheckpointStore second(*other, CheckpointPaths("/c", "job"));
  const Status status = second.LockJob().status();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("job job is running already"));
}

TEST_F(CheckpointStoreTest, RemovesWorkFoldersThatNobodyHolds) {
  const Id128 dead{1, 1}, alive{2, 2}, own{3, 3};
  const auto own_lock = store->CreateWork(own);
  store->CreateWork(dead).value().reset();
  const auto other = disk.NewProcess();
  CheckpointStore successor(*other, CheckpointPaths("/c", "job"));
  const auto held = successor.CreateWork(alive);
  ASSERT_TRUE(store->RemoveForeignWork(own).ok());
  EXPECT_FALSE(files->Exists(store->paths().WorkOf(dead)).value());
  EXPECT_TRUE(files->Exists(store->paths().WorkOf(alive)).value());
  EXPECT_TRUE(files->Exists(store->paths().WorkOf(own)).value());
}

TEST_F(CheckpointStoreTest, KeepsAWorkFolderOfWhichTheDiskDoesNotSayWhetherItIsHeld) {
  const Id128 alive{2, 2}, own{3, 3};
  const auto other = disk.NewProcess();
  CheckpointStore successor(*other, CheckpointPaths("/c", "job"));
  const auto held = successor.CreateWork(alive);
  disk.Fail(DiskFault::kNoSpace, 1);   // Of all calls only taking the lock needs space.
  ASSERT_TRUE(store->RemoveForeignWork(own).ok());
  EXPECT_EQ(disk.hits(DiskFault::kNoSpace), 1u);
  EXPECT_TRUE(files->Exists(store->paths().WorkOf(alive)).value());
}

TEST_F(CheckpointStoreTest, APreparedCheckpointOfWhichTheDiskDoesNotAnswerIsNoFaultOfTheProgram) {
  PutStateFiles(manifest);
  const uint64_t looks = disk.calls(DiskFault::kIoError);
  ASSERT_TRUE(store->WritePrepared(manifest).ok());
  const uint64_t calls = disk.calls(DiskFault::kIoError) - looks;
  ASSERT_GT(calls, 0u);
  for (uint64_t k = 1; k <= calls; ++k) {
    disk.Fail(DiskFault::kIoError, k);
    EXPECT_EQ(store->WritePrepared(manifest).status().code(), Code::kIoError) << "call " << k;
  }
}

TEST_F(CheckpointStoreTest, LeavesNoHalfCheckpointThatLooksPrepared) {
  Prepare(manifest);
  const ArmedCrashPoint point("retention.half_done", 1, [this] { files->Kill(); });
  EXPECT_FALSE(store->RemoveCheckpoint(NameOf(manifest)).ok());
  disk.CrashLosingAllUnsynced();
  Restart();
  EXPECT_THAT(store->ListPrepared().value(), IsEmpty());
  EXPECT_THAT(store->ListCheckpoints().value(), ElementsAre(NameOf(manifest)));
}

TEST_F(CheckpointStoreTest, IsNotPreparedByATornManifest) {
  PutStateFiles(manifest);
  const ArmedCrashPoint point("checkpoint.manifest_torn", 1, [this] { files->Kill(); });
  EXPECT_FALSE(store->WritePrepared(manifest).ok());
  Restart();
  EXPECT_THAT(store->ListPrepared().value(), IsEmpty());
}

TEST_F(CheckpointStoreTest, WithoutTheAttemptInItsNameADirectoryIsWrittenOver) {
  store.emplace(*files, CheckpointPaths("/c", "job", {.attempt_in_directory_name = false}));
  const PreparedCheckpoint first = Prepare(manifest);
  manifest.attempt = {9, 9};
  Prepare(manifest);
  EXPECT_EQ(store->ReadManifest(first.name, first.manifest_sha256).status().code(), Code::kCorruption);
}

}  // namespace
}  // namespace weir
