#include "runtime/base/crash_point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

CrashPoint tested_point{"test.crash_point"};

TEST(CrashPoint, DoesNothingUnlessArmedAndFiresAtTheAskedHit) {
  int fired = 0;
  tested_point.Hit();
  {
    const ArmedCrashPoint armed("test.crash_point", 2, [&] { ++fired; });
    tested_point.Hit();
    EXPECT_EQ(fired, 0);
    tested_point.Hit();
    tested_point.Hit();
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(armed.hits(), 3u);
  }
  tested_point.Hit();
  EXPECT_EQ(fired, 1);
}

TEST(CrashPoint, IsListedByName) {
  EXPECT_THAT(CrashPoint::Names(), ::testing::Contains("test.crash_point"));
}

}  // namespace
}  // namespace weir
