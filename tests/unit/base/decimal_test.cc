#include "runtime/base/decimal.h"

#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <limits>
#include <stdexcept>

#include "runtime/base/random.h"

namespace weir {
namespace {

constexpr Int128 kMost = internal::kDecimalUnitsMax;

/// Any number of digits is as likely as any other.
Int128 RandomUnits(Random& random) {
  const Int128 bits = static_cast<Int128>(random.Next()) << 63 ^ static_cast<Int128>(random.Next());
  const Int128 units = bits % internal::PowerOfTen(static_cast<int>(random.Below(39)));
  return random.OneIn(2) ? -units : units;
}

std::string MessageOf(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

template <int Scale>
std::string ParsedOr(std::string_view text) {
  const auto parsed = Decimal<Scale>::Parse(text);
  return parsed.ok() ? parsed->ToString() : "no";
}

class DecimalProperties : public testing::Test {
 protected:
  DecimalProperties() { std::cout << "seed " << seed_ << "\n"; }
  const uint64_t seed_ = SystemRandom().Next();
  SeededRandom random_{seed_};
};

TEST(Decimal, ConvertsDollarsToEurosWithoutLosingADigit) {
  constexpr Decimal<3> kRate{"0.908"};
  EXPECT_EQ((kRate * int64_t{1'234'567}).ToString(), "1120986.836");
  EXPECT_EQ((Decimal<2>{"0.10"} + Decimal<2>{"0.20"}).ToString(), "0.30");
  EXPECT_EQ((Decimal<2>{"1.25"} * Decimal<3>{"-0.003"}).ToString(), "-0.00375");
}

TEST(Decimal, IsWrittenWithAllItsPlaces) {
  EXPECT_EQ(Decimal<3>{}.ToString(), "0.000");
  EXPECT_EQ(Decimal<3>{-5}.ToString(), "-5.000");
  EXPECT_EQ(Decimal<0>{"-7"}.ToString(), "-7");
  EXPECT_EQ(Decimal<2>::FromUnits(-5).ToString(), "-0.05");
  EXPECT_EQ(Decimal<38>::FromUnits(1).ToString(), "0." + std::string(37, '0') + "1");
  EXPECT_EQ(Decimal<0>::FromUnits(-kMost).ToString(), "-" + std::string(38, '9'));
}

TEST(Decimal, ReadsWhatJsonCallsANumberAndNothingElse) {
  EXPECT_EQ(ParsedOr<3>("12.3"), "12.300");
  EXPECT_EQ(ParsedOr<3>("-0.001"), "-0.001");
  EXPECT_EQ(ParsedOr<3>("-0"), "0.000");
  EXPECT_EQ(ParsedOr<3>("12.3000000000"), "12.300");
  EXPECT_EQ(ParsedOr<3>("1.5e3"), "1500.000");
  EXPECT_EQ(ParsedOr<3>("1500000E-6"), "1.500");
  EXPECT_EQ(ParsedOr<3>("0e999999999999"), "0.000");
  EXPECT_EQ(ParsedOr<0>("1" + std::string(60, '0') + "e-60"), "1");
  for (const char* text : {"", "-", ".", ".5", "5.", "+5", "05", "-05", "1e", "1e+", "1.2.3", "1 ", " 1", "1,5", "nan",
                           "inf", "0x1", "--1", "1e5.0", "-.5"}) {
    EXPECT_EQ(ParsedOr<3>(text), "no") << text;
  }
}

TEST(Decimal, RefusesATextThatItCannotHoldExactly) {
  EXPECT_EQ(Decimal<2>::Parse("1.005").status().message(),
            "\"1.005\" has more than 2 places behind the point, and nothing is rounded: use a Decimal of a larger scale");
  EXPECT_EQ(Decimal<2>::Parse("1e36").status().message(),
            "\"1e36\" has more digits than a decimal(2) holds (38 in all)");
  EXPECT_EQ(ParsedOr<2>("9" + std::string(35, '9') + ".99"), std::string(36, '9') + ".99");
  EXPECT_EQ(ParsedOr<2>("1" + std::string(36, '0')), "no");
  EXPECT_EQ(ParsedOr<0>(std::string(400, '9')), "no");
  EXPECT_EQ(ParsedOr<0>("1e999999999999999999999"), "no");
  EXPECT_EQ(ParsedOr<0>("1e-999999999999999999999"), "no");
}

TEST(Decimal, SaysWhatOverflowedInsteadOfWrapping) {
  const auto most = Decimal<2>::FromUnits(kMost);
  EXPECT_EQ(MessageOf([&] { most + Decimal<2>{1}; }),
            "decimal(2) overflow: " + std::string(36, '9') + ".99 + 1.00 has more than 38 digits; use a smaller scale, or "
            "check the data");
  EXPECT_THROW(-most - most, std::overflow_error);
  EXPECT_THROW(most * 2, std::overflow_error);
  EXPECT_THROW(most * std::numeric_limits<int64_t>::max(), std::overflow_error);
  EXPECT_THROW(most * most, std::overflow_error);
  EXPECT_THROW(Decimal<30>{std::numeric_limits<int64_t>::max()}, std::overflow_error);
  EXPECT_THROW(Decimal<0>::FromUnits(kMost + 1), std::overflow_error);
  EXPECT_THROW((Decimal<38>{Decimal<0>{7}}), std::overflow_error);
  EXPECT_EQ(most + (-most), Decimal<2>{});
}

TEST(Decimal, RoundsHalfAwayFromZeroWhereAsked) {
  EXPECT_EQ(Decimal<3>{"1.005"}.RoundedTo<2>().ToString(), "1.01");
  EXPECT_EQ(Decimal<3>{"-1.005"}.RoundedTo<2>().ToString(), "-1.01");
  EXPECT_EQ(Decimal<3>{"1.004"}.RoundedTo<2>().ToString(), "1.00");
  EXPECT_EQ(Decimal<2>{10}.DividedBy(3).ToString(), "3.33");
  EXPECT_EQ(Decimal<2>{"-0.05"}.DividedBy(2).ToString(), "-0.03");
  EXPECT_EQ(Decimal<2>{20}.DividedBy(-3).ToString(), "-6.67");
  EXPECT_EQ(MessageOf([] { Decimal<2>{1}.DividedBy(0); }), "decimal(2): 1.00 was divided by zero");
}

TEST_F(DecimalProperties, ReadsBackEveryNumberItWrites) {
  for (int i = 0; i < 20'000; ++i) {
    const Int128 units = RandomUnits(random_);
    EXPECT_EQ(Decimal<0>::Parse(Decimal<0>::FromUnits(units).ToString())->units(), units);
    EXPECT_EQ(Decimal<7>::Parse(Decimal<7>::FromUnits(units).ToString())->units(), units);
    EXPECT_EQ(Decimal<38>::Parse(Decimal<38>::FromUnits(units).ToString())->units(), units);
  }
}

TEST_F(DecimalProperties, AddsInAnyOrderAndTakesBackWhatWasAdded) {
  for (int i = 0; i < 20'000; ++i) {
    const auto a = Decimal<4>::FromUnits(RandomUnits(random_) / 4);
    const auto b = Decimal<4>::FromUnits(RandomUnits(random_) / 4);
    const auto c = Decimal<4>::FromUnits(RandomUnits(random_) / 4);
    ASSERT_EQ((a + b) + c, a + (c + b));
    ASSERT_EQ(a + b - b, a);
    ASSERT_EQ(a < b, (a - b).units() < 0);
  }
}

TEST_F(DecimalProperties, MultipliesAsRepeatedAdditionDoes) {
  for (int i = 0; i < 2'000; ++i) {
    const auto a = Decimal<5>::FromUnits(RandomUnits(random_) / 64);
    const int times = static_cast<int>(random_.Below(60));
    Decimal<5> sum;
    for (int n = 0; n < times; ++n) sum += a;
    ASSERT_EQ(a * times, sum);
    ASSERT_EQ(-times * a, -sum);
    ASSERT_EQ(a * Decimal<0>{times}, sum);
    if (times > 0) {
      ASSERT_EQ(sum.DividedBy(times), a);
    }
  }
}

TEST_F(DecimalProperties, RoundsByNoMoreThanHalfAUnit) {
  for (int i = 0; i < 20'000; ++i) {
    const auto exact = Decimal<9>::FromUnits(RandomUnits(random_) / 10);
    const Decimal<9> off = exact - Decimal<9>{exact.RoundedTo<4>()};
    ASSERT_LE(off.units() * 2, internal::PowerOfTen(5));
    ASSERT_GE(off.units() * 2, -internal::PowerOfTen(5));
  }
}

}  // namespace
}  // namespace weir
