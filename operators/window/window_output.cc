#include "operators/window/window_output.h"

#include <limits>

namespace weir::internal {
namespace {

std::string BoundText(int64_t bound) {
  return bound == std::numeric_limits<int64_t>::max() ? "the end of time" : std::to_string(bound);
}

}  // namespace

std::string WindowFailure(Window window, const std::string& key, const char* what) {
  return "window [" + std::to_string(window.start) + ", " + BoundText(window.end) + ") of key " + key + ": " + what;
}

std::string HexOf(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return text;
}

}  // namespace weir::internal
