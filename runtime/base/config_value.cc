#include "runtime/base/config_value.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace weir {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Status Unreadable(std::string_view text, std::string_view expected) {
  return InvalidArgument(fmt::format("\"{}\" is not {}", text, expected));
}

template <class T>
std::optional<T> ParseWhole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view name;
  uint64_t factor;
};

// Largest first within each first spelling: ToText takes the first that divides.
constexpr uint64_t kSecond = 1'000'000'000;
constexpr std::array kDurationUnits = {
    Unit{"d", 86400 * kSecond}, Unit{"h", 3600 * kSecond}, Unit{"min", 60 * kSecond}, Unit{"s", kSecond},
    Unit{"ms", 1'000'000},      Unit{"us", 1'000},         Unit{"ns", 1},             Unit{"m", 60 * kSecond},
    Unit{"sec", kSecond},       Unit{"hour", 3600 * kSecond}, Unit{"day", 86400 * kSecond}};
constexpr std::array kSizeUnits = {
    Unit{"tb", uint64_t{1} << 40}, Unit{"gb", uint64_t{1} << 30}, Unit{"mb", uint64_t{1} << 20},
    Unit{"kb", uint64_t{1} << 10}, Unit{"b", 1},
    Unit{"", 1},                   Unit{"k", uint64_t{1} << 10},  Unit{"kib", uint64_t{1} << 10},
    Unit{"m", uint64_t{1} << 20},  Unit{"mib", uint64_t{1} << 20}, Unit{"g", uint64_t{1} << 30},
    Unit{"gib", uint64_t{1} << 30}, Unit{"t", uint64_t{1} << 40}, Unit{"tib", uint64_t{1} << 40}};
constexpr size_t kDurationUnitsWritten = 7;
constexpr size_t kSizeUnitsWritten = 5;

template <size_t N>
Result<uint64_t> ParseWithUnit(std::string_view text, const std::array<Unit, N>& units, uint64_t value_max,
                               std::string_view expected) {
  const std::string_view trimmed = Trim(text);
  const size_t digits = std::min(trimmed.find_first_not_of("0123456789"), trimmed.size());
  const std::optional<uint64_t> number = ParseWhole<uint64_t>(trimmed.substr(0, digits));
  if (!number.has_value()) return Unreadable(text, expected);
  const std::string unit = LowerCase(Trim(trimmed.substr(digits)));
  if (*number == 0 && unit.empty()) return uint64_t{0};
  for (const Unit& known : units) {
    if (unit != known.name) continue;
    if (*number > value_max / known.factor) {
      return InvalidArgument(fmt::format("\"{}\" is too large, at most {}{}", text, value_max / known.factor, unit));
    }
    return *number * known.factor;
  }
  return Unreadable(text, expected);
}

template <size_t N>
std::string WithUnit(uint64_t value, const std::array<Unit, N>& units, size_t units_written, std::string_view zero) {
  if (value == 0) return std::string(zero);
  for (size_t i = 0; i < units_written; ++i) {
    if (value % units[i].factor == 0) return fmt::format("{}{}", value / units[i].factor, units[i].name);
  }
  return fmt::format("{}", value);
}

}  // namespace

Result<bool> ParseBool(std::string_view text) {
  const std::string word = LowerCase(Trim(text));
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return Unreadable(text, "true or false");
}

Result<int64_t> ParseInteger(std::string_view text) {
  const std::optional<int64_t> value = ParseWhole<int64_t>(Trim(text));
  if (!value.has_value()) return Unreadable(text, "a whole number that fits into 64 bits");
  return *value;
}

Result<double> ParseNumber(std::string_view text) {
  const std::optional<double> value = ParseWhole<double>(Trim(text));
  if (!value.has_value() || !std::isfinite(*value)) return Unreadable(text, "a number such as 0.25");
  return *value;
}

Result<Duration> ParseDuration(std::string_view text) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  WEIR_ASSIGN_OR_RETURN(const uint64_t nanos,
                        ParseWithUnit(text, kDurationUnits, kMax, "a duration such as 500ms, 10s, 2min or 1h"));
  return Duration(static_cast<int64_t>(nanos));
}

Result<ByteSize> ParseByteSize(std::string_view text) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  WEIR_ASSIGN_OR_RETURN(const uint64_t bytes,
                        ParseWithUnit(text, kSizeUnits, kMax, "a size such as 64kb, 512mb or 2gb"));
  return ByteSize{bytes};
}

std::string ToText(bool value) { return value ? "true" : "false"; }
std::string ToText(int64_t value) { return std::to_string(value); }
std::string ToText(double value) { return fmt::format("{}", value); }
std::string ToText(Duration value) {
  return WithUnit(static_cast<uint64_t>(value.count()), kDurationUnits, kDurationUnitsWritten, "0s");
}
std::string ToText(ByteSize value) { return WithUnit(value.bytes, kSizeUnits, kSizeUnitsWritten, "0b"); }

}  // namespace weir
