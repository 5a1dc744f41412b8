#include "runtime/checkpoint/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace weir::internal {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 255;

constexpr std::array<uint8_t, 256> Inverse() {
  std::array<uint8_t, 256> inverse{};
  for (uint8_t& digit : inverse) digit = kNone;
  for (uint8_t i = 0; i < kAlphabet.size(); ++i) inverse[static_cast<uint8_t>(kAlphabet[i])] = i;
  return inverse;
}

constexpr std::array<uint8_t, 256> kInverse = Inverse();

}  // namespace

std::string EncodeBase64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t taken = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (j < taken ? static_cast<uint8_t>(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; ++j) text += j <= taken ? kAlphabet[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

bool DecodeBase64(std::string_view text, std::string* out) {
  if (text.size() % 4 != 0) return false;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t digit = i < text.size() - padding ? kInverse[static_cast<uint8_t>(text[i])] : uint8_t{0};
    if (digit == kNone) return false;
    group = group << 6 | digit;
    if (i % 4 != 3) continue;
    for (int shift = 16; shift >= 0; shift -= 8) bytes += static_cast<char>(group >> shift & 255);
    group = 0;
  }
  const bool spare_bits_clear = bytes.substr(bytes.size() - padding) == std::string(padding, '\0');
  if (!spare_bits_clear) return false;
  bytes.resize(bytes.size() - padding);
  *out = std::move(bytes);
  return true;
}

}  // namespace weir::internal
