#include "runtime/reflect/row_type.h"

#include <gmock/gmock.h>

#include <memory>
#include <vector>

namespace weir {
namespace {

enum class Side : uint8_t { kBuy, kSell };
struct Money { int64_t amount; std::string currency; };
struct Order {
  bool open;
  int16_t lots;
  std::string_view symbol;
  Money price;
  Side side;
  EventTime date_time;
  double weight_;
  Decimal<4> fee;
};
template <class A, class B>
struct Both { A first; B second; };

struct Base { int a; };
struct Derived : Base { int b; };
struct WithArray { int a[3]; int b; };
struct WithOneElementArray { int a[1]; };
struct WithText { std::string name; char code[8]; };
struct WithPointer { int* p; };
struct WithVector { std::vector<int> v; };
struct WithReference { int& r; };
struct WithCharacter { char c; };
struct WithConstructor { explicit WithConstructor(int); int a; };
struct WithVirtual { virtual ~WithVirtual() = default; int a; };
struct WithUnique { std::unique_ptr<int> p; };
struct Empty {};

std::vector<std::string_view> NamesOf(const RowType& row) {
  std::vector<std::string_view> names;
  for (const Field& field : row.fields) names.push_back(field.name);
  return names;
}

TEST(RowType, NamesFieldsInDeclarationOrder) {
  EXPECT_THAT(NamesOf(RowTypeOf<Order>()),
              testing::ElementsAre("open", "lots", "symbol", "price", "side", "date_time", "weight_",
                                   "fee"));
}

TEST(RowType, GivesEachFieldItsKind) {
  std::vector<FieldKind> kinds;
  for (const Field& field : RowTypeOf<Order>().fields) kinds.push_back(field.kind);
  EXPECT_THAT(kinds, testing::ElementsAre(FieldKind::kBool, FieldKind::kInt16, FieldKind::kStringView,
                                          FieldKind::kStruct, FieldKind::kUint8, FieldKind::kEventTime,
                                          FieldKind::kDouble, FieldKind::kDecimal));
  EXPECT_EQ(RowTypeOf<Order>().fields.back().scale, 4);
}

TEST(RowType, FindsWhereTheCompilerPutEachField) {
  Order order{};
  const RowType& row = RowTypeOf<Order>();
  EXPECT_EQ(FieldAt(&order, row.fields[2]), &order.symbol);
  EXPECT_EQ(FieldAt(&order, row.fields[3]), &order.price);
  EXPECT_EQ(FieldAt(&order, row.fields[6]), &order.weight_);
  EXPECT_EQ(row.size, sizeof(Order));
  EXPECT_EQ(row.fields[2].size, sizeof(std::string_view));
}

TEST(RowType, DescribesNestedStructs) {
  const Field& price = RowTypeOf<Order>().fields[3];
  ASSERT_EQ(price.row, &RowTypeOf<Money>());
  EXPECT_THAT(NamesOf(*price.row), testing::ElementsAre("amount", "currency"));
}

TEST(RowType, IsNamedAsItsStructWithoutNamespaces) {
  struct Local { int a; };
  EXPECT_EQ(RowTypeOf<Order>().name, "Order");
  EXPECT_EQ(RowTypeOf<Local>().name, "Local");
  EXPECT_EQ((RowTypeOf<Both<int, Money>>().name.substr(0, 5)), "Both<");
}

TEST(RowType, GivesAllIntegersTheKindOfTheirWidth) {
  using Numbers = Both<Both<unsigned long long, long long>, Both<unsigned char, int>>;
  const RowType& row = RowTypeOf<Numbers>();
  EXPECT_EQ(row.fields[0].row->fields[0].kind, FieldKind::kUint64);
  EXPECT_EQ(row.fields[0].row->fields[1].kind, FieldKind::kInt64);
  EXPECT_EQ(row.fields[1].row->fields[0].kind, FieldKind::kUint8);
  EXPECT_EQ(row.fields[1].row->fields[1].kind, FieldKind::kInt32);
}

TEST(RowType, RefusesWhatIsNoPlainStruct) {
  EXPECT_FALSE(kIsRow<Derived>);
  EXPECT_FALSE(kIsRow<WithConstructor>);
  EXPECT_FALSE(kIsRow<WithVirtual>);
  EXPECT_FALSE(kIsRow<Empty>);
  EXPECT_FALSE(kIsRow<EventTime>);
  EXPECT_FALSE(kIsRow<int>);
  EXPECT_FALSE(kIsRow<std::string>);
  EXPECT_FALSE((kIsRow<std::array<int, 1>>));
}

TEST(RowType, RefusesFieldsWithoutAKind) {
  EXPECT_FALSE(kIsRow<WithArray>);
  EXPECT_FALSE(kIsRow<WithOneElementArray>);
  EXPECT_FALSE(kIsRow<WithText>);
  EXPECT_FALSE(kIsRow<WithPointer>);
  EXPECT_FALSE(kIsRow<WithReference>);
  EXPECT_FALSE(kIsRow<WithVector>);
  EXPECT_FALSE(kIsRow<WithUnique>);
  EXPECT_FALSE(kIsRow<WithCharacter>);
  EXPECT_FALSE((kIsRow<Both<int, WithArray>>));
}

}  // namespace
}  // namespace weir
