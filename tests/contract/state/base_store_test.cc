// What both base stores promise: state.md runs on RocksDB, the simulator on its own; they must not be told apart.
#include "state/base_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "runtime/base/posix_file_system.h"
#include "runtime/base/random.h"
#include "state/merge_cursor.h"
#include "state/rocksdb_base_store.h"
#include "state/simulated_base_store.h"

namespace weir::test {
namespace {

using Rows = std::map<std::string, std::string>;
using ::testing::ElementsAre;
using ::testing::Pair;

class BaseStoreContract : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string store = GetParam();
    if (store == "Simulated") factory_ = std::make_unique<SimulatedBaseStoreFactory>();
    else if (store == "RocksDb") factory_ = std::make_unique<RocksDbBaseStoreFactory>();
    else factory_ = std::make_unique<RocksDbBaseStoreFactory>(StoreFiles::kThroughSeam);
    root_ = (std::filesystem::temp_directory_path() / ("weir-base-" + SystemRandom().NewId().ToString())).string();
    ASSERT_TRUE(files_.CreateDirectories(Path("linked")).ok());
    store_ = factory_->NewStore(files_, Path("store")).value();
  }
  void TearDown() override {
    store_.reset();
    EXPECT_TRUE(files_.RemoveTree(root_).ok());
  }

  std::string Path(const std::string& name) const { return JoinPath(root_, name); }

  /// Writes a sorted file; an empty optional deletes.
  StateFile Write(const std::string& name, const std::map<std::string, std::optional<std::string>>& changes,
                  const std::vector<RangeDelete>& ranges = {}) {
    auto file = factory_->NewSortedFile(files_, Path(name)).value();
    for (const RangeDelete& range : ranges) EXPECT_TRUE(file->DeleteRange(range.begin, range.end).ok());
    for (const auto& [key, value] : changes) {
      EXPECT_TRUE((value ? file->Put(key, *value) : file->Delete(key)).ok());
    }
    StateFile written = file->Finish().value();
    EXPECT_TRUE(file->Sync().ok());
    return written;
  }
  std::unique_ptr<ChangeCursor> Open(const std::string& name) {
    return factory_->OpenSortedFile(files_, Path(name)).value();
  }
  /// Merges sorted files, oldest first, and ingests the result.
  void Ingest(const std::vector<std::string>& names) {
    std::vector<std::unique_ptr<ChangeCursor>> layers;
    for (const std::string& name : names) layers.push_back(Open(name));
    MergeCursor merged(std::move(layers));
    ASSERT_TRUE(store_->WriteMerged(Path("merged"), merged).ok());
    const Status ingested = store_->Ingest(Path("merged"));
    ASSERT_TRUE(ingested.ok()) << ingested.ToString();
  }
  static Rows All(BaseStore& store, const std::string& begin = "", const std::string& end = "") {
    Rows rows;
    auto cursor = store.Scan(begin, end).value();
    while (cursor->Next()) rows[std::string(cursor->change().key)] = cursor->change().value;
    EXPECT_TRUE(cursor->status().ok());
    return rows;
  }

  PosixFileSystem files_;
  std::unique_ptr<BaseStoreFactory> factory_;
  std::string root_;
  std::unique_ptr<BaseStore> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, BaseStoreContract, ::testing::Values("RocksDb", "RocksDbThroughSeam", "Simulated"),
                         [](const auto& store) { return std::string(store.param); });

TEST_P(BaseStoreContract, ReadsBackEveryChangeOfASortedFileInOrder) {
  Write("f", {{"a", "1"}, {"b", std::nullopt}, {"c", ""}}, {{"x", "y"}});
  const auto cursor = Open("f");
  EXPECT_THAT(cursor->range_deletes(), ElementsAre(RangeDelete{"x", "y"}));
  std::string seen;
  while (cursor->Next()) {
    const Change& change = cursor->change();
    seen += std::string(change.key) + (change.kind == ChangeKind::kPut ? "=" + std::string(change.value) : "!") + " ";
  }
  EXPECT_TRUE(cursor->status().ok());
  EXPECT_FALSE(cursor->Next());
  EXPECT_EQ(seen, "a=1 b! c= ");
}

TEST_P(BaseStoreContract, StatesSizeAndChecksumOfASortedFile) {
  const StateFile written = Write("f", {{"a", "1"}});
  EXPECT_EQ(written, MeasureFile(files_, Path("f")).value());
}

TEST_P(BaseStoreContract, WritesAndIngestsAFileWithoutChanges) {
  Write("f", {});
  const auto cursor = Open("f");
  EXPECT_FALSE(cursor->Next());
  EXPECT_TRUE(cursor->range_deletes().empty());
  Ingest({"f"});
  EXPECT_TRUE(All(*store_).empty());
}

TEST_P(BaseStoreContract, RefusesToOverwriteASortedFile) {
  Write("f", {{"a", "1"}});
  EXPECT_EQ(factory_->NewSortedFile(files_, Path("f")).status().code(), Code::kInvalidArgument);
}

TEST_P(BaseStoreContract, LetsTheNewestChangeOfAKeyWin) {
  Write("1", {{"a", "old"}, {"b", "kept"}, {"c", "dead"}});
  Write("2", {{"a", "new"}, {"c", std::nullopt}, {"d", "born"}});
  Ingest({"1", "2"});
  EXPECT_THAT(All(*store_), ElementsAre(Pair("a", "new"), Pair("b", "kept"), Pair("d", "born")));
}

