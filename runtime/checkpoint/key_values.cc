#include "runtime/checkpoint/key_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace weir::internal {
namespace {

template <class Number>
bool ParseNumber(std::string_view text, Number* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  // Only what formatting writes: else two texts would mean one number.
  return error == std::errc() && end == text.data() + text.size() && fmt::to_string(*out) == text;
}

}  // namespace

bool IsHex(std::string_view text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string Excerpt(std::string_view bytes) {
  constexpr size_t kShown = 80;
  std::string out;
  for (const char c : bytes.substr(0, kShown)) {
    if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  if (bytes.size() > kShown) out += fmt::format("... ({} bytes)", bytes.size());
  return out;
}

WordReader::WordReader(std::string what, std::string_view text) : what_(std::move(what)), rest_(text) {}

std::string_view WordReader::Word() {
  const size_t space = rest_.find(' ');
  const std::string_view word = rest_.substr(0, space);
  rest_ = space == std::string_view::npos ? std::string_view{} : rest_.substr(space + 1);
  return word;
}

void WordReader::Kind(std::string_view kind, uint64_t version) {
  const std::string_view found = Word();
  if (found != kind) return Fail("kind", kind, found);
  const std::string_view number = Word();
  uint64_t found_version = 0;
  if (!ParseNumber(number, &found_version)) return Fail("version", "a number", number);
  if (found_version != version) {
    status_ = InvalidArgument(fmt::format(
        "{} has format version {}, this program knows {}: run the program version that wrote it", what_,
        found_version, version));
  }
}

std::string_view WordReader::Value(std::string_view name) {
  if (!status_.ok()) return {};
  const std::string_view word = Word();
  const size_t equals = word.find('=');
  if (word.substr(0, equals) != name || equals == std::string_view::npos) {
    Fail(name, fmt::format("{}=...", name), word);
    return {};
  }
  return word.substr(equals + 1);
}

Id128 WordReader::Id(std::string_view name) {
  const std::string_view value = Value(name);
  Id128 id;
  if (status_.ok() && !Id128::Parse(value, &id)) Fail(name, "32 hexadecimal digits", value);
  return id;
}

uint64_t WordReader::Number(std::string_view name) {
  const std::string_view value = Value(name);
  uint64_t number = 0;
  if (status_.ok() && !ParseNumber(value, &number)) Fail(name, "a number", value);
  return number;
}

int64_t WordReader::Signed(std::string_view name) {
  const std::string_view value = Value(name);
  int64_t number = 0;
  if (status_.ok() && !ParseNumber(value, &number)) Fail(name, "a number", value);
  return number;
}

std::string WordReader::Hex(std::string_view name, size_t digits) {
  const std::string_view value = Value(name);
  if (status_.ok() && !IsHex(value, digits)) Fail(name, fmt::format("{} hexadecimal digits", digits), value);
  return std::string(value);
}

Status WordReader::Finish() {
  if (status_.ok() && !rest_.empty()) Fail("the end", "nothing more", rest_);
  return status_;
}

void WordReader::Fail(std::string_view name, std::string_view expected, std::string_view found) {
  if (!status_.ok()) return;
  status_ = Corruption(
      fmt::format("{} is damaged at '{}': expected {}, found '{}'", what_, name, expected, Excerpt(found)));
}

}  // namespace weir::internal
