#include "state/slice_table.h"

#include <gtest/gtest.h>

#include "tests/unit/state/slice_harness.h"

namespace weir::test {
namespace {

class SliceTableTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(instance_.Start().ok()); }
  void Fill(int64_t end, int64_t keys) {
    for (int64_t key = 0; key < keys; ++key) instance_.Sum(end, key) += 1;
  }
  uint64_t DeltaBytes(uint64_t n) {
    instance_.Checkpoint(*files_, n);
    const StateSnapshot& snapshot = instance_.snapshots().at(n);
    return snapshot.deltas.size() == deltas_ ? 0 : (++deltas_, snapshot.deltas.back().size);
  }
  Image RestoredImage(uint64_t n) {
    SliceInstance restored(*files_, base_, "job", "restored-" + std::to_string(n));
    EXPECT_TRUE(restored.Start(&instance_.snapshots().at(n), instance_.DirectoryOf(n)).ok());
    return ImageOf(restored);
  }

  SimulatedDisk disk_;
  std::unique_ptr<SimulatedFileSystem> files_ = disk_.NewProcess();
  SimulatedBaseStoreFactory base_;
  SliceInstance instance_{*files_, base_, "job", "a"};
  size_t deltas_ = 0;
};

TEST_F(SliceTableTest, KeepsTheSameKeyOfTwoSlicesApart) {
  instance_.Sum(10, 7) = 1;
  instance_.Sum(20, 7) = 2;
  EXPECT_EQ(*instance_.sums->Find(10, 7, HashKey(int64_t{7})), 1);
  EXPECT_EQ(*instance_.sums->Find(20, 7, HashKey(int64_t{7})), 2);
  EXPECT_EQ(instance_.sums->Find(30, 7, HashKey(int64_t{7})), nullptr);
  EXPECT_EQ(instance_.sums->keys(), 2u);
}

TEST_F(SliceTableTest, OrdersTheSlicesOfAGroupWhateverTheOrderOfTheirRows) {
  const int64_t ends[] = {40, -30, 90, 10, 70, 0, 50, -80};
  for (const int64_t end : ends) instance_.Sum(end, 7) = end;
  const KeyGroup group = GroupOfHash(HashKey(int64_t{7}), 8);
  ASSERT_EQ(instance_.sums->slices(group), std::size(ends));
  for (size_t i = 1; i < std::size(ends); ++i) {
    EXPECT_LT(instance_.sums->end_of(group, i - 1), instance_.sums->end_of(group, i));
  }
  EXPECT_EQ(instance_.sums->end_of(group, instance_.sums->IndexOf(group, 11)), 40);
}

TEST_F(SliceTableTest, ReadsAllKeysOfASliceWhileTheyAreSaved) {
  Fill(10, 1000);
  instance_.Freeze(*files_, 1);
  uint64_t read = 0;
  for (uint16_t group = 0; group < 8; ++group) {
    for (auto reader = instance_.sums->Read(KeyGroup{group}, 0); !reader.done(); reader.Next()) {
      ++read;
      instance_.store->Advance(3);
    }
  }
  EXPECT_EQ(read, 1000u);
}

TEST_F(SliceTableTest, WritesNothingForASliceBornAndDeadInOneEpoch) {
  Fill(10, 1000);
  instance_.DropThrough(10);
  EXPECT_EQ(DeltaBytes(1), 0u);
  EXPECT_EQ(instance_.sums->keys(), 0u);
}

TEST_F(SliceTableTest, DropsASavedSliceByOneRangeDeleteAGroup) {
  Fill(10, 1000);
  const uint64_t saved = DeltaBytes(1);
  instance_.DropThrough(10);
  const uint64_t dropped = DeltaBytes(2);
  EXPECT_GT(dropped, 0u);
  EXPECT_LT(dropped, saved / 20);
  EXPECT_EQ(RestoredImage(1).size(), 1000u);
  EXPECT_TRUE(RestoredImage(2).empty());
}

