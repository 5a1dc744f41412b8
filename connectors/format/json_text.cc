#include "connectors/format/json_text.h"

#include <simdjson.h>

#include <cstdint>
#include <cstring>

namespace weir::internal {
namespace {

constexpr uint64_t kOnes = 0x0101010101010101;
constexpr uint64_t kHighs = 0x8080808080808080;

/// The high bit of each byte that is below `bound`; exact for the lowest one, which is enough to ask "any?".
constexpr uint64_t Below(uint64_t word, uint64_t bound) { return (word - kOnes * bound) & ~word & kHighs; }
constexpr uint64_t Equals(uint64_t word, uint64_t byte) { return Below(word ^ (kOnes * byte), 1); }

constexpr bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

enum class Content { kPlain, kEscapes, kWide };

/// What kind of work the text makes: none, escaping, or a check of its UTF-8 as well.
Content Classify(std::string_view text) {
  uint64_t escapes = 0;
  uint64_t wide = 0;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    wide |= word & kHighs;
    escapes |= Below(word, 0x20) | Equals(word, '"') | Equals(word, '\\');
  }
  for (; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    wide |= byte & 0x80u;
    escapes |= NeedsEscape(byte) ? 1u : 0u;
  }
  if (wide != 0) return Content::kWide;
  return escapes != 0 ? Content::kEscapes : Content::kPlain;
}

void AppendEscape(unsigned char c, std::string& out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default: out += {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 0xf]};
  }
}

void AppendEscaped(std::string_view text, std::string& out) {
  size_t done = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!NeedsEscape(byte)) continue;
    out.append(text, done, i - done);
    AppendEscape(byte, out);
    done = i + 1;
  }
  out.append(text, done, text.size() - done);
}

}  // namespace

bool AppendJsonText(std::string_view text, std::string& out) {
  const Content content = Classify(text);
  if (content == Content::kWide && !simdjson::validate_utf8(text.data(), text.size())) return false;
  out.push_back('"');
  if (content == Content::kPlain) out.append(text);
  else AppendEscaped(text, out);
  out.push_back('"');
  return true;
}

}  // namespace weir::internal
