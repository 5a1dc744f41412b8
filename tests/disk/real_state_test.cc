// The files of RocksDB on the machine's own disk: damaged ones are refused by name, and RocksDB itself, shown bytes that no
// checksum has refused, answers with an error or with entries, and never dies.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "runtime/base/posix_file_system.h"
#include "runtime/base/random.h"
#include "state/rocksdb_base_store.h"
#include "tests/support/run_scale.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

class RealState : public testing::Test {
 protected:
  static constexpr uint64_t kCheckpoints = 5;

  void SetUp() override {
    root_ = (std::filesystem::temp_directory_path() / ("weir-damage-" + SystemRandom().NewId().ToString())).string();
    ASSERT_TRUE(files_.CreateDirectories(root_).ok());
    instance_ = std::make_unique<Instance>(files_, base_, root_, "a");
    ASSERT_TRUE(instance_->Start().ok());
    for (uint64_t n = 1; n <= kCheckpoints; ++n) {
      for (int64_t key = 0; key < 20; ++key) {
        instance_->counts->Mutable(key) += static_cast<int64_t>(n);
        instance_->texts->Mutable("key-" + std::to_string(key)) = {key, std::string(n, 'x')};
      }
      instance_->Checkpoint(n);
    }
    ASSERT_TRUE(instance_->failures.empty()) << instance_->failures.begin()->second.ToString();
    snapshot_ = instance_->snapshots.at(kCheckpoints);
    ASSERT_FALSE(snapshot_.base.empty());
    ASSERT_FALSE(snapshot_.deltas.empty());
    for (const std::vector<StateFile>* list : {&snapshot_.base, &snapshot_.deltas}) {
      for (const StateFile& file : *list) all_[Path(file.name)] = ReadWholeFile(files_, Path(file.name)).value();
    }
  }
  void TearDown() override {
    instance_.reset();
    EXPECT_TRUE(files_.RemoveTree(root_).ok());
  }

  std::string Path(const std::string& name) const { return JoinPath(instance_->DirectoryOf(kCheckpoints), name); }
  void Write(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(files_.RemoveFile(path).ok());   // A link: other checkpoints keep their bytes.
    const auto file = files_.Create(path, Replace::kNever);
    ASSERT_TRUE(file.ok() && (*file)->Append(bytes).ok() && (*file)->Close().ok());
  }
  Status Restore() {
    Instance restored(files_, base_, root_, "check");
    const Status status = restored.Start(&snapshot_, instance_->DirectoryOf(kCheckpoints));
    EXPECT_TRUE(!status.ok() || ImageOf(restored) == ImageOf(*instance_)) << "another state was restored";
    return status;
  }
  void ExpectRefused(const std::string& path, const std::string& bytes) {
    Write(path, bytes);
    const Status status = Restore();
    EXPECT_EQ(status.code(), Code::kCorruption) << status.ToString();
    EXPECT_NE(status.message().find(path), std::string::npos) << status.ToString();
    Write(path, all_.at(path));
  }
  std::pair<std::string, std::string> RandomFile(Random& random) const {
    return *std::next(all_.begin(), static_cast<ptrdiff_t>(random.Below(all_.size())));
  }
  static std::string Damaged(std::string bytes, Random& random) {
    if (random.OneIn(3)) bytes.resize(random.Below(bytes.size()));
    else bytes[random.Below(bytes.size())] ^= static_cast<char>(1 << random.Below(8));
    return bytes;
  }

  PosixFileSystem files_;
  RocksDbBaseStoreFactory base_;
  std::string root_;
  std::unique_ptr<Instance> instance_;
  StateSnapshot snapshot_;
  std::map<std::string, std::string> all_;   // All files of the checkpoint.
};

TEST_F(RealState, ThatIsDamagedIsRefusedByTheNameOfTheFile) {
  SeededRandom random(TestSeed());
  const uint64_t trials = ModelSeeds(FullOrDraw(10'000, 1'000));
  for (uint64_t i = 0; i < trials && !HasFailure(); ++i) {
    const auto [path, bytes] = RandomFile(random);
    ExpectRefused(path, Damaged(bytes, random));
  }
  EXPECT_TRUE(Restore().ok());
  std::cout << trials << " damaged files refused\n";
}

TEST_F(RealState, WhoseFilesAreInPlaceOfOneAnotherIsRefused) {
  for (const auto& [path, bytes] : all_) {
    for (const auto& [other, other_bytes] : all_) {
      if (bytes != other_bytes) ExpectRefused(path, other_bytes);
    }
  }
  EXPECT_TRUE(Restore().ok());
}

}  // namespace
}  // namespace weir::test
