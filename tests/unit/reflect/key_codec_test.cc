#include "runtime/reflect/key_codec.h"

#include <gtest/gtest.h>

#include <iostream>
#include <limits>

#include "runtime/base/random.h"

namespace weir {
namespace {

enum class Color : int16_t { kRed = -5, kGreen = 9 };
struct UserDay {
  int32_t region;
  std::string user;
  bool paid;
  EventTime day;
  Color color;
  uint16_t page;
  Decimal<3> price;
  friend auto operator<=>(const UserDay&, const UserDay&) = default;
};
struct Fixed { int64_t a; uint8_t b; };

uint64_t PrintedSeed() {
  const uint64_t seed = SystemRandom().Next();
  std::cout << "seed " << seed << "\n";
  return seed;
}

/// Few letters, zero and FF among them, so that texts are often prefixes of each other.
std::string RandomText(Random& random) {
  std::string text(random.Below(5), 'a');
  for (char& c : text) c = "\0\1a\xff"[random.Below(4)];
  return text;
}

UserDay RandomKey(Random& random) {
  UserDay key{};
  key.region = static_cast<int32_t>(random.Below(3)) - 1;
  key.user = RandomText(random);
  key.paid = random.OneIn(2);
  key.day.millis = random.OneIn(2) ? static_cast<int64_t>(random.Next()) : -1;
  key.color = random.OneIn(2) ? Color::kRed : Color::kGreen;
  key.page = static_cast<uint16_t>(random.Next());
  key.price = Decimal<3>::FromUnits(random.OneIn(2) ? static_cast<int64_t>(random.Next()) * Int128{1'000'000} : -1);
  return key;
}

template <class K>
std::string Encoded(const K& key) {
  std::string bytes;
  EncodeKey(key, bytes);
  return bytes;
}

TEST(KeyCodec, OrdersBytesAsKeys) {
  SeededRandom random(PrintedSeed());
  for (int i = 0; i < 20'000; ++i) {
    const UserDay a = RandomKey(random);
    const UserDay b = RandomKey(random);
    ASSERT_EQ(Encoded(a) < Encoded(b), a < b) << i;
    ASSERT_EQ(Encoded(a) == Encoded(b), a == b) << i;
  }
}

TEST(KeyCodec, OrdersIntegersAcrossZeroAndAtTheirEnds) {
  const int64_t numbers[] = {std::numeric_limits<int64_t>::min(), -256, -1, 0, 1, 255, 256,
                             std::numeric_limits<int64_t>::max()};
  for (size_t i = 1; i < std::size(numbers); ++i) {
    EXPECT_LT(Encoded(numbers[i - 1]), Encoded(numbers[i]));
    EXPECT_LT(Encoded(EventTime{numbers[i - 1]}), Encoded(EventTime{numbers[i]}));
  }
  EXPECT_LT(Encoded(uint64_t{1}), Encoded(std::numeric_limits<uint64_t>::max()));
}

TEST(KeyCodec, ReadsBackAnyKey) {
  SeededRandom random(PrintedSeed());
  for (int i = 0; i < 10'000; ++i) {
    const UserDay key = RandomKey(random);
    UserDay read = RandomKey(random);
    ASSERT_TRUE(DecodeKey(Encoded(key), read));
    ASSERT_EQ(read, key);
  }
}

TEST(KeyCodec, KeepsItsFormatOnDisk) {
  EXPECT_EQ(Encoded(int16_t{1}), "\x80\x01");
  EXPECT_EQ(Encoded(uint16_t{1}), std::string("\0\1", 2));
  EXPECT_EQ(Encoded(Decimal<1>{"25.6"}), "\x80" + std::string(13, '\0') + std::string("\1\0", 2));
  EXPECT_EQ(Encoded(Decimal<0>{-1}), "\x7f" + std::string(15, '\xff'));
  EXPECT_EQ(Encoded(std::string("a\0", 2)), std::string("a\0", 2));
  EXPECT_EQ(Encoded(std::pair{std::string("a\0", 2), true}), std::string("a\0\xff\0\0\1", 6));
}

TEST(KeyCodec, SurvivesAnyBytesAndReadsOnlyWhatItWrites) {
  SeededRandom random(PrintedSeed());
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = Encoded(RandomKey(random));
    bytes[random.Below(bytes.size())] ^= static_cast<char>(1 << random.Below(8));
    if (random.OneIn(2)) bytes.resize(random.Below(bytes.size() + 1));
    UserDay read{};
    if (DecodeKey(bytes, read)) { EXPECT_EQ(Encoded(read), bytes); }
  }
}

TEST(KeyCodec, RefusesBytesTooManyOrTooFew) {
  int64_t number = 0;
  EXPECT_FALSE(DecodeKey(std::string_view("1234567"), number));
  EXPECT_FALSE(DecodeKey(std::string_view("123456789"), number));
  bool flag = false;
  EXPECT_FALSE(DecodeKey(std::string_view("\2"), flag));
}

TEST(KeyHash, IsTheSameForATextHoweverItIsHeld) {
  EXPECT_EQ(HashKey(std::string("seller")), HashKey(std::string_view("seller")));
  EXPECT_EQ(HashKey(std::string("seller")), HashKey("seller"));
  EXPECT_EQ(HashKey(std::string("seller")), HashBytes("seller"));
}

TEST(KeyHash, OfAnIntegerIsThatOfItsValueAtAnyWidth) {
  EXPECT_EQ(HashKey(int32_t{-7}), HashKey(int64_t{-7}));
  EXPECT_EQ(HashKey(EventTime{5}), HashInteger(5));
  EXPECT_EQ(HashKey(Color::kGreen), HashInteger(9));
}

TEST(KeyHash, OfAStructIsThatOfItsBytes) {
  const UserDay key{1, "u", true, {7}, Color::kRed, 3, Decimal<3>{"-1.5"}};
  EXPECT_EQ(HashKey(key), HashBytes(Encoded(key)));
  EXPECT_EQ(HashKey(Fixed{-1, 2}), HashBytes(Encoded(Fixed{-1, 2})));
}

TEST(StateKey, OwnsItsDataAndComparesExactly) {
  struct View { std::string_view text; };
  struct Weight { double kilograms; };
  EXPECT_TRUE(StateKey<UserDay>);
  EXPECT_TRUE((StateKey<std::pair<int64_t, std::string>>));
  EXPECT_FALSE(StateKey<std::string_view>);
  EXPECT_FALSE(StateKey<View>);
  EXPECT_FALSE(StateKey<double>);
  EXPECT_FALSE(StateKey<Weight>);
  EXPECT_FALSE(StateKey<std::vector<int>>);
}

}  // namespace
}  // namespace weir
