#include "runtime/reflect/binary_codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "runtime/base/random.h"
#include "runtime/reflect/flat_set.h"

namespace weir {
namespace {

enum class Color : int16_t { kRed = -5, kGreen = 9 };
struct Part {
  int32_t a;
  double b;
  friend bool operator==(const Part&, const Part&) = default;
};
struct Total {
  int64_t sum;
  bool open;
  std::string name;
  std::vector<Part> parts;
  std::optional<std::string> note;
  std::pair<uint8_t, Part> pair;
  std::array<int16_t, 3> array;
  Color color;
  EventTime time;
  std::vector<bool> flags;
  Decimal<5> price;
  friend bool operator==(const Total&, const Total&) = default;
};

std::string RandomText(Random& random) {
  std::string text(random.Below(20), '\0');
  for (char& c : text) c = static_cast<char>(random.Next());
  return text;
}

Total RandomTotal(Random& random) {
  Total total{};
  total.sum = static_cast<int64_t>(random.Next());
  total.open = random.OneIn(2);
  total.name = RandomText(random);
  for (uint64_t n = random.Below(5); n > 0; --n) total.parts.push_back({static_cast<int32_t>(random.Next()), 0.5});
  if (random.OneIn(2)) total.note = RandomText(random);
  total.pair = {static_cast<uint8_t>(random.Next()), {1, -2.25}};
  total.array = {1, -2, static_cast<int16_t>(random.Next())};
  total.color = random.OneIn(2) ? Color::kRed : Color::kGreen;
  total.time.millis = static_cast<int64_t>(random.Next());
  total.price = Decimal<5>::FromUnits(static_cast<int64_t>(random.Next()) * Int128{1'000'000'007});
  for (uint64_t n = random.Below(5); n > 0; --n) total.flags.push_back(random.OneIn(2));
  return total;
}

template <class T>
std::string Encoded(const T& value) {
  std::string bytes;
  EncodeBinary(value, bytes);
  return bytes;
}

uint64_t PrintedSeed() {
  const uint64_t seed = SystemRandom().Next();
  std::cout << "seed " << seed << "\n";
  return seed;
}

TEST(BinaryCodec, ReadsBackAnyValue) {
  SeededRandom random(PrintedSeed());
  for (int i = 0; i < 1000; ++i) {
    const Total total = RandomTotal(random);
    const std::string bytes = Encoded(total);
    std::string_view rest = bytes;
    Total read = RandomTotal(random);
    ASSERT_TRUE(DecodeBinary(rest, read));
    ASSERT_TRUE(rest.empty());
    ASSERT_EQ(read, total);
  }
}

TEST(BinaryCodec, KeepsItsFormatOnDisk) {
  EXPECT_EQ(Encoded(int32_t{-2}), "\xfe\xff\xff\xff");
  EXPECT_EQ(Encoded(true), "\1");
  EXPECT_EQ(Encoded(std::string(200, 'x')), "\xc8\x01" + std::string(200, 'x'));
  EXPECT_EQ(Encoded(Decimal<1>{"-0.2"}), "\xfe" + std::string(15, '\xff'));
  EXPECT_EQ(Encoded(EventTime{1}), std::string("\1\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(Encoded(std::optional<bool>{}), std::string(1, '\0'));
  EXPECT_EQ(Encoded(std::vector<uint8_t>{7, 8}), "\2\7\10");
  EXPECT_EQ(Encoded(Part{1, 0}), std::string("\1\0\0\0\0\0\0\0\0\0\0\0", 12));
}

TEST(BinaryCodec, RefusesADecimalOfMoreDigitsThanThereAre) {
  const std::string bytes(16, '\x7f');
  std::string_view rest = bytes;
  Decimal<2> read;
  EXPECT_FALSE(DecodeBinary(rest, read));
}

TEST(BinaryCodec, ReadsOneValueAfterTheOther) {
  const std::string bytes = Encoded(std::string("ab")) + Encoded(int64_t{7});
  std::string_view rest = bytes;
  std::string text;
  int64_t number = 0;
  EXPECT_TRUE(DecodeBinary(rest, text) && DecodeBinary(rest, number) && rest.empty());
  EXPECT_EQ(text, "ab");
  EXPECT_EQ(number, 7);
}

TEST(BinaryCodec, RefusesEveryTruncation) {
  SeededRandom random(PrintedSeed());
  const std::string bytes = Encoded(RandomTotal(random));
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view rest(bytes.data(), size);
    Total read{};
    EXPECT_FALSE(DecodeBinary(rest, read)) << size << " of " << bytes.size();
  }
}

TEST(BinaryCodec, SurvivesAnyBytes) {
  SeededRandom random(PrintedSeed());
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = Encoded(RandomTotal(random));
    for (int flip = 0; flip < 3; ++flip) {
      bytes[random.Below(bytes.size())] ^= static_cast<char>(1 << random.Below(8));
    }
    bytes.resize(random.Below(bytes.size() + 1));
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);   // So that a sanitizer sees a byte too many.
    std::copy(bytes.begin(), bytes.end(), exact.get());
    std::string_view rest(exact.get(), bytes.size());
    Total read{};
    if (DecodeBinary(rest, read)) { EXPECT_LE(rest.size(), bytes.size()); }
  }
}

TEST(BinaryCodec, RefusesACountThatTheBytesCannotHold) {
  std::string bytes = "\xff\xff\xff\xff\x7f";
  std::string_view rest = bytes;
  std::vector<Part> parts;
  EXPECT_FALSE(DecodeBinary(rest, parts));
  EXPECT_EQ(parts.capacity(), 0u);
}

TEST(BinaryCodec, RefusesLengthsBeyondSixtyFourBits) {
  const std::string bytes(11, '\xff');
  std::string_view rest = bytes;
  std::string text;
  EXPECT_FALSE(DecodeBinary(rest, text));
}

TEST(BinaryCodec, RefusesABoolThatIsNeitherZeroNorOne) {
  std::string_view rest = "\2";
  bool flag = false;
  EXPECT_FALSE(DecodeBinary(rest, flag));
}

TEST(StateValue, OwnsItsData) {
  struct View { std::string_view text; };
  struct Pointer { const int* p; };
  EXPECT_TRUE(StateValue<Total>);
  EXPECT_FALSE(StateValue<std::string_view>);
  EXPECT_FALSE(StateValue<View>);
  EXPECT_FALSE(StateValue<Pointer>);
  EXPECT_FALSE(StateValue<std::vector<std::string_view>>);
}

TEST(BinaryCodec, WritesASetInOneOrderWhateverTheOrderOfItsElements) {
  FlatSet<std::string> up;
  FlatSet<std::string> down;
  for (int i = 0; i < 300; ++i) up.Insert("element " + std::to_string(i));
  for (int i = 300; i-- > 0;) down.Insert("element " + std::to_string(i));
  EXPECT_EQ(Encoded(up), Encoded(down));
  FlatSet<std::string> read;
  std::string bytes = Encoded(up);
  std::string_view rest = bytes;
  ASSERT_TRUE(DecodeBinary(rest, read));
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(read, up);
}

TEST(BinaryCodec, RefusesASetThatHoldsAnElementTwiceOrClaimsMoreThanItHas) {
  std::vector<int32_t> twice{7, 7};
  std::string bytes = Encoded(twice);
  std::string_view rest = bytes;
  FlatSet<int32_t> read;
  EXPECT_FALSE(DecodeBinary(rest, read));
  rest = std::string_view("\xff\xff\x7f\0\0\0\0", 7);
  EXPECT_FALSE(DecodeBinary(rest, read));
}

TEST(BinaryCodec, NamesASetInTheSchema) {
  EXPECT_EQ((SchemaOf<std::pair<int64_t, FlatSet<std::string>>>()), R"(["pair","int64",["set","string"]])");
}

}  // namespace
}  // namespace weir
