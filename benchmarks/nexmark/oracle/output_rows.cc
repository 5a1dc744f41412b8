#include "benchmarks/nexmark/oracle/output_rows.h"

#include <simdjson.h>

#include <charconv>
#include <vector>

namespace oracle {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr int64_t kWindow = 10'000;

struct Value {
  bool given = false;
  int64_t number = 0;
  std::string_view text;
};

std::string_view Token(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t')) {
    token.remove_suffix(1);
  }
  return token;
}

/// "12.5" is 12500. At most three decimals, no exponent.
bool ReadThousandths(std::string_view text, int64_t& number) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  if (decimals.size() > 3 || (point < text.size() && decimals.empty())) return false;
  std::string digits(text.substr(0, point));
  digits.append(decimals).append(3 - decimals.size(), '0');
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return point > 0 && error == std::errc{} && end == digits.data() + digits.size();
}

bool ReadValue(ValueKind kind, ondemand::value value, Value& out) {
  const bool is_text = value.type() == ondemand::json_type::string;
  switch (kind) {
    case ValueKind::kInteger: return !value.get_int64().get(out.number);
    case ValueKind::kText: return !value.get_string().get(out.text);
    case ValueKind::kTime:
      if (!is_text) return !value.get_int64().get(out.number);
      return ReadTime(value.get_string(), out.number);
    case ValueKind::kThousandths:
      if (is_text) return ReadThousandths(value.get_string(), out.number);
      return ReadThousandths(Token(value), out.number);
  }
  return false;
}

}  // namespace

struct OutputRows::Parser {
  ondemand::parser json;
  std::string buffer;
  std::vector<Value> values;

  bool Read(std::string_view bytes, const std::vector<Column>& columns) {
    buffer.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
    buffer.assign(bytes);
    values.assign(columns.size(), {});
    try {
      ondemand::document document = json.iterate(buffer.data(), buffer.size(), buffer.capacity());
      size_t given = 0;
      for (auto member : document.get_object()) {
        const std::string_view key = member.unescaped_key();
        size_t column = 0;
        while (column < columns.size() && columns[column].name != key) ++column;
        if (column == columns.size() || values[column].given) return false;
        values[column].given = true;
        if (!ReadValue(columns[column].kind, member.value(), values[column])) return false;
        ++given;
      }
      const char* rest = nullptr;
      const bool at_end = document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
      return given == columns.size() && at_end;
    } catch (const simdjson::simdjson_error&) {
      return false;
    }
  }
};

OutputRows::OutputRows(Query query) : query_(query), parser_(std::make_unique<Parser>()), row_(ColumnsOf(query)) {}
OutputRows::~OutputRows() = default;

bool OutputRows::Add(std::string_view bytes, const RowVisitor& visit) {
  const std::vector<Column>& columns = row_.columns();
  if (!parser_->Read(bytes, columns)) return false;
  if (query_ == Query::kQ12) {
    if (!IsWindow()) return false;
    SumUp();
    return true;
  }
  row_.Clear();
  for (size_t i = 0; i < columns.size(); ++i) {
    const Value& value = parser_->values[i];
    if (columns[i].kind == ValueKind::kText) row_.Text(value.text);
    else row_.Number(value.number);
  }
  visit(row_);
  return true;
}

bool OutputRows::IsWindow() const {
  const std::vector<Value>& values = parser_->values;
  return values[2].number % kWindow == 0 && values[3].number - values[2].number == kWindow;
}

void OutputRows::SumUp() { sums_[parser_->values[0].number] += parser_->values[1].number; }

void OutputRows::Finish(const RowVisitor& visit) {
  for (const auto& [bidder, bids] : sums_) {
    row_.Clear();
    row_.Number(bidder);
    row_.Number(bids);
    row_.Number(0);
    row_.Number(kWindow);
    visit(row_);
  }
}

}  // namespace oracle
