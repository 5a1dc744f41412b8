#include "benchmarks/nexmark/oracle/row.h"

#include <fmt/format.h>

namespace oracle {
namespace {

template <class Number>
Number Take(std::string_view& bytes) {
  Number number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  bytes.remove_prefix(sizeof number);
  return number;
}

}  // namespace

std::string Row::Describe() const {
  std::string text = "{";
  std::string_view rest = bytes_;
  for (const Column& column : columns_) {
    if (rest.empty()) break;
    text += fmt::format("{}\"{}\":", text.size() > 1 ? "," : "", column.name);
    if (column.kind == ValueKind::kText) {
      const auto size = Take<uint64_t>(rest);
      text += fmt::format("\"{}\"", rest.substr(0, size));
      rest.remove_prefix(size);
    } else if (column.kind == ValueKind::kThousandths) {
      const auto number = Take<int64_t>(rest);
      text += fmt::format("{}{}.{:03}", number < 0 ? "-" : "", std::abs(number / 1000), std::abs(number % 1000));
    } else {
      text += fmt::format("{}", Take<int64_t>(rest));
    }
  }
  return text + "}";
}

}  // namespace oracle
