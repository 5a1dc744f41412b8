#include "benchmarks/nexmark/oracle/query.h"

#include <array>
#include <utility>

namespace oracle {
namespace {

constexpr std::array<std::pair<std::string_view, Query>, 8> kNames = {{{"q0", Query::kQ0},
                                                                       {"q1", Query::kQ1},
                                                                       {"q2", Query::kQ2},
                                                                       {"q5", Query::kQ5},
                                                                       {"q7", Query::kQ7},
                                                                       {"q8", Query::kQ8},
                                                                       {"q11", Query::kQ11},
                                                                       {"q12", Query::kQ12}}};

constexpr bool kIdentifies = true;
constexpr bool kValue = false;

std::vector<Column> BidColumns(ValueKind price) {
  return {{"auction", ValueKind::kInteger, kIdentifies},
          {"bidder", ValueKind::kInteger, kIdentifies},
          {"price", price, kValue},
          {"dateTime", ValueKind::kTime, kIdentifies},
          {"extra", ValueKind::kText, kValue}};
}

std::vector<Column> WindowColumns(std::string_view key, std::string_view value, ValueKind kind) {
  return {{key, ValueKind::kInteger, kIdentifies},
          {value, kind, kValue},
          {"windowStart", ValueKind::kTime, kIdentifies},
          {"windowEnd", ValueKind::kTime, kValue}};
}

}  // namespace

std::optional<Query> QueryNamed(std::string_view name) {
  for (const auto& [known, query] : kNames) {
    if (known == name) return query;
  }
  return std::nullopt;
}

const std::vector<Column>& ColumnsOf(Query query) {
  static const std::vector<Column> bid = BidColumns(ValueKind::kInteger);
  static const std::vector<Column> converted = BidColumns(ValueKind::kThousandths);
  static const std::vector<Column> q2 = {{"auction", ValueKind::kInteger, kIdentifies},
                                         {"price", ValueKind::kInteger, kValue}};
  static const std::vector<Column> q5 = WindowColumns("auction", "num", ValueKind::kInteger);
  static const std::vector<Column> q8 = WindowColumns("id", "name", ValueKind::kText);
  static const std::vector<Column> counts = WindowColumns("bidder", "bidCount", ValueKind::kInteger);
  switch (query) {
    case Query::kQ0:
    case Query::kQ7: return bid;
    case Query::kQ1: return converted;
    case Query::kQ2: return q2;
    case Query::kQ5: return q5;
    case Query::kQ8: return q8;
    case Query::kQ11:
    case Query::kQ12: return counts;
  }
  return bid;
}

}  // namespace oracle