TEST_F(SliceTableTest, DropsNoSliceTooMany) {
  Fill(10, 100);
  Fill(11, 100);
  DeltaBytes(1);
  instance_.DropThrough(10);
  DeltaBytes(2);
  EXPECT_EQ(RestoredImage(2), ImageOf(instance_));
  EXPECT_EQ(RestoredImage(2).size(), 100u);
}

TEST_F(SliceTableTest, SavesTheFrozenImageOfASliceThatIsDroppedMeanwhile) {
  Fill(10, 1000);
  const Image frozen = ImageOf(instance_);
  instance_.Freeze(*files_, 1);
  instance_.store->Advance(100);
  instance_.DropThrough(10);
  instance_.FreeAll();
  instance_.Save();
  instance_.queue().RunAll();
  EXPECT_EQ(RestoredImage(1), frozen);
  DeltaBytes(2);
  EXPECT_TRUE(RestoredImage(2).empty());
}

TEST_F(SliceTableTest, KeepsWhatIsWrittenIntoASliceAfterItsDrop) {
  Fill(10, 100);
  DeltaBytes(1);
  Fill(10, 100);
  instance_.DropThrough(10);
  instance_.Sum(10, 5) = 77;
  DeltaBytes(2);
  EXPECT_EQ(RestoredImage(2), (Image{{"s10/5", "77"}}));
}

TEST_F(SliceTableTest, ForgetsWhatTheOpenEpochWroteIntoASliceThatItDropped) {
  Fill(10, 100);
  DeltaBytes(1);
  Fill(10, 200);
  instance_.DropThrough(10);   // not freed before the next two barriers
  DeltaBytes(2);
  DeltaBytes(3);
  EXPECT_TRUE(RestoredImage(3).empty());
}

TEST_F(SliceTableTest, FreesALargeSliceOfStringsInParts) {
  for (int64_t i = 0; i < 10'000; ++i) {
    const std::string key = "a key that is no short string " + std::to_string(i);
    instance_.texts->Mutable(10, key, HashKey(key)).sum = i;
  }
  instance_.DropThrough(10);
  int parts = 0;
  for (;; ++parts) {
    SliceBudget budget(64);
    if (instance_.texts->FreeDropped(budget)) break;
  }
  EXPECT_GE(parts, 9);
  EXPECT_FALSE(instance_.texts->has_dropped());
  EXPECT_LT(instance_.texts->bytes(), 10'000u);
}

TEST_F(SliceTableTest, FreesNothingThatTheFrozenEpochStillNeeds) {
  Fill(10, 1000);
  instance_.Freeze(*files_, 1);
  instance_.DropThrough(10);
  instance_.FreeAll();
  EXPECT_TRUE(instance_.sums->has_dropped());
  instance_.Save();
  instance_.FreeAll();
  EXPECT_FALSE(instance_.sums->has_dropped());
}

TEST_F(SliceTableTest, KeepsAValueForEachGroup) {
  instance_.through->Mutable(KeyGroup{3}) = 30;
  instance_.Freeze(*files_, 1);
  instance_.through->Mutable(KeyGroup{3}) = 31;
  instance_.Save();
  instance_.queue().RunAll();
  EXPECT_EQ(RestoredImage(1), (Image{{"g3", "30"}}));
  DeltaBytes(2);
  EXPECT_EQ(RestoredImage(2), (Image{{"g3", "31"}}));
}

TEST_F(SliceTableTest, RefusesBytesThatAreNoEntryOfASlice) {
  StateTable& table = *instance_.sums;
  EXPECT_EQ(table.RestoreEntry(KeyGroup{0}, "short", "12345678", CheckpointId{1}).code(), Code::kCorruption);
  EXPECT_EQ(table.RestoreEntry(KeyGroup{0}, std::string(16, 'x'), "1", CheckpointId{1}).code(),
            Code::kCorruption);
  std::string key;
  EncodeKey(EventTime{10}, key);
  EncodeKey(int64_t{7}, key);
  const KeyGroup other{static_cast<uint16_t>((GroupOfHash(HashKey(int64_t{7}), 8).value() + 1) % 8)};
  EXPECT_EQ(table.RestoreEntry(other, key, "12345678", CheckpointId{1}).code(), Code::kCorruption);
}

}  // namespace
}  // namespace weir::test
