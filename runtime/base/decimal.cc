#include "runtime/base/decimal.h"

#include <stdexcept>

namespace weir {

void AppendDecimal(Int128 units, int scale, std::string& out) {
  __extension__ typedef unsigned __int128 Uint128;
  Uint128 left = units < 0 ? -static_cast<Uint128>(units) : static_cast<Uint128>(units);
  char text[kDecimalDigitsMax + 8];
  char* at = text + sizeof(text);
  for (int place = 0; left != 0 || place <= scale; ++place) {
    if (place == scale && scale > 0) *--at = '.';
    *--at = static_cast<char>('0' + static_cast<int>(left % 10));
    left /= 10;
  }
  if (units < 0) *--at = '-';
  out.append(at, static_cast<size_t>(text + sizeof(text) - at));
}

namespace internal {
namespace {

std::string TextOf(Int128 units, int scale) {
  std::string text;
  AppendDecimal(units, scale, text);
  return text;
}

std::string NameOf(int scale) { return "decimal(" + std::to_string(scale) + ")"; }

}  // namespace

std::string DescribeDecimalText(DecimalText problem, int scale) {
  switch (problem) {
    case DecimalText::kTooManyPlaces:
      return "has more than " + std::to_string(scale) + " places behind the point, and nothing is rounded: use a " +
             "Decimal of a larger scale";
    case DecimalText::kTooManyDigits: return "has more digits than a " + NameOf(scale) + " holds (38 in all)";
    default: return "is not a decimal number";
  }
}

void ThrowDecimalOverflow(Int128 a, int scale_a, const char* operation, Int128 b, int scale_b, int scale) {
  throw std::overflow_error(NameOf(scale) + " overflow: " + TextOf(a, scale_a) + " " + operation + " " +
                            TextOf(b, scale_b) + " has more than 38 digits; use a smaller scale, or check the data");
}

void ThrowDecimalDivision(Int128 a, int scale) {
  throw std::domain_error(NameOf(scale) + ": " + TextOf(a, scale) + " was divided by zero");
}

}  // namespace internal
}  // namespace weir
