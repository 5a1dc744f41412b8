// Decimals as JSON and CSV: numbers with all their digits, read back from numbers and texts alike.
#include <gmock/gmock.h>

#include "connectors/format/csv.h"
#include "connectors/format/json.h"

namespace weir {
namespace {

using testing::HasSubstr;

struct Payment { Decimal<3> amount; Decimal<0> units; };

Result<Payment> FromJson(std::string_view json) {
  Payment payment;
  Arena arena;
  const Status status = NewJsonDecoder(RowTypeOf<Payment>())->Decode(json, &payment, arena);
  if (!status.ok()) return status;
  return payment;
}

Result<Payment> FromCsv(std::string_view line) {
  Payment payment;
  Arena arena;
  const Status status = NewCsvDecoder(RowTypeOf<Payment>())->Decode(line, &payment, arena);
  if (!status.ok()) return status;
  return payment;
}

std::string Amount(const Result<Payment>& payment) {
  return payment.ok() ? payment->amount.ToString() : payment.status().message();
}

TEST(DecimalFormat, WritesAJsonNumberWithAllDigits) {
  const Payment payment{Decimal<3>{"-12345678901234567890.120"}, 7};
  std::string out;
  ASSERT_EQ(NewJsonEncoder(RowTypeOf<Payment>())->Encode(&payment, out), Status::Ok());
  EXPECT_EQ(out, R"({"amount":-12345678901234567890.120,"units":7})");
}

TEST(DecimalFormat, WritesAJsonTextForReadersWhoseNumbersAreDoubles) {
  const Payment payment{Decimal<3>{"0.1"}, -7};
  std::string out;
  ASSERT_EQ(NewJsonEncoder(RowTypeOf<Payment>(), {.decimals = DecimalStyle::kText})->Encode(&payment, out), Status::Ok());
  EXPECT_EQ(out, R"({"amount":"0.100","units":"-7"})");
}

TEST(DecimalFormat, ReadsJsonNumbersAndTextsToTheLastDigit) {
  EXPECT_EQ(Amount(FromJson(R"({"amount":12345678901234567890.123,"units":1})")), "12345678901234567890.123");
  EXPECT_EQ(Amount(FromJson(R"({"amount" : "-0.5" ,"units":"1"})")), "-0.500");
  EXPECT_EQ(Amount(FromJson(R"({"units":1,"amount":1.25e2})")), "125.000");
  EXPECT_EQ(Amount(FromJson(R"({"amount":null})")), "0.000");
}

TEST(DecimalFormat, RefusesJsonThatItWouldHaveToRound) {
  EXPECT_THAT(Amount(FromJson(R"({"amount":1.2345})")), HasSubstr("field amount: 1.2345 has more than 3 places"));
  EXPECT_THAT(Amount(FromJson(R"({"amount":"1e36"})")), HasSubstr("field amount: 1e36 has more digits"));
  for (const char* value : {"true", "\"\"", "\"abc\"", "[1]", "{}", "01", ".5", "+1", "1.", "\"1\"2", "1 2", "-"}) {
    EXPECT_THAT(Amount(FromJson(R"({"amount":)" + std::string(value) + "}")), HasSubstr("JSON of Payment")) << value;
  }
}

TEST(DecimalFormat, WritesAndReadsCsvCells) {
  const Payment payment{Decimal<3>{"-1.5"}, 12};
  std::string out;
  ASSERT_EQ(NewCsvEncoder(RowTypeOf<Payment>())->Encode(&payment, out), Status::Ok());
  EXPECT_EQ(out, "-1.500,12");
  EXPECT_EQ(Amount(FromCsv("\"7.25\",1")), "7.250");
  EXPECT_EQ(Amount(FromCsv(",1")), "0.000");
  EXPECT_THAT(Amount(FromCsv("1.2345,1")), HasSubstr("field amount: 1.2345 has more than 3 places"));
  EXPECT_THAT(Amount(FromCsv("abc,1")), HasSubstr("expected decimal, got abc"));
}

}  // namespace
}  // namespace weir
