#include "runtime/checkpoint/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr Id128 kMine{1, 1};
constexpr Id128 kOther{2, 2};

CheckpointName Mine(uint64_t n) { return {CheckpointId{n}, kMine}; }
CheckpointName Other(uint64_t n) { return {CheckpointId{n}, kOther}; }

TEST(Retention, RemovesWhatIsOlderThanTheCommitted) {
  EXPECT_THAT(CheckpointsToRemove({Other(3), Mine(4), Mine(5)}, Mine(5), 1), ElementsAre(Other(3), Mine(4)));
}

TEST(Retention, KeepsAsManyNumbersAsAsked) {
  EXPECT_THAT(CheckpointsToRemove({Mine(2), Mine(3), Mine(4), Mine(5)}, Mine(5), 3), ElementsAre(Mine(2)));
  EXPECT_THAT(CheckpointsToRemove({Mine(1), Mine(2)}, Mine(2), 10), IsEmpty());
}

TEST(Retention, NeverNamesTheCommittedOrAnythingNewer) {
  EXPECT_THAT(CheckpointsToRemove({Mine(5), Mine(6), Other(6), Other(9)}, Mine(5), 1), IsEmpty());
}

TEST(Retention, RemovesAnotherAttemptsCheckpointOfTheSameNumber) {
  EXPECT_THAT(CheckpointsToRemove({Mine(5), Other(5)}, Mine(5), 1), ElementsAre(Other(5)));
}

TEST(Retention, OfAZombieIsHarmlessToItsSuccessor) {
  const std::vector<CheckpointName> present{Mine(5), Other(6), Other(7)};
  EXPECT_THAT(CheckpointsToRemove(present, Mine(5), 1), IsEmpty());
}

}  // namespace
}  // namespace weir
