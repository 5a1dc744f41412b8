#include <gmock/gmock.h>

#include "connectors/format/json.h"

namespace weir {
namespace {

struct Money { int64_t amount; std::string currency = "EUR"; };
struct Order {
  int64_t order_id;
  int8_t lots = 3;
  uint16_t port;
  bool open;
  double weight;
  float share;
  std::string_view symbol;
  std::string note;
  Money price;
  EventTime date_time;
};

class JsonDecoder : public testing::Test {
 protected:
  Status Decode(std::string_view json) {
    order_ = Order{};
    auto decoder = NewJsonDecoder(RowTypeOf<Order>(), options_);
    return decoder->Decode(json, &order_, arena_);
  }
  std::string Refusal(std::string_view json) {
    const Status status = Decode(json);
    EXPECT_EQ(status.code(), Code::kUserError) << json;
    return status.message();
  }
  JsonOptions options_;
  Arena arena_;
  Order order_{};
};

using testing::HasSubstr;

TEST_F(JsonDecoder, ReadsEveryKindOfField) {
  ASSERT_EQ(Decode(R"({"order_id":-9,"lots":-128,"port":65535,"open":true,"weight":2.5,"share":0.25,)"
                   R"("symbol":"abc","note":"xyz","price":{"amount":7,"currency":"CHF"},"date_time":5})"),
            Status::Ok());
  EXPECT_EQ(order_.order_id, -9);
  EXPECT_EQ(order_.lots, -128);
  EXPECT_EQ(order_.port, 65535);
  EXPECT_TRUE(order_.open);
  EXPECT_EQ(order_.weight, 2.5);
  EXPECT_EQ(order_.share, 0.25f);
  EXPECT_EQ(order_.symbol, "abc");
  EXPECT_EQ(order_.note, "xyz");
  EXPECT_EQ(order_.price.amount, 7);
  EXPECT_EQ(order_.price.currency, "CHF");
  EXPECT_EQ(order_.date_time.millis, 5);
}

TEST_F(JsonDecoder, TakesFieldsInAnyOrderAndWithSpaces) {
  ASSERT_TRUE(Decode(" {\n\"note\" : \"n\" , \"lots\" :\t4\r\n, \"order_id\":1 } ").ok());
  EXPECT_EQ(order_.note, "n");
  EXPECT_EQ(order_.lots, 4);
  EXPECT_EQ(order_.order_id, 1);
}

TEST_F(JsonDecoder, CopiesTextsOutOfTheRecord) {
  std::string record = R"({"symbol":"view","note":""})";
  ASSERT_TRUE(Decode(record).ok());
  record.assign(record.size(), '#');
  EXPECT_EQ(order_.symbol, "view");
  EXPECT_EQ(order_.note, "");
}

TEST_F(JsonDecoder, ResolvesEscapesInValuesAndKeys) {
  ASSERT_TRUE(Decode(R"({"symbol":"a\"b\\c\u00e4\ud83d\ude00" ,"no\u0074e":"\n"})").ok());
  EXPECT_EQ(order_.symbol, "a\"b\\c\u00e4\U0001F600");
  EXPECT_EQ(order_.note, "\n");
}

TEST_F(JsonDecoder, ReadsTimesAsMillisecondsAndAsText) {
  for (const char* time : {"1436918400500", R"("2015-07-15T00:00:00.5Z")", R"("2015-07-15 00:00:00.500")",
                           R"("2015-07-15T02:00:00.500+02:00")"}) {
    ASSERT_TRUE(Decode(std::string(R"({"date_time":)") + time + "}").ok()) << time;
    EXPECT_EQ(order_.date_time.millis, 1436918400500) << time;
  }
  EXPECT_THAT(Refusal(R"({"date_time":"yesterday"})"), HasSubstr(R"(date_time: expected event_time, got "yesterday")"));
}

TEST_F(JsonDecoder, FindsFieldsInCamelCaseOnRequest) {
  options_.names = NameStyle::kCamelCase;
  ASSERT_TRUE(Decode(R"({"orderId":1,"dateTime":2})").ok());
  EXPECT_EQ(order_.order_id, 1);
  EXPECT_EQ(order_.date_time.millis, 2);
}

TEST_F(JsonDecoder, KeepsDefaultsForMissingFieldsAndNull) {
  ASSERT_TRUE(Decode(R"({"order_id":null,"note":null,"price":null,"date_time":null,"open":null,"share":null})").ok());
  EXPECT_EQ(order_.lots, 3);
  EXPECT_EQ(order_.price.currency, "EUR");
}

TEST_F(JsonDecoder, RefusesMissingFieldsAndNullOnRequest) {
  options_.missing = MissingFields::kRefuse;
  EXPECT_THAT(Refusal(R"({"order_id":1})"), HasSubstr("field lots is missing"));
  EXPECT_THAT(Refusal(R"({"price":{"amount":1}})"), HasSubstr("field price.currency is missing"));
  EXPECT_THAT(Refusal(R"({"symbol":null})"), HasSubstr("field symbol: expected string, got null"));
}

TEST_F(JsonDecoder, SkipsUnknownFieldsUnlessToldToRefuseThem) {
  const std::string_view json = R"({"x":{"order_id":[1,{"lots":"}"}]},"order_id":2,"y":nul,"lots":1})";
  ASSERT_EQ(Decode(json), Status::Ok());
  EXPECT_EQ(order_.order_id, 2);
  options_.unknown = UnknownFields::kRefuse;
  EXPECT_THAT(Refusal(json), HasSubstr(R"(field "x" is unknown)"));
}

TEST_F(JsonDecoder, LeavesSkippedFieldsToTheSource) {
  options_.skipped = {"order_id", "price"};
  options_.unknown = UnknownFields::kRefuse;
  ASSERT_TRUE(Decode(R"({"lots":1})").ok());
  EXPECT_THAT(Refusal(R"({"order_id":1})"), HasSubstr(R"("order_id" is unknown)"));
}

TEST_F(JsonDecoder, RefusesNumbersThatDoNotFit) {
  EXPECT_THAT(Refusal(R"({"lots":128})"), HasSubstr("lots: 128 does not fit int8 (-128 to 127)"));
  EXPECT_THAT(Refusal(R"({"port":65536})"), HasSubstr("port: 65536 does not fit uint16"));
  EXPECT_THAT(Refusal(R"({"port":-1})"), HasSubstr("port: expected uint16, got -1"));
  EXPECT_THAT(Refusal(R"({"order_id":9223372036854775808})"), HasSubstr("order_id: expected int64, got 92233"));
  EXPECT_THAT(Refusal(R"({"order_id":1.5})"), HasSubstr("order_id: expected int64, got 1.5"));
  EXPECT_THAT(Refusal(R"({"share":1e39})"), HasSubstr("share: 1e+39 does not fit a float"));
  EXPECT_THAT(Refusal(R"({"weight":1e999})"), HasSubstr("weight: expected double, got 1e999"));
}

TEST_F(JsonDecoder, RefusesValuesOfAnotherType) {
  EXPECT_THAT(Refusal(R"({"order_id":"1"})"), HasSubstr(R"(order_id: expected int64, got "1")"));
  EXPECT_THAT(Refusal(R"({"open":1})"), HasSubstr("open: expected bool, got 1"));
  EXPECT_THAT(Refusal(R"({"symbol":[1]})"), HasSubstr("symbol: expected string, got ["));
  EXPECT_THAT(Refusal(R"({"price":5})"), HasSubstr("price: expected struct, got 5"));
  EXPECT_THAT(Refusal(R"({"price":{"amount":{}}})"), HasSubstr("price.amount: expected int64, got {"));
}

TEST_F(JsonDecoder, RefusesAFieldThatIsThereTwice) {
  EXPECT_THAT(Refusal(R"({"lots":1,"order_id":1,"lots":1})"), HasSubstr("field lots: it is there twice"));
}

TEST_F(JsonDecoder, RefusesWhatIsNotOneObject) {
  for (const char* json : {"", " ", "[]", "7", "\"x\"", "null", "{", "{\"lots\"}", "{\"lots\":}", "{\"lots\":1,}",
                           "{\"lots\":1", "{\"lots\":1}}", "{\"lots\":1}{}", "{\"lots\":1} x", "{'lots':1}",
                           "{\"lots\"1}", "{\"lots\"x:1}", "{\"lots\":1x}", "{\"note\":\"a\"x}", "{\"note\":\"a}",
                           "{\"note\":\"a\\\"b\"x}", "{\"note\":\"\\x\"}", "{\"open\":truex}", "{\"lots\":01}",
                           "{\"note\":\"a\nb\"}", "{\"lots\":1 \"port\":1}", "\xef\xbb{}"}) {
    EXPECT_NE(Refusal(json), "") << json;
  }
}

TEST_F(JsonDecoder, RefusesInvalidUtf8AndShowsItEscaped) {
  EXPECT_THAT(Refusal("{\"note\":\"\xff\"}"), HasSubstr("\\xff"));
}

TEST_F(JsonDecoder, IsNotImpressedByDeepNesting) {
  const std::string open(200'000, '[');
  const std::string close(200'000, ']');
  EXPECT_TRUE(Decode(R"({"x":)" + open + close + R"(,"lots":9})").ok());
  EXPECT_EQ(order_.lots, 9);
  EXPECT_NE(Refusal(R"({"x":)" + open), "");
}

TEST_F(JsonDecoder, GoesOnAfterARefusal) {
  auto decoder = NewJsonDecoder(RowTypeOf<Order>(), options_);
  EXPECT_FALSE(decoder->Decode("{\"lots\":", &order_, arena_).ok());
  EXPECT_FALSE(decoder->Decode("{\"lots\":1,\"lots\":2}", &order_, arena_).ok());
  order_ = {};
  EXPECT_TRUE(decoder->Decode("{\"lots\":7}", &order_, arena_).ok());
  EXPECT_EQ(order_.lots, 7);
}

TEST_F(JsonDecoder, LearnsManyUnknownKeysWithoutHarm) {
  std::string json = "{";
  for (int i = 0; i < 500; ++i) json += "\"unknown" + std::to_string(i) + "\":1,";
  json += "\"lots\":9}";
  auto decoder = NewJsonDecoder(RowTypeOf<Order>(), options_);
  for (int i = 0; i < 3; ++i) {
    order_ = {};
    ASSERT_TRUE(decoder->Decode(json, &order_, arena_).ok());
    EXPECT_EQ(order_.lots, 9);
  }
}

TEST(JsonCheck, NamesWhatDoesNotFitTheStruct) {
  struct Clash { int date_time; int dateTime; };
  EXPECT_TRUE(CheckJson(RowTypeOf<Clash>(), {}).ok());
  EXPECT_THAT(CheckJson(RowTypeOf<Clash>(), {.names = NameStyle::kCamelCase}).message(),
              HasSubstr("would both be \"dateTime\""));
  EXPECT_THAT(CheckJson(RowTypeOf<Order>(), {.skipped = {"offset"}}).message(), HasSubstr("no field \"offset\""));
}

}  // namespace
}  // namespace weir
