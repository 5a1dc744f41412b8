// The queries that the oracle knows, and what a row of each one's output is. The same table, with types, for readers:
// benchmarks/nexmark/README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace oracle {

enum class Query : uint8_t { kQ0, kQ1, kQ2, kQ5, kQ7, kQ8, kQ11, kQ12 };

std::optional<Query> QueryNamed(std::string_view name);

enum class ValueKind : uint8_t {
  kInteger,
  kText,
  kTime,          ///< Milliseconds as a number, or "2015-07-15 00:00:00.000" (also with T or Z).
  kThousandths,   ///< A number with at most three decimals, bare or as a text; exact.
};

struct Column {
  std::string_view name;
  ValueKind kind;
  bool identifies;   ///< Rows that agree in these columns alone are one row with a wrong value, not two.
};

/// In the order in which values are given to a Row.
const std::vector<Column>& ColumnsOf(Query query);

}  // namespace oracle
