// Exact decimal numbers: money, and every sum that must be the same in whatever order its parts come in. A value is a whole
// number of units of 10^-Scale, at most 38 digits of them (what SQL calls DECIMAL(38, Scale)). Nothing is ever rounded
// unless asked for, and nothing wraps: a result that does not fit throws std::overflow_error that says what was computed,
// which in a user's function fails the record like any other exception.
//
//   constexpr weir::Decimal<3> kEuros{"0.908"};     // a wrong text does not compile
//   Decimal<3> price = kEuros * bid.price;          // by an integer: same scale
//   Decimal<5> tax = price * Decimal<2>{"0.19"};    // by a decimal: scales add up, nothing is lost
//   Decimal<2> paid = tax.RoundedTo<2>();           // half away from zero
//
// As text it is a plain number with all its places, "12.300": see AppendDecimal.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/decimal_units.h"
#include "runtime/base/status.h"

namespace weir {

/// Appends `units` of 10^-scale with all places, a digit before the point, and no exponent: "-0.05".
void AppendDecimal(Int128 units, int scale, std::string& out);

/// Plain data: copying is all there is to it. Equal numbers are equal bytes.
template <int Scale>
class Decimal {
  static_assert(Scale >= 0 && Scale <= kDecimalDigitsMax, "A Decimal has 0 to 38 places behind the point.");

 public:
  static constexpr int kScale = Scale;

  constexpr Decimal() = default;
  /// A whole number: Decimal<2>{5} is 5.00.
  template <std::integral Integer>
  constexpr Decimal(Integer whole)   // NOLINT: implicit, it is the same number
      : units_(Product(static_cast<Int128>(whole), 0, kOne, Scale)) {}
  /// Binary fractions are not decimal ones: parse a text, or say Decimal<2>{"0.1"}.
  template <std::floating_point Float>
  Decimal(Float) = delete;
  /// From a literal; what is no number of at most Scale places does not compile.
  template <size_t N>
  explicit consteval Decimal(const char (&text)[N]) {
    if (internal::ReadDecimal({text, N - 1}, Scale, units_) != internal::DecimalText::kOk) {
      throw "not a decimal number of this scale";
    }
  }
  /// The same number with more places.
  template <int From>
    requires(From < Scale)
  constexpr Decimal(Decimal<From> other)   // NOLINT: implicit, it is the same number
      : units_(Product(other.units(), From, internal::PowerOfTen(Scale - From), 0)) {}

  /// REQUIRES: at most 38 digits.
  static constexpr Decimal FromUnits(Int128 units) {
    Decimal made;
    made.units_ = Product(units, Scale, 1, 0);
    return made;
  }
  /// Reads all of `text`, a number as JSON writes them. InvalidArgument says what is wrong, also where it has more places
  /// than Scale: nothing is rounded.
  static Result<Decimal> Parse(std::string_view text) {
    Decimal made;
    const internal::DecimalText read = internal::ReadDecimal(text, Scale, made.units_);
    if (read == internal::DecimalText::kOk) return made;
    return InvalidArgument('"' + std::string(text) + "\" " + internal::DescribeDecimalText(read, Scale));
  }

  /// How many times 10^-Scale it is.
  constexpr Int128 units() const { return units_; }
  std::string ToString() const {
    std::string text;
    AppendDecimal(units_, Scale, text);
    return text;
  }
  /// The nearest double, for charts and ratios.
  constexpr double ToDouble() const { return static_cast<double>(units_) / static_cast<double>(kOne); }
  /// With fewer (or as many) places, rounded half away from zero.
  template <int To>
  constexpr Decimal<To> RoundedTo() const {
    static_assert(To <= Scale, "RoundedTo takes places away; more of them come by assignment.");
    return Decimal<To>::FromUnits(internal::DivideHalfUp(units_, internal::PowerOfTen(Scale - To)));
  }
  /// A part of it, rounded half away from zero: the mean, if this is the sum of `count`.
  constexpr Decimal DividedBy(int64_t count) const {
    if (count == 0) internal::ThrowDecimalDivision(units_, Scale);
    return FromUnits(internal::DivideHalfUp(units_, count));
  }

  friend constexpr Decimal operator+(Decimal a, Decimal b) {
    Decimal sum;
    if (__builtin_add_overflow(a.units_, b.units_, &sum.units_) || !internal::IsDecimal(sum.units_)) {
      internal::ThrowDecimalOverflow(a.units_, Scale, "+", b.units_, Scale, Scale);
    }
    return sum;
  }
  friend constexpr Decimal operator-(Decimal a, Decimal b) { return a + -b; }
  constexpr Decimal operator-() const {
    Decimal negative;
    negative.units_ = -units_;   // The range has no odd end.
    return negative;
  }
  constexpr Decimal& operator+=(Decimal other) { return *this = *this + other; }
  constexpr Decimal& operator-=(Decimal other) { return *this = *this - other; }
  template <std::integral Integer>
  friend constexpr Decimal operator*(Decimal a, Integer b) {
    Decimal product;
    product.units_ = Product(a.units_, Scale, static_cast<Int128>(b), 0);
    return product;
  }
  template <std::integral Integer>
  friend constexpr Decimal operator*(Integer a, Decimal b) { return b * a; }
  friend constexpr bool operator==(Decimal a, Decimal b) { return a.units_ == b.units_; }
  friend constexpr std::strong_ordering operator<=>(Decimal a, Decimal b) {
    return a.units_ < b.units_ ? std::strong_ordering::less
           : a.units_ > b.units_ ? std::strong_ordering::greater : std::strong_ordering::equal;
  }

 private:
  static constexpr Int128 kOne = internal::PowerOfTen(Scale);

  static constexpr Int128 Product(Int128 a, int scale_a, Int128 b, int scale_b) {
    Int128 product = 0;
    if (__builtin_mul_overflow(a, b, &product) || !internal::IsDecimal(product)) {
      internal::ThrowDecimalOverflow(a, scale_a, "*", b, scale_b, Scale);
    }
    return product;
  }

  Int128 units_ = 0;
};

/// Exact: the product has the places of both.
template <int A, int B>
constexpr Decimal<A + B> operator*(Decimal<A> a, Decimal<B> b) {
  Int128 product = 0;
  if (__builtin_mul_overflow(a.units(), b.units(), &product) || !internal::IsDecimal(product)) {
    internal::ThrowDecimalOverflow(a.units(), A, "*", b.units(), B, A + B);
  }
  return Decimal<A + B>::FromUnits(product);
}

namespace internal {

template <class T>
inline constexpr bool kIsDecimal = false;
template <int Scale>
inline constexpr bool kIsDecimal<Decimal<Scale>> = true;

}  // namespace internal
}  // namespace weir
