// Text to value and back for what configuration holds: "10s", "64mb", "true", numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/base/status.h"

namespace weir {

/// A number of bytes.
struct ByteSize {
  uint64_t bytes = 0;
  friend constexpr auto operator<=>(ByteSize, ByteSize) = default;
};

/// Each parses the whole of `text`, spaces around it ignored. InvalidArgument says what would have been accepted.
Result<bool> ParseBool(std::string_view text);
Result<int64_t> ParseInteger(std::string_view text);
/// Finite numbers only.
Result<double> ParseNumber(std::string_view text);
/// Not negative: a whole number and its unit, ns us ms s min h d (as Flink also: m, sec, hour, day). "0" needs no unit.
Result<Duration> ParseDuration(std::string_view text);
/// A whole number and its unit, in any case: none or b; k, kb, kib, m, mb, mib, g, gb, gib, t, tb, tib, all of them
/// powers of 1024 as in Flink.
Result<ByteSize> ParseByteSize(std::string_view text);

/// What the parser above reads as the same value, in the largest unit that divides it: "90s", "64mb".
std::string ToText(bool value);
std::string ToText(int64_t value);
std::string ToText(double value);
std::string ToText(Duration value);
std::string ToText(ByteSize value);
inline std::string ToText(const std::string& value) { return value; }

}  // namespace weir
