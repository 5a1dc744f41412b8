// The judge of whole epochs has to see one that is not.
#include "tests/fault/harness/epoch_counter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class EpochCounterTest : public testing::Test {
 protected:
  /// Records of one transaction in one partition, and the control record behind them.
  void AddRun(int32_t partition, int records, int64_t timestamp_ms) {
    int64_t& next = next_[partition];
    for (int i = 0; i < records; ++i) counter_.AddRecord(partition, next++, timestamp_ms);
    ++next;
  }

  EpochCounter counter_;
  std::map<int32_t, int64_t> next_;
};

TEST_F(EpochCounterTest, FindsNothingWhereEveryRecordThatAMarkerStatesIsThere) {
  AddRun(0, 3, 100);
  AddRun(1, 2, 110);
  counter_.AddMarker(1, 5, 120);
  AddRun(0, 4, 130);
  counter_.AddMarker(2, 4, 140);
  EXPECT_THAT(counter_.Settle(), IsEmpty());
  EXPECT_EQ(counter_.settled(), 2u);
}

TEST_F(EpochCounterTest, SeesAnEpochOfWhichOnePartitionIsMissing) {
  AddRun(0, 3, 100);
  counter_.AddMarker(1, 5, 120);
  EXPECT_THAT(counter_.Settle(), ElementsAre(HasSubstr("torn epoch 1: its marker states 5 records, 3 are visible")));
}

TEST_F(EpochCounterTest, SeesRecordsThatNoMarkerFollows) {
  counter_.AddMarker(1, 0, 120);
  AddRun(0, 3, 130);
  EXPECT_THAT(counter_.Settle(), ElementsAre(HasSubstr("3 records of an epoch without a marker")));
}

TEST_F(EpochCounterTest, SeesRecordsThatALaterEpochHasTooMany) {
  AddRun(0, 3, 100);   // Of an epoch that was to be aborted.
  AddRun(0, 3, 110);
  counter_.AddMarker(1, 3, 120);
  EXPECT_THAT(counter_.Settle(), ElementsAre(HasSubstr("its marker states 3 records, 6 are visible")));
}

TEST_F(EpochCounterTest, LeavesEpochsAloneThatAreNotToBeSettledYet) {
  AddRun(0, 3, 100);
  counter_.AddMarker(1, 3, 120);
  counter_.AddMarker(2, 7, 140);
  AddRun(0, 2, 130);
  EXPECT_THAT(counter_.Settle(1), IsEmpty());
  AddRun(1, 5, 135);
  EXPECT_THAT(counter_.Settle(2), IsEmpty());
}

}  // namespace
}  // namespace weir::test
