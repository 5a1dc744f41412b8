#include "connectors/format/excerpt.h"

#include <fmt/format.h>

namespace weir {

std::string Excerpt(std::string_view text, size_t bytes_max) {
  std::string out;
  for (const char c : text.substr(0, bytes_max)) {
    if (c >= 0x20 && c < 0x7f) {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (text.size() > bytes_max) out += "...";
  return out;
}

}  // namespace weir
