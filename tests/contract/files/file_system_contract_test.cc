// One suite over every FileSystem: what file_system.h promises, short of what only a crash shows.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <functional>

#include "runtime/base/posix_file_system.h"
#include "runtime/base/simulated_file_system.h"

namespace weir {
namespace {

struct Machine {
  virtual ~Machine() = default;
  virtual FileSystem& files() = 0;
  virtual std::string root() = 0;
  virtual std::string process_id() = 0;
};

struct RealMachine : Machine {
  RealMachine() { EXPECT_NE(mkdtemp(folder.data()), nullptr); }
  ~RealMachine() override { EXPECT_TRUE(posix.RemoveTree(folder).ok()); }
  FileSystem& files() override { return posix; }
  std::string root() override { return folder; }
  std::string process_id() override { return std::to_string(getpid()); }
  PosixFileSystem posix;
  std::string folder = ::testing::TempDir() + "weir-files-XXXXXX";
};

struct SimulatedMachine : Machine {
  FileSystem& files() override { return *process; }
  std::string root() override { return "/"; }
  std::string process_id() override { return "1"; }
  SimulatedDisk disk;
  std::unique_ptr<SimulatedFileSystem> process = disk.NewProcess();
};

struct Kind {
  std::string name;
  std::function<std::unique_ptr<Machine>()> make;
};

class AnyFileSystem : public ::testing::TestWithParam<Kind> {
 protected:
  std::string Path(const std::string& name) { return JoinPath(machine_->root(), name); }
  void Put(const std::string& name, const std::string& bytes) {
    auto file = files_.Create(Path(name), Replace::kExisting);
    ASSERT_TRUE(file.ok()) << file.status().ToString();
    ASSERT_TRUE((*file)->Append(bytes).ok());
    ASSERT_TRUE((*file)->Close().ok());
  }
  std::string Get(const std::string& name) {
    auto bytes = ReadWholeFile(files_, Path(name));
    return bytes.ok() ? *bytes : bytes.status().ToString();
  }
  bool Exists(const std::string& name) {
    auto exists = files_.Exists(Path(name));
    return exists.ok() && *exists;
  }

