#include <gmock/gmock.h>

#include <cmath>
#include <utility>

#include "connectors/format/json.h"

namespace weir {
namespace {

using testing::HasSubstr;

struct Inner { int32_t q; std::string_view text; };
struct Row {
  uint64_t big_number;
  int8_t small;
  bool open;
  double weight;
  float share;
  Inner inner;
  std::string note;
  EventTime at;
};
struct Weight { double kilograms; };
struct Text { std::string text; };
struct At { EventTime at; };

template <class T>
Result<std::string> Encode(const T& row, JsonOptions options = {}) {
  std::string out;
  Status status = NewJsonEncoder(RowTypeOf<T>(), std::move(options))->Encode(&row, out);
  if (!status.ok()) return status;
  return out;
}

TEST(JsonEncoder, WritesEveryKindOfField) {
  const Row row{18446744073709551615u, -7, true, 0.1, 1.5f, {3, "x"}, "n", {-1}};
  EXPECT_EQ(*Encode(row), R"({"big_number":18446744073709551615,"small":-7,"open":true,"weight":0.1,"share":1.5,)"
                          R"("inner":{"q":3,"text":"x"},"note":"n","at":-1})");
}

TEST(JsonEncoder, WritesCamelCaseAndSkippedFieldsToo) {
  EXPECT_THAT(*Encode(Row{}, {.names = NameStyle::kCamelCase, .skipped = {"big_number"}}),
              testing::StartsWith(R"({"bigNumber":0,)"));
}

TEST(JsonEncoder, EscapesWhatJsonDemands) {
  EXPECT_EQ(*Encode(Text{std::string("a\"b\\c\n\r\t\b\f\0\x1f/\x7f", 14)}),
            "{\"text\":\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0000\\u001f/\x7f\"}");
  EXPECT_EQ(*Encode(Text{"\u00e4\"\U0001F600"}), "{\"text\":\"\u00e4\\\"\U0001F600\"}");
}

TEST(JsonEncoder, FindsEscapesAtEveryPlaceOfAText) {
  const std::pair<char, std::string> escapes[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\x01', "\\u0001"}};
  for (size_t at = 0; at < 20; ++at) {
    for (const auto& [c, escape] : escapes) {
      std::string text(20, '~');
      text[at] = c;
      const std::string expected = std::string(at, '~') + escape + std::string(19 - at, '~');
      EXPECT_EQ(*Encode(Text{text}), "{\"text\":\"" + expected + "\"}");
    }
  }
}

TEST(JsonEncoder, WritesTimesAsIsoTextOnRequest) {
  EXPECT_EQ(*Encode(At{{1436918400500}}, {.times = TimeStyle::kIso8601}), R"({"at":"2015-07-15T00:00:00.500Z"})");
  EXPECT_THAT(Encode(At{kMaxEventTime}, {.times = TimeStyle::kIso8601}).status().message(),
              HasSubstr("outside the years"));
}

TEST(JsonEncoder, RefusesNumbersThatJsonHasNoFormFor) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    const Status status = Encode(Weight{value}).status();
    EXPECT_EQ(status.code(), Code::kUserError);
    EXPECT_THAT(status.message(), HasSubstr("field kilograms: JSON has no form for"));
  }
}

TEST(JsonEncoder, RefusesTextThatIsNotUtf8) {
  EXPECT_THAT(Encode(Text{"a\xff"}).status().message(), HasSubstr("field text: not UTF-8: a\\xff"));
}

TEST(JsonEncoder, AppendsAndLeavesTheOutputAsItWasAfterARefusal) {
  std::string out = "before";
  auto encoder = NewJsonEncoder(RowTypeOf<Weight>());
  const Weight bad{HUGE_VAL};
  EXPECT_FALSE(encoder->Encode(&bad, out).ok());
  EXPECT_EQ(out, "before");
  const Weight good{2};
  EXPECT_TRUE(encoder->Encode(&good, out).ok());
  EXPECT_EQ(out, R"(before{"kilograms":2})");
}

}  // namespace
}  // namespace weir
