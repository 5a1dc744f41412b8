// Internal: whole numbers of up to 38 digits, which Decimal is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

__extension__ typedef __int128 Int128;

inline constexpr int kDecimalDigitsMax = 38;

namespace internal {

/// REQUIRES: 0 <= exponent <= 38.
constexpr Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

inline constexpr Int128 kDecimalUnitsMax = PowerOfTen(kDecimalDigitsMax) - 1;

constexpr bool IsDecimal(Int128 units) { return units <= kDecimalUnitsMax && units >= -kDecimalUnitsMax; }

/// What is wrong with a text.
enum class DecimalText : uint8_t { kOk, kNoNumber, kTooManyPlaces, kTooManyDigits };

/// Reads all of `text`: a number as JSON writes them (an exponent is fine, a plus or a bare point is not).
constexpr DecimalText ReadDecimal(std::string_view text, int scale, Int128& units) {
  const auto is_digit = [&](size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  const bool negative = text.starts_with('-');
  size_t at = negative ? 1 : 0;
  const size_t first = at;
  size_t last = first;   // Behind the last digit that is not zero.
  size_t point = std::string_view::npos;
  for (; is_digit(at) || (at < text.size() && text[at] == '.' && point == std::string_view::npos); ++at) {
    if (text[at] == '.') point = at;
    else if (text[at] != '0') last = at + 1;
  }
  const size_t end = at;
  if (!is_digit(first) || (text[first] == '0' && is_digit(first + 1)) || !is_digit(end - 1)) return DecimalText::kNoNumber;
  int64_t exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    const bool minus = at < text.size() && text[at] == '-';
    if (minus || (at < text.size() && text[at] == '+')) ++at;
    if (!is_digit(at)) return DecimalText::kNoNumber;
    for (; is_digit(at); ++at) exponent = exponent > 1'000'000'000 ? exponent : exponent * 10 + (text[at] - '0');
    if (minus) exponent = -exponent;
  }
  if (at != text.size()) return DecimalText::kNoNumber;
  units = 0;
  if (last == first) return DecimalText::kOk;   // Zero, whatever its exponent.
  const auto places_of = [&](size_t digit) {    // Of ten, by which the digit counts as units.
    const auto behind = static_cast<int64_t>(point == std::string_view::npos || digit < point ? 0 : digit - point);
    const auto before = static_cast<int64_t>(behind > 0 ? 0 : (point == std::string_view::npos ? end : point) - 1 - digit);
    return before - behind + exponent + scale;
  };
  const int64_t shift = places_of(last - 1);
  if (shift < 0) return DecimalText::kTooManyPlaces;
  for (size_t i = first; i < last; ++i) {
    if (i == point) continue;
    if (units > kDecimalUnitsMax / 10) return DecimalText::kTooManyDigits;
    units = units * 10 + (text[i] - '0');
  }
  if (shift > kDecimalDigitsMax) return DecimalText::kTooManyDigits;
  const Int128 power = PowerOfTen(static_cast<int>(shift));
  if (units > kDecimalUnitsMax / power) return DecimalText::kTooManyDigits;
  units *= negative ? -power : power;
  return DecimalText::kOk;
}

/// "has more than 3 places behind the point".
std::string DescribeDecimalText(DecimalText problem, int scale);

/// One product or sum that did not fit; `operation` stands between the two.
[[noreturn]] void ThrowDecimalOverflow(Int128 a, int scale_a, const char* operation, Int128 b, int scale_b, int scale);
[[noreturn]] void ThrowDecimalDivision(Int128 a, int scale);

/// a / b, rounded half away from zero. REQUIRES: b != 0; both are decimals or b is an integer.
constexpr Int128 DivideHalfUp(Int128 a, Int128 b) {
  const Int128 quotient = a / b;
  const Int128 rest = a % b;
  const Int128 size = rest < 0 ? -rest : rest;
  const Int128 whole = b < 0 ? -b : b;
  if (size < whole - size) return quotient;
  return (a < 0) == (b < 0) ? quotient + 1 : quotient - 1;
}

}  // namespace internal

}  // namespace weir
