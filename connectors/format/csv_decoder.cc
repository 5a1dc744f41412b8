#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <type_traits>

#include "connectors/format/csv_row.h"
#include "connectors/format/excerpt.h"
#include "connectors/format/timestamp.h"

namespace weir::internal {
namespace {

/// All of `text` and nothing else. Out of range is false too.
template <class Number>
bool ReadNumber(std::string_view text, char* field) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stopped != end) return false;
  *reinterpret_cast<Number*>(field) = number;
  return true;
}

bool ReadBool(std::string_view text, char* field) {
  const bool yes = text == "true" || text == "1";
  if (!yes && text != "false" && text != "0") return false;
  *reinterpret_cast<bool*>(field) = yes;
  return true;
}

bool ReadTime(std::string_view text, char* field) {
  auto& time = *reinterpret_cast<EventTime*>(field);
  return ReadNumber<int64_t>(text, reinterpret_cast<char*>(&time.millis)) || ParseTimestamp(text, &time);
}

bool ReadScalar(FieldKind kind, std::string_view text, char* field, Arena& arena) {
  switch (kind) {
    case FieldKind::kBool: return ReadBool(text, field);
    case FieldKind::kInt8: return ReadNumber<int8_t>(text, field);
    case FieldKind::kInt16: return ReadNumber<int16_t>(text, field);
    case FieldKind::kInt32: return ReadNumber<int32_t>(text, field);
    case FieldKind::kInt64: return ReadNumber<int64_t>(text, field);
    case FieldKind::kUint8: return ReadNumber<uint8_t>(text, field);
    case FieldKind::kUint16: return ReadNumber<uint16_t>(text, field);
    case FieldKind::kUint32: return ReadNumber<uint32_t>(text, field);
    case FieldKind::kUint64: return ReadNumber<uint64_t>(text, field);
    case FieldKind::kFloat: return ReadNumber<float>(text, field);
    case FieldKind::kDouble: return ReadNumber<double>(text, field);
    case FieldKind::kEventTime: return ReadTime(text, field);
    case FieldKind::kString: reinterpret_cast<std::string*>(field)->assign(text); return true;
    case FieldKind::kStringView: *reinterpret_cast<std::string_view*>(field) = arena.Copy(text); return true;
    case FieldKind::kDecimal:   // In ReadCell, which knows the scale.
    case FieldKind::kStruct: break;
  }
  return false;
}

bool IsText(FieldKind kind) { return kind == FieldKind::kString || kind == FieldKind::kStringView; }

std::string_view WithoutLineEnd(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

CsvDecoder::CsvDecoder(const RowType& row, CsvOptions options)
    : row_(row), options_(std::move(options)), columns_(LeavesOf(row, options_.skipped)) {}

Status CsvDecoder::Decode(std::string_view bytes, void* row, Arena& arena) {
  std::string_view rest = WithoutLineEnd(bytes);
  if (!simdjson::validate_utf8(rest.data(), rest.size())) {
    return UserError(fmt::format("CSV of {}: not UTF-8: {}", row_.name, Excerpt(rest)));
  }
  for (size_t column = 0; column < columns_.size(); ++column) {
    if (column > 0) {
      if (rest.empty()) return Refuse(column, "the line ends before it: " + Excerpt(bytes));
      rest.remove_prefix(1);   // The delimiter, TakeCell stopped at it.
    }
    Cell cell;
    const Leaf& leaf = columns_[column];
    if (!TakeCell(rest, cell) || !ReadCell(cell, leaf, static_cast<char*>(row) + leaf.offset, arena)) {
      return Refuse(column, failure_);
    }
  }
  if (rest.empty()) return Status::Ok();
  return UserError(fmt::format("CSV of {}: {} columns expected, there are more: {}", row_.name, columns_.size(),
                               Excerpt(bytes)));
}

bool CsvDecoder::TakeCell(std::string_view& rest, Cell& cell) {
  if (rest.starts_with('"')) return TakeQuotedCell(rest, cell);
  cell.text = rest.substr(0, rest.find(options_.delimiter));
  rest.remove_prefix(cell.text.size());
  if (cell.text.find_first_of("\"\r\n") == std::string_view::npos) return true;
  failure_ = "a quote or line end in a cell without quotes: " + Excerpt(cell.text);
  return false;
}

bool CsvDecoder::TakeQuotedCell(std::string_view& rest, Cell& cell) {
  cell.quoted = true;
  unquoted_.clear();
  const std::string_view whole = rest;
  rest.remove_prefix(1);
  for (;;) {
    const size_t quote = rest.find('"');
    if (quote == std::string_view::npos) break;
    unquoted_.append(rest.substr(0, quote));
    rest.remove_prefix(quote + 1);
    if (rest.starts_with('"')) {
      unquoted_.push_back('"');
      rest.remove_prefix(1);
      continue;
    }
    cell.text = unquoted_;
    if (rest.empty() || rest.front() == options_.delimiter) return true;
    break;
  }
  failure_ = "a quoted cell must end with a quote before the delimiter: " + Excerpt(whole);
  return false;
}

bool CsvDecoder::ReadCell(const Cell& cell, const Leaf& leaf, char* field, Arena& arena) {
  const bool missing = cell.text.empty() && !cell.quoted && !IsText(leaf.kind);
  if (missing && options_.missing == MissingFields::kDefault) return true;
  if (!missing && leaf.kind == FieldKind::kDecimal) {
    const DecimalText read = ReadDecimal(cell.text, leaf.scale, *reinterpret_cast<Int128*>(field));
    if (read == DecimalText::kOk) return true;
    if (read != DecimalText::kNoNumber) {
      failure_ = Excerpt(cell.text) + " " + DescribeDecimalText(read, leaf.scale);
      return false;
    }
  }
  if (!missing && ReadScalar(leaf.kind, cell.text, field, arena)) return true;
  failure_ = fmt::format("expected {}, got {}", KindName(leaf.kind), missing ? "nothing" : Excerpt(cell.text));
  return false;
}

Status CsvDecoder::Refuse(size_t column, std::string_view reason) const {
  return UserError(fmt::format("CSV of {}: column {}, field {}: {}", row_.name, column + 1, columns_[column].path,
                               reason));
}

}  // namespace weir::internal
