#include "connectors/format/line.h"

#include <gmock/gmock.h>

namespace weir {
namespace {

struct Line { int64_t offset; std::string_view text; };
struct Owned { std::string text; };

TEST(LineFormat, TakesTheWholeRecordAsText) {
  Arena arena;
  Line line{};
  std::string record = "{\"any\": bytes\xff";
  ASSERT_TRUE(NewLineDecoder(RowTypeOf<Line>(), {"offset"})->Decode(record, &line, arena).ok());
  record.assign(record.size(), '#');
  EXPECT_EQ(line.text, "{\"any\": bytes\xff");
}

TEST(LineFormat, WritesTheTextAndNothingElse) {
  const Line line{7, "abc"};
  const Owned owned{"def"};
  std::string out;
  ASSERT_TRUE(NewLineEncoder(RowTypeOf<Line>(), {"offset"})->Encode(&line, out).ok());
  ASSERT_TRUE(NewLineEncoder(RowTypeOf<Owned>())->Encode(&owned, out).ok());
  EXPECT_EQ(out, "abcdef");
}

TEST(LineFormat, WantsExactlyOneText) {
  struct Number { int n; };
  EXPECT_EQ(CheckLine(RowTypeOf<Line>()).code(), Code::kInvalidArgument);
  EXPECT_THAT(CheckLine(RowTypeOf<Number>()).message(), testing::HasSubstr("the first is n (int32)"));
  EXPECT_FALSE(CheckLine(RowTypeOf<Line>(), {"text"}).ok());
  EXPECT_FALSE(CheckLine(RowTypeOf<Owned>(), {"text"}).ok());
}

}  // namespace
}  // namespace weir
