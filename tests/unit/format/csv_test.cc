#include "connectors/format/csv.h"

#include <gmock/gmock.h>

namespace weir {
namespace {

using testing::HasSubstr;

struct Money { int64_t amount; std::string currency; };
struct Order { int32_t id = 4; bool open; std::string_view symbol; Money price; double weight; EventTime at; };

class Csv : public testing::Test {
 protected:
  Status Decode(std::string_view line) {
    order_ = Order{};
    return NewCsvDecoder(RowTypeOf<Order>(), options_)->Decode(line, &order_, arena_);
  }
  std::string Refusal(std::string_view line) {
    const Status status = Decode(line);
    EXPECT_EQ(status.code(), Code::kUserError) << line;
    return status.message();
  }
  std::string Encode(const Order& order) {
    std::string out;
    EXPECT_EQ(NewCsvEncoder(RowTypeOf<Order>(), options_)->Encode(&order, out), Status::Ok());
    return out;
  }
  CsvOptions options_;
  Arena arena_;
  Order order_{};
};

TEST_F(Csv, ReadsCellsInDeclarationOrder) {
  ASSERT_EQ(Decode("7,true,abc,12,EUR,2.5,2015-07-15 00:00:00\r\n"), Status::Ok());
  EXPECT_EQ(order_.id, 7);
  EXPECT_TRUE(order_.open);
  EXPECT_EQ(order_.symbol, "abc");
  EXPECT_EQ(order_.price.amount, 12);
  EXPECT_EQ(order_.price.currency, "EUR");
  EXPECT_EQ(order_.weight, 2.5);
  EXPECT_EQ(order_.at.millis, 1436918400000);
}

TEST_F(Csv, ReadsQuotedCells) {
  ASSERT_EQ(Decode("\"7\",0,\"a,\"\"b\"\"\r\n\",1,\"\",1,5"), Status::Ok());
  EXPECT_EQ(order_.id, 7);
  EXPECT_EQ(order_.symbol, "a,\"b\"\r\n");
  EXPECT_EQ(order_.price.currency, "");
}

TEST_F(Csv, WritesWhatItReads) {
  const Order order{-1, true, "a;\"x\"\n", {5, "\u00e4,"}, 0.1, {-3}};
  const std::string line = Encode(order);
  EXPECT_EQ(line, "-1,true,\"a;\"\"x\"\"\n\",5,\"\u00e4,\",0.1,-3");
  ASSERT_TRUE(Decode(line).ok());
  EXPECT_EQ(Encode(order_), line);
}

TEST_F(Csv, TakesAnotherDelimiterAndTimeStyle) {
  options_ = {.delimiter = ';', .times = TimeStyle::kIso8601};
  const std::string line = Encode({1, false, "a;b", {2, "c,d"}, 1, {0}});
  EXPECT_EQ(line, "1;false;\"a;b\";2;c,d;1;1970-01-01T00:00:00.000Z");
  EXPECT_TRUE(Decode(line).ok());
  EXPECT_EQ(CsvHeader(RowTypeOf<Order>(), options_), "id;open;symbol;price.amount;price.currency;weight;at");
}

TEST_F(Csv, KeepsDefaultsForEmptyCellsUnlessToldToRefuseThem) {
  ASSERT_TRUE(Decode(",true,,,,,").ok());
  EXPECT_EQ(order_.id, 4);
  options_.missing = MissingFields::kRefuse;
  EXPECT_THAT(Refusal(",true,,,,,"), HasSubstr("column 1, field id: expected int32, got nothing"));
}

TEST_F(Csv, RefusesAnotherNumberOfColumns) {
  EXPECT_THAT(Refusal("7,true"), HasSubstr("column 3, field symbol: the line ends before it"));
  EXPECT_THAT(Refusal("7,true,abc,12,EUR,2.5,1,2"), HasSubstr("7 columns expected, there are more"));
  EXPECT_THAT(Refusal(""), HasSubstr("column 2"));
}

TEST_F(Csv, RefusesCellsOfAnotherKind) {
  EXPECT_THAT(Refusal("2147483648,true,,1,,1,1"), HasSubstr("field id: expected int32, got 2147483648"));
  EXPECT_THAT(Refusal(" 1,true,,1,,1,1"), HasSubstr("field id: expected int32, got  1"));
  EXPECT_THAT(Refusal("1,yes,,1,,1,1"), HasSubstr("field open: expected bool, got yes"));
  EXPECT_THAT(Refusal("1,true,,1,,1.2.3,1"), HasSubstr("field weight: expected double, got 1.2.3"));
  EXPECT_THAT(Refusal("1,true,,1,,1,soon"), HasSubstr("field at: expected event_time, got soon"));
}

TEST_F(Csv, RefusesWrongQuotingAndBytesThatAreNotUtf8) {
  EXPECT_THAT(Refusal("1,true,a\"b,1,,1,1"), HasSubstr("in a cell without quotes"));
  EXPECT_THAT(Refusal("1,true,\"a\"b,1,,1,1"), HasSubstr("must end with a quote"));
  EXPECT_THAT(Refusal("1,true,\"a"), HasSubstr("must end with a quote"));
  EXPECT_THAT(Refusal("1,true,\xff"), HasSubstr("not UTF-8"));
}

TEST_F(Csv, LeavesSkippedFieldsToTheSource) {
  options_.skipped = {"id", "price"};
  ASSERT_EQ(Decode("true,abc,1,2"), Status::Ok());
  EXPECT_EQ(order_.symbol, "abc");
  EXPECT_EQ(order_.id, 4);
}

TEST(CsvCheck, RefusesDelimitersThatCannotDelimit) {
  EXPECT_FALSE(CheckCsv(RowTypeOf<Order>(), {.delimiter = '"'}).ok());
  EXPECT_FALSE(CheckCsv(RowTypeOf<Order>(), {.delimiter = '\n'}).ok());
  EXPECT_TRUE(CheckCsv(RowTypeOf<Order>(), {.delimiter = '\t'}).ok());
}

}  // namespace
}  // namespace weir
