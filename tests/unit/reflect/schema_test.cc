#include "runtime/reflect/schema.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

struct Inner { int32_t q; double z; };
struct Total { int64_t sum; std::vector<Inner> parts; };
struct Wide { int64_t sum; std::string name; Inner inner; };
struct Renamed { int64_t sum; std::string title; Inner inner; };
struct InnerLong { int64_t q; double z; };
struct WideLong { int64_t sum; std::string name; InnerLong inner; };
struct Swapped { std::string name; int64_t sum; Inner inner; };
struct TotalLong { int64_t sum; std::vector<InnerLong> parts; };

template <class Before, class Now>
std::string Change() {
  return DescribeSchemaChange(SchemaOf<Before>(), SchemaOf<Now>());
}

TEST(Schema, SpellsOutEveryShape) {
  EXPECT_EQ(SchemaOf<int64_t>(), R"("int64")");
  EXPECT_EQ(SchemaOf<Total>(), R"({"sum":"int64","parts":["list",{"q":"int32","z":"double"}]})");
  EXPECT_EQ((SchemaOf<std::pair<bool, std::optional<EventTime>>>()), R"(["pair","bool",["optional","event_time"]])");
  EXPECT_EQ((SchemaOf<std::vector<Decimal<2>>>()), "[\"list\",\"decimal(2)\"]");
  EXPECT_EQ((SchemaOf<std::array<std::string, 4>>()), R"(["array","4","string"])");
}

TEST(Schema, IsUnchangedForTheSameShape) { EXPECT_EQ((Change<Wide, Wide>()), ""); }

TEST(Schema, NamesTheFieldThatHasAnotherKind) {
  EXPECT_EQ((Change<Wide, WideLong>()), R"(field inner.q: "int32" in the checkpoint, "int64" in the program)");
  EXPECT_EQ((Change<int64_t, std::string>()), R"(the value: "int64" in the checkpoint, "string" in the program)");
  EXPECT_EQ((Change<Total, TotalLong>()),
            R"(field parts[list].q: "int32" in the checkpoint, "int64" in the program)");
}

TEST(Schema, KnowsADecimalOfAnotherScale) {
  EXPECT_EQ((Change<Decimal<2>, Decimal<3>>()), 
            "the value: \"decimal(2)\" in the checkpoint, \"decimal(3)\" in the program");
}

TEST(Schema, NamesTheFieldThatIsGoneOrNew) {
  EXPECT_EQ((Change<Wide, Renamed>()), "field name: in the checkpoint, not in the program");
  EXPECT_EQ(DescribeSchemaChange(R"({"a":"bool"})", R"({"a":"bool","b":"bool"})"),
            "field b: in the program, not in the checkpoint");
}

TEST(Schema, SaysWhenOnlyTheOrderChanged) {
  EXPECT_EQ((Change<Wide, Swapped>()),
            "the value: its fields are in another order, the checkpoint has sum where the program has name");
}

TEST(Schema, NamesADifferenceOfWholeShapes) {
  EXPECT_EQ(DescribeSchemaChange(R"({"a":"bool"})", R"({"a":["list","bool"]})"),
            R"(field a: "bool" in the checkpoint, ["list","bool"] in the program)");
}

TEST(Schema, CallsDamagedTextDamaged) {
  for (const char* text : {"", "{", "[]", "{\"a\":}", "\"int64", "{\"a\":\"bool\"}x", "[{},\"a\"]"}) {
    EXPECT_EQ(DescribeSchemaChange(text, SchemaOf<int>()), "the checkpoint's schema text is damaged") << text;
  }
}

TEST(Schema, DoesNotFollowTextThatNestsWithoutEnd) {
  EXPECT_EQ(DescribeSchemaChange(std::string(1'000'000, '['), SchemaOf<int>()),
            "the checkpoint's schema text is damaged");
}

}  // namespace
}  // namespace weir
