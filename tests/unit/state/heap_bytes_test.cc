// What values of state own on the heap, and what tables say of it.
#include "runtime/reflect/heap_bytes.h"

#include <gmock/gmock.h>

#include "runtime/reflect/flat_set.h"
#include "state/ordered_table.h"
#include "state/slice_table.h"
#include "tests/unit/state/state_harness.h"

namespace weir::test {
namespace {

using internal::HeapBytes;
using testing::AllOf;
using testing::Ge;
using testing::Lt;

struct Nested {
  int64_t number = 0;
  std::optional<std::string> text;
  std::vector<std::vector<int64_t>> lists;
};

TEST(HeapBytes, AreWhatStringsAndListsHoldAtAnyDepth) {
  EXPECT_EQ(HeapBytes(int64_t{7}), 0u);
  EXPECT_EQ(HeapBytes(std::string("short")), 0u);
  EXPECT_THAT(HeapBytes(std::string(1000, 'x')), AllOf(Ge(1000u), Lt(1100u)));
  EXPECT_THAT(HeapBytes(std::vector<std::string>(100, std::string(100, 'x'))), AllOf(Ge(13'200u), Lt(15'000u)));
  EXPECT_THAT(HeapBytes(Nested{1, std::string(1000, 'x'), {{1, 2, 3}, std::vector<int64_t>(100)}}), AllOf(Ge(1872u), Lt(2000u)));
  FlatSet<int64_t> set;
  for (int64_t i = 0; i < 1000; ++i) set.Insert(i);
  EXPECT_THAT(HeapBytes(set), AllOf(Ge(9000u), Lt(20'000u)));
}

/// 100 entries of 1,000 bytes in a table of each layout.
class HeapOfTables : public testing::Test {
 protected:
  static constexpr int64_t kEntries = 100;

  HeapOfTables() { Start(nullptr); }

  void Start(const RestoredState* from) {
    instance_ = std::make_unique<Instance>(*files_, base_, "job", from == nullptr ? "a" : "b");
    instance_->store = std::make_unique<StateStore>(instance_->options);
    values_ = &instance_->store->AddValue<int64_t, std::string>("values");
    slices_ = &instance_->store->AddSlices<int64_t, std::string>("slices");
    rows_ = &instance_->store->AddOrdered<int64_t, std::string>("rows");
    rows_->SetStep(10);
    ASSERT_TRUE(instance_->store->Restore(from).ok());
  }
  void Fill(size_t bytes) {
    for (int64_t i = 0; i < kEntries; ++i) {
      values_->Mutable(i) = slices_->Mutable(10, i, HashKey(i)) = std::string(bytes, 'x');
      rows_->Insert(i, HashKey(i), EventTime{5}, std::string(bytes, 'x'));
    }
  }
  void Empty() {
    for (int64_t i = 0; i < kEntries; ++i) values_->Erase(i);
    for (uint16_t group = 0; group < 8; ++group) slices_->DropThrough(KeyGroup{group}, 10);
    rows_->Expire(EventTime{10}, 1000, ExpiryEnds::kAnywhere, [](const int64_t&, uint64_t, EventTime, std::string&&, bool) {});
  }
  void ExpectEach(uint64_t least, uint64_t most) const {
    for (const uint64_t bytes : {values_->heap_bytes(), slices_->heap_bytes(), rows_->heap_bytes()}) {
      EXPECT_THAT(bytes, AllOf(Ge(least), testing::Le(most)));
    }
  }

  SimulatedDisk disk_;
  std::unique_ptr<FileSystem> files_ = disk_.NewProcess();
  SimulatedBaseStoreFactory base_;
  std::unique_ptr<Instance> instance_;
  ValueTable<int64_t, std::string>* values_ = nullptr;
  SliceTable<int64_t, std::string>* slices_ = nullptr;
  OrderedTable<int64_t, std::string>* rows_ = nullptr;
};

TEST_F(HeapOfTables, IsKnownOnceItIsSavedAndAfterARestore) {
  Fill(1000);
  instance_->Checkpoint(1);
  ExpectEach(100'000, 110'000);
  EXPECT_GT(instance_->store->bytes(), 300'000u);
  const RestoredState from{CheckpointId{1}, instance_->DirectoryOf(1), {instance_->snapshots.at(1)}};
  Start(&from);
  ExpectEach(100'000, 110'000);
}

TEST_F(HeapOfTables, GoesWithItsEntriesHoweverTheyWereSaved) {
  for (const bool saved_between : {true, false}) {
    Fill(1000);
    instance_->Checkpoint(saved_between ? 1 : 4);
    Fill(2000);
    if (saved_between) instance_->Checkpoint(2);
    Empty();
    instance_->Checkpoint(saved_between ? 3 : 5);
    SliceBudget budget(100'000);
    while (!slices_->FreeDropped(budget)) {
    }
    ExpectEach(0, 0);
  }
}

}  // namespace
}  // namespace weir::test