TEST_P(BaseStoreContract, AppliesDeletesOfALaterIngestion) {
  Write("1", {{"a", "1"}, {"b", "1"}});
  Write("2", {{"a", std::nullopt}});
  Ingest({"1"});
  Ingest({"2"});
  EXPECT_THAT(All(*store_), ElementsAre(Pair("b", "1")));
  EXPECT_EQ(store_->Get("a").value(), std::nullopt);
  EXPECT_EQ(store_->Get("b").value(), "1");
}

TEST_P(BaseStoreContract, HidesOlderKeysByARangeDeleteButNotThoseOfItsOwnFile) {
  Write("1", {{"a", "1"}, {"b", "1"}, {"c", "1"}});
  Write("2", {{"b", "2"}}, {{"a", "c"}});
  Ingest({"1"});
  Ingest({"2"});
  EXPECT_THAT(All(*store_), ElementsAre(Pair("b", "2"), Pair("c", "1")));
}

TEST_P(BaseStoreContract, HidesOlderKeysByARangeDeleteWithinOneMerge) {
  Write("1", {{"a", "1"}, {"b", "1"}, {"c", "1"}});
  Write("2", {{"a", "2"}}, {{"a", "c"}});
  Write("3", {{"b", "3"}});
  Ingest({"1", "2", "3"});
  EXPECT_THAT(All(*store_), ElementsAre(Pair("a", "2"), Pair("b", "3"), Pair("c", "1")));
}

TEST_P(BaseStoreContract, ScansFromBeginUpToEnd) {
  Write("1", {{"a", "1"}, {"b", "2"}, {"c", "3"}});
  Ingest({"1"});
  EXPECT_THAT(All(*store_, "b", ""), ElementsAre(Pair("b", "2"), Pair("c", "3")));
  EXPECT_THAT(All(*store_, "a", "b"), ElementsAre(Pair("a", "1")));
}

TEST_P(BaseStoreContract, OpensWhatItLinkedWithTrueSizesAndChecksums) {
  Write("1", {{"a", "1"}, {"b", std::string(100'000, 'b')}});
  Ingest({"1"});
  const std::vector<StateFile> linked = store_->Link(Path("linked"), "op-0.base-1.").value();
  for (const StateFile& file : linked) {
    EXPECT_TRUE(file.name.starts_with("op-0.base-1."));
    EXPECT_EQ(file, MeasureFile(files_, JoinPath(Path("linked"), file.name)).value());
  }
  const auto copy = factory_->OpenStore(files_, Path("copy"), Path("linked"), "op-0.base-1.", linked).value();
  EXPECT_EQ(All(*copy), All(*store_));
}

TEST_P(BaseStoreContract, KeepsLinkedFilesAsTheyWereWhateverTheStoreDoesLater) {
  Write("0", {{"a", "0"}});
  Ingest({"0"});
  const std::vector<StateFile> linked = store_->Link(Path("linked"), "x.").value();
  for (int i = 1; i <= 12; ++i) {
    Write(std::to_string(i), {{"a", std::to_string(i)}, {"b" + std::to_string(i), "1"}});
    Ingest({std::to_string(i)});
  }
  EXPECT_EQ(All(*store_).size(), 13u);
  for (const StateFile& file : linked) {
    EXPECT_EQ(file, MeasureFile(files_, JoinPath(Path("linked"), file.name)).value());
  }
  const auto copy = factory_->OpenStore(files_, Path("copy"), Path("linked"), "x.", linked).value();
  EXPECT_THAT(All(*copy), ElementsAre(Pair("a", "0")));
}

TEST_P(BaseStoreContract, IngestsIntoAStoreThatWasOpenedFromLinks) {
  Write("1", {{"a", "1"}});
  Write("2", {{"a", "2"}});
  Ingest({"1"});
  const std::vector<StateFile> linked = store_->Link(Path("linked"), "x.").value();
  store_ = factory_->OpenStore(files_, Path("copy"), Path("linked"), "x.", linked).value();
  Ingest({"2"});
  EXPECT_THAT(All(*store_), ElementsAre(Pair("a", "2")));
}

TEST_P(BaseStoreContract, EqualsAPlainMapOverRandomIngestions) {
  constexpr uint64_t kSeed = 4711;
  SeededRandom random(kSeed);
  Rows expected;
  for (int round = 0; round < 20; ++round) {
    std::map<std::string, std::optional<std::string>> changes;
    std::string begin = std::to_string(random.Below(500)), end = std::to_string(random.Below(500));
    if (begin > end) std::swap(begin, end);
    expected.erase(expected.lower_bound(begin), expected.lower_bound(end));
    for (int i = 0; i < 60; ++i) {
      const std::string key = std::to_string(random.Below(500));
      changes[key] = random.OneIn(3) ? std::nullopt : std::optional(std::to_string(random.Next()));
    }
    for (const auto& [key, value] : changes) {
      if (value) expected[key] = *value;
      else expected.erase(key);
    }
    Write(std::to_string(round), changes, {{begin, end}});
    Ingest({std::to_string(round)});
    ASSERT_EQ(All(*store_), expected) << "seed " << kSeed << ", round " << round;
  }
}

}  // namespace
}  // namespace weir::test
