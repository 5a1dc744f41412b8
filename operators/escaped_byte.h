// Internal: a byte that text for people must not hold, as they can read it.
#pragma once

#include <string>
#include <string_view>

namespace weir::internal {

/// Appends \xNN.
inline void AppendEscaped(char byte, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += {'\\', 'x', kHex[value >> 4], kHex[value & 0xf]};
}

}  // namespace weir::internal
