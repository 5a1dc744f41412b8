// What the demo's loader and verifier are made of besides the judge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "tools/demo_support/bid_maker.h"
#include "tools/demo_support/file_numbers.h"
#include "tools/demo_support/pace.h"
#include "tools/demo_support/record_text.h"

namespace demo {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

TEST(Pace, SpreadsTheRecordsEvenlyOverTheTime) {
  Pace pace({1000, 10.0, false});
  EXPECT_EQ(pace.DueAt(0, false), 0u);
  EXPECT_EQ(pace.DueAt(2.5, false), 250u);
  EXPECT_EQ(pace.DueAt(9.99, false), 999u);
  EXPECT_EQ(pace.DueAt(25, false), 1000u);
}

TEST(Pace, HoldsBackATrickleThatNeverRunsOut) {
  Pace pace({10'000, 10.0, true});
  uint64_t due = pace.DueAt(10, false);
  EXPECT_LT(due, 10'000u);
  for (int second = 11; second < 60; ++second) {
    const uint64_t next = pace.DueAt(second, false);
    EXPECT_GT(next, due);
    EXPECT_LT(next, 10'000u);
    due = next;
  }
}

TEST(Pace, LetsEverythingPassOnceReleased) {
  Pace pace({10'000, 10.0, true});
  EXPECT_LT(pace.DueAt(30, false), 10'000u);
  EXPECT_EQ(pace.DueAt(30.01, true), 10'000u);
}

TEST(BidMaker, MakesTheSameBidForTheSameSeedAndNumber) {
  std::string first;
  std::string again;
  std::string other;
  EXPECT_EQ(BidMaker(5).Make(77, &first), BidMaker(5).Make(77, &again));
  BidMaker(6).Make(77, &other);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, other);
}

TEST(BidMaker, SpreadsTheBidsOfAnAuctionOverAllPartitions) {
  const BidMaker maker(1);
  RecordText text;
  std::array<int, 4> of_partition{};
  for (uint64_t n = 0; n < 100'000; ++n) {
    std::string json;
    const uint64_t choice = maker.Make(n, &json);
    Bid bid;
    ASSERT_TRUE(text.ReadBid(json, &bid)) << json;
    EXPECT_GE(json.size(), 150u);
    EXPECT_LE(json.size(), 300u);
    if (bid.auction == 1000) ++of_partition[choice % 4];
  }
  for (const int bids : of_partition) EXPECT_GT(bids, 50);
}

TEST(RecordText, ReadsTotalsInAnyOrderOfFields) {
  RecordText text;
  Total total;
  ASSERT_TRUE(text.ReadTotal(R"({"sum":6,"count":5,"price":4,"offset":3,"partition":2,"auction":1})", &total));
  EXPECT_EQ(total.auction, 1);
  EXPECT_EQ(total.sum, 6);
}

TEST(RecordText, RefusesATotalThatLacksAFieldOrHasAnotherType) {
  RecordText text;
  Total total;
  for (const char* json : {"", "[]", R"({"auction":1})",
                           R"({"sum":6,"count":5,"price":4,"offset":3,"partition":2,"auction":"1"})",
                           R"({"sum":6.5,"count":5,"price":4,"offset":3,"partition":2,"auction":1})"}) {
    EXPECT_FALSE(text.ReadTotal(json, &total)) << json;
  }
}

TEST(MatchFileNumbers, FindsEachNumbersFileByItsContents) {
  const std::vector<std::vector<Bid>> bids = {{{0, 0, 7, 10}, {0, 50, 8, 20}}, {{1, 0, 7, 11}, {1, 50, 8, 20}}};
  const std::vector<Total> totals = {{8, 900, 50, 20, 1, 20}, {7, 900, 0, 11, 1, 11}, {7, 901, 0, 10, 2, 21}};
  EXPECT_THAT(MatchFileNumbers(bids, totals), UnorderedElementsAre(Pair(900, 1), Pair(901, 0)));
}

TEST(MatchFileNumbers, LeavesOutANumberThatFitsNoFile) {
  EXPECT_THAT(MatchFileNumbers({{{0, 0, 7, 10}}}, {{7, 900, 1, 10, 1, 10}}), testing::IsEmpty());
}

}  // namespace
}  // namespace demo
