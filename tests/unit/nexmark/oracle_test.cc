#include <gmock/gmock.h>

#include "benchmarks/nexmark/oracle/expectation.h"
#include "benchmarks/nexmark/oracle/judge.h"
#include "benchmarks/nexmark/oracle/output_rows.h"

namespace oracle {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Milliseconds after 2015-07-15T00:00:00Z, which is the start of a window of every size used here.
constexpr int64_t kBegin = 1'436'918'400'000;

InputEvent Bid(int64_t auction, int64_t bidder, int64_t price, int64_t millis) {
  InputEvent event;
  event.auction = auction;
  event.bidder = bidder;
  event.price = price;
  event.millis = kBegin + millis;
  event.extra = "x";
  return event;
}

InputEvent Person(int64_t id, std::string_view name, int64_t millis) {
  InputEvent event;
  event.type = InputEvent::kPerson;
  event.id = id;
  event.name = name;
  event.millis = kBegin + millis;
  return event;
}

InputEvent Auction(int64_t seller, int64_t millis) {
  InputEvent event;
  event.type = InputEvent::kAuction;
  event.seller = seller;
  event.millis = kBegin + millis;
  return event;
}

/// What the query gives, with times as milliseconds after kBegin.
std::vector<std::string> Expected(Query query, const std::vector<InputEvent>& events) {
  std::vector<std::string> rows;
  const RowVisitor visit = [&](const Row& row) { rows.push_back(row.Describe()); };
  const auto expectation = NewExpectation(query);
  for (const InputEvent& event : events) expectation->Add(event, visit);
  expectation->Finish(visit);
  return rows;
}

std::string WindowRow(std::string_view key, int64_t id, std::string_view value, std::string_view of, int64_t start,
                      int64_t end) {
  return "{\"" + std::string(key) + "\":" + std::to_string(id) + ",\"" + std::string(value) + "\":" + std::string(of) +
         ",\"windowStart\":" + std::to_string(kBegin + start) + ",\"windowEnd\":" + std::to_string(kBegin + end) + "}";
}

TEST(OracleQueries, ProjectEveryBidForQ0AndConvertItForQ1) {
  EXPECT_THAT(Expected(Query::kQ0, {Bid(1, 2, 3, 5), Person(1, "A", 5)}),
              ElementsAre(R"({"auction":1,"bidder":2,"price":3,"dateTime":1436918400005,"extra":"x"})"));
  EXPECT_THAT(Expected(Query::kQ1, {Bid(1, 2, 1005, 0)}),
              ElementsAre(R"({"auction":1,"bidder":2,"price":912.540,"dateTime":1436918400000,"extra":"x"})"));
}

TEST(OracleQueries, KeepEvery123rdAuctionForQ2) {
  EXPECT_THAT(Expected(Query::kQ2, {Bid(1230, 2, 3, 5), Bid(1231, 2, 3, 5)}), ElementsAre(R"({"auction":1230,"price":3})"));
}

TEST(OracleQueries, FindTheHottestAuctionsOfEverySlidingWindowForQ5) {
  const auto rows = Expected(Query::kQ5, {Bid(1, 0, 0, 0), Bid(1, 0, 0, 1), Bid(2, 0, 0, 2000), Bid(2, 0, 0, 11'999)});
  const auto row = [](int64_t auction, std::string_view num, int64_t start) {
    return WindowRow("auction", auction, "num", num, start, start + 10'000);
  };
  EXPECT_THAT(rows, UnorderedElementsAre(row(1, "2", -8000), row(1, "2", -6000), row(1, "2", -4000), row(1, "2", -2000),
                                         row(1, "2", 0), row(2, "2", 2000), row(2, "1", 4000), row(2, "1", 6000),
                                         row(2, "1", 8000), row(2, "1", 10'000)));
}

TEST(OracleQueries, FindAllBidsOfTheHighestPriceForQ7) {
  EXPECT_THAT(Expected(Query::kQ7, {Bid(1, 1, 9, 0), Bid(2, 1, 9, 9999), Bid(3, 1, 8, 5), Bid(4, 1, 1, 10'000)}),
              UnorderedElementsAre(R"({"auction":1,"bidder":1,"price":9,"dateTime":1436918400000,"extra":"x"})",
                                   R"({"auction":2,"bidder":1,"price":9,"dateTime":1436918409999,"extra":"x"})",
                                   R"({"auction":4,"bidder":1,"price":1,"dateTime":1436918410000,"extra":"x"})"));
}

TEST(OracleQueries, JoinPersonsWithTheirAuctionsOfTheSameWindowOnceForQ8) {
  EXPECT_THAT(Expected(Query::kQ8, {Person(1, "A", 0), Auction(1, 9999), Auction(1, 5), Person(2, "B", 0),
                                    Auction(2, 10'000), Auction(3, 0)}),
              ElementsAre(WindowRow("id", 1, "name", "\"A\"", 0, 10'000)));
}

TEST(OracleQueries, CutSessionsAtTheGapForQ11) {
  EXPECT_THAT(Expected(Query::kQ11, {Bid(1, 7, 1, 9999), Bid(1, 7, 1, 0), Bid(1, 7, 1, 19'999), Bid(1, 8, 1, 3)}),
              UnorderedElementsAre(WindowRow("bidder", 7, "bidCount", "2", 0, 19'999),
                                   WindowRow("bidder", 7, "bidCount", "1", 19'999, 29'999),
                                   WindowRow("bidder", 8, "bidCount", "1", 3, 10'003)));
}

class OracleJudge : public testing::Test {
 protected:
  void Expect(int64_t auction, int64_t price) { judge_.Expect(RowOf(auction, price)); }
  void Find(int64_t auction, int64_t price) { judge_.Find(RowOf(auction, price)); }
  const Row& RowOf(int64_t auction, int64_t price) {
    row_.Clear();
    row_.Number(auction);
    row_.Number(price);
    return row_;
  }
  /// missing, unexpected, wrong
  std::vector<uint64_t> Faults() {
    const Verdict verdict = judge_.Finish();
    EXPECT_EQ(verdict.IsClean(), verdict.missing + verdict.unexpected + verdict.wrong == 0);
    return {verdict.missing, verdict.unexpected, verdict.wrong};
  }
  Judge judge_;
  Row row_{ColumnsOf(Query::kQ2)};
};

TEST_F(OracleJudge, AcceptsEqualMultisetsInAnyOrder) {
  for (const int64_t auction : {1, 2, 2}) Expect(auction, 5);
  for (const int64_t auction : {2, 1, 2}) Find(auction, 5);
  EXPECT_THAT(Faults(), ElementsAre(0, 0, 0));
}

TEST_F(OracleJudge, CountsARowThatIsMissing) {
  Expect(1, 5);
  Expect(1, 5);
  Find(1, 5);
  EXPECT_THAT(Faults(), ElementsAre(1, 0, 0));
}

TEST_F(OracleJudge, CountsARowThatIsThereOnceTooOften) {
  Expect(1, 5);
  Find(1, 5);
  Find(1, 5);
  EXPECT_THAT(Faults(), ElementsAre(0, 1, 0));
}

TEST_F(OracleJudge, CountsARowWithAnotherValueAsWrong) {
  Expect(1, 5);
  Expect(2, 5);
  Find(1, 6);
  Find(2, 5);
  Find(3, 5);
  EXPECT_THAT(Faults(), ElementsAre(0, 1, 1));
}

TEST_F(OracleJudge, CountsUnreadableRowsAsWrong) {
  judge_.FindUnreadable();
  EXPECT_THAT(Faults(), ElementsAre(0, 0, 1));
}

TEST_F(OracleJudge, NoticesThatThereIsNoOutput) {
  for (int i = 0; i < 10; ++i) Expect(i, 1);
  EXPECT_THAT(Faults(), ElementsAre(10, 0, 0));
}

class OracleOutput : public testing::Test {
 protected:
  /// The rows read from one record, "unreadable" for none.
  static std::vector<std::string> Read(Query query, std::string_view json) {
    std::vector<std::string> rows;
    const RowVisitor visit = [&](const Row& row) { rows.push_back(row.Describe()); };
    OutputRows output(query);
    if (!output.Add(json, visit)) return {"unreadable"};
    output.Finish(visit);
    return rows;
  }
};

TEST_F(OracleOutput, TakesColumnsInAnyOrderAndTimesInBothForms) {
  const char* row = R"({"auction":1,"bidder":2,"price":3,"dateTime":1436918400005,"extra":"a\\b"})";
  const auto expected = Read(Query::kQ0, row);
  EXPECT_THAT(expected, ElementsAre(R"({"auction":1,"bidder":2,"price":3,"dateTime":1436918400005,"extra":"a\b"})"));
  for (const char* time : {"2015-07-15 00:00:00.005", "2015-07-15T00:00:00.005Z"}) {
    EXPECT_EQ(Read(Query::kQ0, std::string(R"({"extra":"a\\b","dateTime":")") + time +
                                   R"(","auction":1,"bidder":2,"price":3})"), expected);
  }
}

TEST_F(OracleOutput, ReadsExactDecimalsAsNumberAndAsText) {
  const auto price = [](std::string_view text) {
    return Read(Query::kQ1, R"({"auction":1,"bidder":2,"price":)" + std::string(text) +
                                R"(,"dateTime":0,"extra":""})")[0];
  };
  const std::string expected = R"({"auction":1,"bidder":2,"price":12.500,"dateTime":0,"extra":""})";
  for (const char* text : {"12.5", "12.500", "\"12.500\""}) EXPECT_EQ(price(text), expected) << text;
  EXPECT_NE(price("12.501"), expected);
  for (const char* text : {"12.5000", "1e3", "\"\"", "12.", ".5", "null"}) EXPECT_EQ(price(text), "unreadable") << text;
}

TEST_F(OracleOutput, RefusesWhatIsNotExactlyARow) {
  for (const char* json : {"", "{}", R"({"auction":1})", R"({"auction":1,"price":2,"more":3})",
                           R"({"auction":1,"price":2,"price":2})", R"({"auction":1,"price":"2"})",
                           R"({"auction":1,"price":2.5})", R"({"auction":1,"price":2)",
                           R"({"auction":1,"price":2}{"auction":1,"price":2})"}) {
    EXPECT_THAT(Read(Query::kQ2, json), ElementsAre("unreadable")) << json;
  }
}

TEST_F(OracleOutput, SumsUpQ12AndRefusesOtherWindows) {
  OutputRows output(Query::kQ12);
  std::vector<std::string> rows;
  const RowVisitor visit = [&](const Row& row) { rows.push_back(row.Describe()); };
  EXPECT_TRUE(output.Add(R"({"bidder":7,"bidCount":2,"windowStart":10000,"windowEnd":20000})", visit));
  EXPECT_TRUE(output.Add(R"({"bidder":7,"bidCount":3,"windowStart":20000,"windowEnd":30000})", visit));
  EXPECT_FALSE(output.Add(R"({"bidder":7,"bidCount":3,"windowStart":20001,"windowEnd":30001})", visit));
  EXPECT_THAT(rows, IsEmpty());
  output.Finish(visit);
  EXPECT_EQ(rows, Expected(Query::kQ12, {Bid(1, 7, 1, 0), Bid(2, 7, 1, 0), Bid(1, 7, 1, 0), Bid(1, 7, 1, 0),
                                         Bid(1, 7, 1, 99'000)}));
}

TEST(OracleInput, ReadsTheKindThatTheTypeNames) {
  EventReader reader;
  InputEvent event;
  ASSERT_TRUE(reader.Read(R"({"event_type":2,"person":null,"auction":null,"bid":{"auction":1,"bidder":2,"price":3,)"
                          R"("channel":"c","url":"u","dateTime":"2015-07-15 00:00:00.007","extra":"e"}})", event));
  EXPECT_EQ(event.type, InputEvent::kBid);
  EXPECT_EQ(event.bidder, 2);
  EXPECT_EQ(event.millis, kBegin + 7);
  EXPECT_EQ(event.extra, "e");
  ASSERT_TRUE(reader.Read(R"({"event_type":1,"person":null,"auction":{"id":5,"seller":6,)"
                          R"("dateTime":"2015-07-15 00:00:00.008"},"bid":null})", event));
  EXPECT_EQ(event.seller, 6);
  for (const char* json : {"", "{}", R"({"event_type":3,"bid":{}})", R"({"event_type":2,"bid":null})",
                           R"({"event_type":2,"bid":{"auction":"1"}})"}) {
    EXPECT_FALSE(reader.Read(json, event)) << json;
  }
}

}  // namespace
}  // namespace oracle
