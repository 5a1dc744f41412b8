#include "runtime/base/ids.h"

#include <algorithm>

namespace weir {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr size_t kNameLengthMax = 100;

bool IsNameStart(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string Id128::ToString() const {
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[static_cast<size_t>(i)] = kHexDigits[(high >> (60 - 4 * i)) & 15];
    text[static_cast<size_t>(16 + i)] = kHexDigits[(low >> (60 - 4 * i)) & 15];
  }
  return text;
}

bool Id128::Parse(std::string_view text, Id128* out) {
  if (text.size() != 32) return false;
  Id128 id;
  for (size_t i = 0; i < 32; ++i) {
    const size_t digit = kHexDigits.find(text[i]);
    if (digit == std::string_view::npos) return false;
    uint64_t& half = i < 16 ? id.high : id.low;
    half = half << 4 | digit;
  }
  *out = id;
  return true;
}

bool IsValidName(std::string_view name) {
  if (name.empty() || name.size() > kNameLengthMax || !IsNameStart(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return IsNameStart(c) || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace weir