  std::unique_ptr<Machine> machine_ = GetParam().make();
  FileSystem& files_ = machine_->files();
};

TEST_P(AnyFileSystem, ReadsBackWhatWasAppendedInPieces) {
  auto file = files_.Create(Path("a"), Replace::kNever);
  ASSERT_TRUE(file.ok());
  const std::string large(200'000, 'x');
  ASSERT_TRUE((*file)->Append("one").ok());
  ASSERT_TRUE((*file)->Append(large).ok());
  ASSERT_TRUE((*file)->Append("two").ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_EQ(Get("a"), "one" + large + "two");
  EXPECT_EQ(*files_.Size(Path("a")), large.size() + 6);
}

TEST_P(AnyFileSystem, CloseMayBeRepeatedAndNothingFollowsIt) {
  auto file = files_.Create(Path("a"), Replace::kNever);
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_TRUE((*file)->Close().ok());
  EXPECT_FALSE((*file)->Append("x").ok());
  EXPECT_FALSE((*file)->Sync().ok());
}

TEST_P(AnyFileSystem, CreateTruncatesOnlyWhenAskedTo) {
  Put("a", "old");
  EXPECT_EQ(files_.Create(Path("a"), Replace::kNever).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(Get("a"), "old");
  Put("a", "n");
  EXPECT_EQ(Get("a"), "n");
}

TEST_P(AnyFileSystem, MissingPathsAreNotFoundAndNamed) {
  EXPECT_EQ(files_.Open(Path("gone")).status().code(), Code::kNotFound);
  EXPECT_EQ(files_.Size(Path("gone")).status().code(), Code::kNotFound);
  EXPECT_EQ(files_.List(Path("gone")).status().code(), Code::kNotFound);
  EXPECT_EQ(files_.RemoveFile(Path("gone")).code(), Code::kNotFound);
  EXPECT_EQ(files_.SyncDirectory(Path("gone")).code(), Code::kNotFound);
  EXPECT_EQ(files_.Create(Path("gone/a"), Replace::kNever).status().code(), Code::kNotFound);
  EXPECT_EQ(files_.OpenForAppend(Path("gone"), 0).status().code(), Code::kNotFound);
  EXPECT_EQ(files_.Rename(Path("gone"), Path("b"), Replace::kNever).code(), Code::kNotFound);
  EXPECT_EQ(files_.HardLink(Path("gone"), Path("b")).code(), Code::kNotFound);
  EXPECT_NE(files_.Open(Path("gone")).status().message().find(Path("gone")), std::string::npos);
}

TEST_P(AnyFileSystem, AppendsAfterCuttingToTheGivenSize) {
  Put("a", "abcdef");
  auto file = files_.OpenForAppend(Path("a"), 3);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append("X").ok());
  ASSERT_TRUE((*file)->Close().ok());
  EXPECT_EQ(Get("a"), "abcX");
  EXPECT_EQ(files_.OpenForAppend(Path("a"), 9).status().code(), Code::kIoError);
}

TEST_P(AnyFileSystem, ReadsShortOnlyAtTheEnd) {
  Put("a", "abcdef");
  auto file = files_.Open(Path("a"));
  ASSERT_TRUE(file.ok());
  char out[10];
  EXPECT_EQ(*(*file)->Read(2, 3, out), 3u);
  EXPECT_EQ(std::string(out, 3), "cde");
  EXPECT_EQ(*(*file)->Read(4, 10, out), 2u);
  EXPECT_EQ(*(*file)->Read(6, 10, out), 0u);
  EXPECT_EQ(*(*file)->Read(60, 10, out), 0u);
}

TEST_P(AnyFileSystem, ListsNamesSorted) {
  ASSERT_TRUE(files_.CreateDirectories(Path("d/c")).ok());
  Put("d/b", "");
  Put("d/a", "");
  EXPECT_EQ(*files_.List(Path("d")), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_P(AnyFileSystem, CreatesFoldersWithTheirParentsAndTwice) {
  ASSERT_TRUE(files_.CreateDirectories(Path("a/b/c")).ok());
  EXPECT_TRUE(files_.CreateDirectories(Path("a/b/c/")).ok());
  EXPECT_TRUE(*files_.IsDirectory(Path("a/b/c")));
  EXPECT_TRUE(files_.SyncDirectory(Path("a/b")).ok());
  Put("f", "");
  EXPECT_FALSE(*files_.IsDirectory(Path("f")));
  EXPECT_EQ(files_.CreateDirectories(Path("f/x")).code(), Code::kIoError);
}

TEST_P(AnyFileSystem, RenameReplacesOnlyWhenAskedTo) {
  Put("a", "A");
  Put("b", "B");
  EXPECT_EQ(files_.Rename(Path("a"), Path("b"), Replace::kNever).code(), Code::kInvalidArgument);
  EXPECT_EQ(Get("b"), "B");
  EXPECT_TRUE(files_.Rename(Path("a"), Path("b"), Replace::kExisting).ok());
  EXPECT_EQ(Get("b"), "A");
  EXPECT_FALSE(Exists("a"));
}

TEST_P(AnyFileSystem, RenamesFoldersButNotIntoThemselves) {
  ASSERT_TRUE(files_.CreateDirectories(Path("a/b")).ok());
  Put("a/b/f", "F");
  EXPECT_EQ(files_.Rename(Path("a"), Path("a/b/c"), Replace::kExisting).code(), Code::kIoError);
  ASSERT_TRUE(files_.Rename(Path("a"), Path("z"), Replace::kNever).ok());
  EXPECT_EQ(Get("z/b/f"), "F");
  ASSERT_TRUE(files_.CreateDirectories(Path("full/x")).ok());
  EXPECT_EQ(files_.Rename(Path("z"), Path("full"), Replace::kExisting).code(), Code::kIoError);
}

TEST_P(AnyFileSystem, HardLinksShareTheFile) {
  Put("a", "A");
  ASSERT_TRUE(files_.HardLink(Path("a"), Path("b")).ok());
  EXPECT_EQ(files_.HardLink(Path("a"), Path("b")).code(), Code::kInvalidArgument);
  auto file = files_.OpenForAppend(Path("b"), 1);
  ASSERT_TRUE((*file)->Append("+").ok());
  ASSERT_TRUE((*file)->Close().ok());
  ASSERT_TRUE(files_.RemoveFile(Path("b")).ok());
  EXPECT_EQ(Get("a"), "A+");
}

TEST_P(AnyFileSystem, AnOpenFileOutlivesItsName) {
  Put("a", "A");
  auto file = files_.Open(Path("a"));
  ASSERT_TRUE(files_.RemoveFile(Path("a")).ok());
  char out[4];
  EXPECT_EQ(*(*file)->Read(0, 4, out), 1u);
  EXPECT_FALSE(Exists("a"));
}

TEST_P(AnyFileSystem, RemovesTreesAndAcceptsMissingOnes) {
  ASSERT_TRUE(files_.CreateDirectories(Path("d/e/f")).ok());
  Put("d/e/x", "X");
  EXPECT_NE(files_.RemoveFile(Path("d/e")).code(), Code::kOk);
  EXPECT_TRUE(files_.RemoveTree(Path("d")).ok());
  EXPECT_FALSE(Exists("d"));
  EXPECT_TRUE(files_.RemoveTree(Path("d")).ok());
  EXPECT_TRUE(files_.RemoveTree(Path("no/such")).ok());
}

TEST_P(AnyFileSystem, ALockIsExclusiveAndNamesItsHolder) {
  auto held = files_.Lock(Path("LOCK"));
  ASSERT_TRUE(held.ok()) << held.status().ToString();
  const Status refused = files_.Lock(Path("LOCK")).status();
  EXPECT_EQ(refused.code(), Code::kUnavailable);
  EXPECT_NE(refused.message().find("process " + machine_->process_id() + ";"), std::string::npos) << refused.message();
  held->reset();
  EXPECT_TRUE(files_.Lock(Path("LOCK")).ok());
}

TEST_P(AnyFileSystem, AFolderIsNoFile) {
  ASSERT_TRUE(files_.CreateDirectories(Path("d")).ok());
  EXPECT_EQ(files_.Open(Path("d")).status().code(), Code::kIoError);
  EXPECT_EQ(files_.Create(Path("d"), Replace::kExisting).status().code(), Code::kIoError);
  EXPECT_EQ(files_.HardLink(Path("d"), Path("e")).code(), Code::kIoError);
}

TEST_P(AnyFileSystem, WritesDurablyOverAnOldFile) {
  ASSERT_TRUE(WriteDurably(files_, Path("a"), "one").ok());
  ASSERT_TRUE(WriteDurably(files_, Path("a"), "two").ok());
  EXPECT_EQ(Get("a"), "two");
  EXPECT_FALSE(Exists("a.tmp"));
}

INSTANTIATE_TEST_SUITE_P(
    Files, AnyFileSystem,
    ::testing::Values(Kind{"Posix", [] { return std::unique_ptr<Machine>(new RealMachine); }},
                      Kind{"Simulated", [] { return std::unique_ptr<Machine>(new SimulatedMachine); }}),
    [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace weir
