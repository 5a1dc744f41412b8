#include "runtime/time/path_time.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/time/path_times.h"

namespace weir {
namespace {

using test::At;
using test::IdleAt;

PathTime Together(const std::vector<PathTime>& paths) {
  PathsTogether together;
  for (const PathTime& path : paths) together.Add(path);
  return together.time();
}

TEST(PathsTogether, AreWhereTheSlowestIsThatIsNotIdle) {
  EXPECT_EQ(Together({At(30), At(20), At(40)}), At(20));
  EXPECT_EQ(Together({IdleAt(10), At(30), IdleAt(50)}), At(30));
  EXPECT_EQ(Together({At(30), {}}), (PathTime{kMinEventTime, false}));
}

TEST(PathsTogether, AreWhereTheFastestIsIfAllAreIdle) {
  EXPECT_EQ(Together({IdleAt(10), IdleAt(50), IdleAt(30)}), IdleAt(50));
  EXPECT_EQ(Together({}), (PathTime{kMinEventTime, true}));
}

TEST(PathsTogether, AreAtTheEndOfTimeOnlyIfNoneIsBefore) {
  EXPECT_EQ(Together({{kMaxEventTime, false}, At(5)}), At(5));
  EXPECT_EQ(Together({{kMaxEventTime, false}, IdleAt(5)}), (PathTime{kMaxEventTime, false}));
}

}  // namespace
}  // namespace weir
