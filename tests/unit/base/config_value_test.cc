#include "runtime/base/config_value.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::chrono_literals;

TEST(ConfigValue, ReadsDurationsInEveryUnit) {
  EXPECT_EQ(*ParseDuration("500ms"), 500ms);
  EXPECT_EQ(*ParseDuration(" 10 s "), 10s);
  EXPECT_EQ(*ParseDuration("2min"), 120s);
  EXPECT_EQ(*ParseDuration("3m"), 180s);
  EXPECT_EQ(*ParseDuration("1H"), 3600s);
  EXPECT_EQ(*ParseDuration("1d"), 24h);
  EXPECT_EQ(*ParseDuration("7us"), 7us);
  EXPECT_EQ(*ParseDuration("0"), 0s);
}

TEST(ConfigValue, RefusesDurationsThatAreAmbiguousOrTooLarge) {
  for (const char* text : {"", "10", "s", "-1s", "1.5s", "10 parsecs", "1s2", "99999999999999999999s", "300000d"}) {
    EXPECT_EQ(ParseDuration(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(ConfigValue, ReadsSizesAsPowersOf1024) {
  EXPECT_EQ(ParseByteSize("64mb")->bytes, 64u << 20);
  EXPECT_EQ(ParseByteSize("1GiB")->bytes, 1u << 30);
  EXPECT_EQ(ParseByteSize("2 k")->bytes, 2048u);
  EXPECT_EQ(ParseByteSize("17")->bytes, 17u);
  for (const char* text : {"", "mb", "1.5gb", "-1", "1xb", "99999999tb"}) {
    EXPECT_FALSE(ParseByteSize(text).ok()) << text;
  }
}

TEST(ConfigValue, ReadsTruthAndNumbersWhole) {
  EXPECT_TRUE(*ParseBool("True"));
  EXPECT_FALSE(*ParseBool("off"));
  EXPECT_EQ(*ParseInteger("-5"), -5);
  EXPECT_EQ(*ParseNumber("1e3"), 1000.0);
  EXPECT_FALSE(ParseBool("maybe").ok());
  EXPECT_FALSE(ParseInteger("5x").ok());
  EXPECT_FALSE(ParseInteger("9223372036854775808").ok());
  EXPECT_FALSE(ParseNumber("nan").ok());
}

TEST(ConfigValue, WritesWhatItReads) {
  for (const Duration value : {Duration(0s), Duration(90s), Duration(1500ms), Duration(2h), Duration(1ns)}) {
    EXPECT_EQ(*ParseDuration(ToText(value)), value);
  }
  for (const uint64_t bytes : {0ull, 1ull, 1500ull, 64ull << 20, 3ull << 40}) {
    EXPECT_EQ(ParseByteSize(ToText(ByteSize{bytes}))->bytes, bytes);
  }
  EXPECT_EQ(ToText(Duration(90s)), "90s");
  EXPECT_EQ(ToText(ByteSize{64 << 20}), "64mb");
  EXPECT_EQ(*ParseNumber(ToText(0.1)), 0.1);
}

}  // namespace
}  // namespace weir
