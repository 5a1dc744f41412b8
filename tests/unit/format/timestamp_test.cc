#include "connectors/format/timestamp.h"

#include <gtest/gtest.h>

#include <iostream>
#include <optional>

#include "connectors/format/excerpt.h"
#include "runtime/base/random.h"

namespace weir {
namespace {

std::optional<int64_t> Parsed(std::string_view text) {
  EventTime time;
  if (!ParseTimestamp(text, &time)) return std::nullopt;
  return time.millis;
}

TEST(Timestamp, ReadsIsoAndSqlForms) {
  EXPECT_EQ(Parsed("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(Parsed("1970-01-02"), 86'400'000);
  EXPECT_EQ(Parsed("1970-01-01 00:01"), 60'000);
  EXPECT_EQ(Parsed("2000-02-29 12:34:56.789"), 951827696789);
  EXPECT_EQ(Parsed("1969-12-31T23:59:59.999Z"), -1);
}

TEST(Timestamp, AppliesTheOffset) {
  EXPECT_EQ(Parsed("1970-01-01T02:00:00+02:00"), 0);
  EXPECT_EQ(Parsed("1970-01-01T00:00:00-0130"), 5'400'000);
  EXPECT_EQ(Parsed("1970-01-01T01:00:00+01"), 0);
}

TEST(Timestamp, CutsDigitsBeyondMilliseconds) {
  EXPECT_EQ(Parsed("1970-01-01T00:00:00.1"), 100);
  EXPECT_EQ(Parsed("1970-01-01T00:00:00.123999999Z"), 123);
}

TEST(Timestamp, RefusesWhatIsNoPointInTime) {
  for (const char* text : {"", "1970", "1970-1-1", "2023-02-29", "1970-13-01", "1970-00-01", "1970-01-01T24:00:00",
                           "1970-01-01T00:60:00", "1970-01-01T00:00:60", "1970-01-01T", "1970-01-01T00:00:00.",
                           "1970-01-01T00:00:00+", "1970-01-01T00:00:00+1", "1970-01-01T00:00:00+01:",
                           "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00ZZ", "1970-01-01X00:00:00", "-970-01-01"}) {
    EXPECT_EQ(Parsed(text), std::nullopt) << text;
  }
}

TEST(Timestamp, ReadsBackWhatItWrites) {
  const uint64_t seed = SystemRandom().Next();
  std::cout << "seed " << seed << "\n";
  SeededRandom random(seed);
  for (int i = 0; i < 10'000; ++i) {
    const EventTime time{static_cast<int64_t>(random.Below(315'569'519'999'999)) - 62'167'219'200'000};
    std::string text;
    ASSERT_TRUE(AppendTimestamp(time, text));
    ASSERT_EQ(Parsed(text), time.millis) << text;
  }
}

TEST(Timestamp, ReadsTheUsualFormAsAnyOther) {
  // More than a cycle of leap years, from before the first one.
  for (int64_t day = -719'528; day < -719'528 + 150'000; ++day) {
    std::string text;
    ASSERT_TRUE(AppendTimestamp(EventTime{day * 86'400'000 + 45'296'789}, text));
    text.pop_back();
    ASSERT_EQ(Parsed(text), Parsed(text + "+00:00")) << text;
    text[10] = ' ';
    ASSERT_EQ(Parsed(text), day * 86'400'000 + 45'296'789) << text;
  }
}

TEST(Timestamp, RefusesDamageAnywhereInTheUsualForm) {
  const std::string whole = "2015-07-15 00:00:00.000";
  ASSERT_EQ(Parsed(whole), 1'436'918'400'000);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char c : {'/', ':', 'x', '\0', '\xff'}) {
      std::string damaged = whole;
      damaged[at] = c == whole[at] ? '-' : c;
      EXPECT_EQ(Parsed(damaged), std::nullopt) << damaged;
    }
  }
  for (const char* text : {"2015-02-29 00:00:00.000", "2015-04-31T00:00:00.000Z", "2015-00-15 00:00:00.000",
                           "2015-07-00 00:00:00.000", "2015-07-32 00:00:00.000", "2015-13-15 00:00:00.000",
                           "2015-07-15 24:00:00.000", "2015-07-15 00:60:00.000", "2015-07-15 00:00:60.000"}) {
    EXPECT_EQ(Parsed(text), std::nullopt) << text;
  }
}

TEST(Timestamp, WritesOnlyYearsOfFourDigits) {
  std::string text = "x";
  EXPECT_FALSE(AppendTimestamp(kMinEventTime, text));
  EXPECT_FALSE(AppendTimestamp(EventTime{253'402'300'800'000}, text));
  EXPECT_EQ(text, "x");
  EXPECT_TRUE(AppendTimestamp(EventTime{253'402'300'799'999}, text));
  EXPECT_EQ(text, "x9999-12-31T23:59:59.999Z");
}

TEST(Excerpt, ShowsNothingThatCouldHarmATerminal) {
  EXPECT_EQ(Excerpt("a\n\x1b[31m\xff"), "a\\x0a\\x1b[31m\\xff");
  EXPECT_EQ(Excerpt("abcdef", 3), "abc...");
}

}  // namespace
}  // namespace weir
