#include "runtime/reflect/key_codec.h"

namespace weir::internal {

void AppendEscaped(std::string_view text, std::string& out) {
  for (size_t zero = text.find('\0'); zero != std::string_view::npos; zero = text.find('\0')) {
    out.append(text.substr(0, zero + 1)).push_back('\xff');
    text.remove_prefix(zero + 1);
  }
  out.append(text).append(2, '\0');
}

bool TakeEscaped(std::string_view& in, std::string& text) {
  text.clear();
  for (;;) {
    const size_t zero = in.find('\0');
    if (zero == std::string_view::npos || zero + 1 == in.size()) return false;
    const char after = in[zero + 1];
    text.append(in.substr(0, after == '\0' ? zero : zero + 1));
    in.remove_prefix(zero + 2);
    if (after == '\0') return true;
    if (after != '\xff') return false;
  }
}

}  // namespace weir::internal
