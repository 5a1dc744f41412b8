#include "state/value_table.h"

#include <gtest/gtest.h>

#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

struct PlainKey {
  int32_t left = 0;
  std::string right;
};

class ValueTableTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(instance_.Start().ok()); }
  Counts& counts() { return *instance_.counts; }
  /// Changes in the delta that the freeze of now would write.
  uint64_t DeltaBytes(uint64_t n) {
    instance_.Checkpoint(n);
    const StateSnapshot& snapshot = instance_.snapshots.at(n);
    return snapshot.deltas.empty() ? 0 : snapshot.deltas.back().size;
  }

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  SimulatedBaseStoreFactory base_;
  Instance instance_{*files_, base_, "job", "a"};
};

TEST_F(ValueTableTest, GivesAValueInitialisedValueWhereThereWasNone) {
  EXPECT_EQ(counts().Find(7), nullptr);
  EXPECT_EQ(counts().Mutable(7), 0);
  ASSERT_NE(counts().Find(7), nullptr);
  EXPECT_EQ(counts().keys(), 1u);
}

TEST_F(ValueTableTest, FindsNothingAfterErase) {
  counts().Mutable(7) = 3;
  EXPECT_TRUE(counts().Erase(7));
  EXPECT_FALSE(counts().Erase(7));
  EXPECT_EQ(counts().Find(7), nullptr);
  EXPECT_EQ(counts().FindMutable(7, HashKey(int64_t{7})), nullptr);
  EXPECT_EQ(counts().keys(), 0u);
}

TEST_F(ValueTableTest, StartsFromNothingWhenASavedKeyIsErasedAndComesBack) {
  counts().Mutable(7) = 3;
  instance_.Checkpoint(1);
  counts().Erase(7);
  EXPECT_EQ(counts().Mutable(7), 0);
  EXPECT_EQ(counts().keys(), 1u);
}

TEST_F(ValueTableTest, WritesNothingForAKeyBornAndDeadInOneEpoch) {
  counts().Mutable(7) = 3;
  counts().Erase(7);
  instance_.Checkpoint(1);
  EXPECT_TRUE(instance_.snapshots.at(1).deltas.empty());
}

TEST_F(ValueTableTest, WritesOnlyTheKeysThatChanged) {
  for (int64_t key = 0; key < 1000; ++key) counts().Mutable(key) = 1;
  const uint64_t all = DeltaBytes(1);
  counts().Mutable(17) = 2;
  const uint64_t one = DeltaBytes(2);
  EXPECT_EQ(all, 1000 * one);
  EXPECT_GT(one, 0u);
}

TEST_F(ValueTableTest, WritesAReadOfAMissingKeyNowhere) {
  EXPECT_EQ(counts().Find(1), nullptr);
  EXPECT_FALSE(counts().Erase(1));
  instance_.Checkpoint(1);
  EXPECT_TRUE(instance_.snapshots.at(1).deltas.empty());
}

TEST_F(ValueTableTest, FindsTheLastOfManyKeysAfterGrowth) {
  for (int64_t key = 0; key < 100'000; ++key) counts().Mutable(key) = key;
  for (int64_t key = 0; key < 100'000; ++key) ASSERT_EQ(*counts().Find(key), key);
  EXPECT_LE(counts().bytes(), 100'000u * 60);
}

TEST(ValueTable, TakesPlainStructsWithoutEqualityAsKeys) {
  StateEpochs epochs;
  ValueTable<PlainKey, int64_t> table("pairs", {0, 4}, 4, epochs);
  table.Mutable({1, "a"}) = 1;
  table.Mutable({1, "b"}) = 2;
  table.Mutable({1, "a"}) += 10;
  EXPECT_EQ(*table.Find({1, "a"}), 11);
  EXPECT_EQ(*table.Find({1, "b"}), 2);
}

TEST(ValueTable, RefusesAKeyInAGroupThatItsHashDenies) {
  StateEpochs epochs;
  ValueTable<int64_t, int64_t> table("counts", {0, 4}, 4, epochs);
  std::string key, value;
  EncodeKey(int64_t{5}, key);
  EncodeBinary(int64_t{1}, value);
  const KeyGroup right = GroupOfHash(HashKey(int64_t{5}), 4);
  const KeyGroup wrong{static_cast<uint16_t>((right.value() + 1) % 4)};
  EXPECT_EQ(table.RestoreEntry(wrong, key, value, CheckpointId{1}).code(), Code::kCorruption);
  EXPECT_EQ(table.RestoreEntry(right, key, value + "x", CheckpointId{1}).code(), Code::kCorruption);
  EXPECT_TRUE(table.RestoreEntry(right, key, value, CheckpointId{1}).ok());
}

}  // namespace
}  // namespace weir::test
