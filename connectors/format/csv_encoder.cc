#include <fmt/format.h>
#include <simdjson.h>

#include "connectors/format/csv_row.h"
#include "connectors/format/excerpt.h"
#include "connectors/format/scalar_text.h"
#include "connectors/format/timestamp.h"

namespace weir::internal {
namespace {

std::string_view TextAt(FieldKind kind, const char* field) {
  if (kind == FieldKind::kString) return *reinterpret_cast<const std::string*>(field);
  return *reinterpret_cast<const std::string_view*>(field);
}

}  // namespace

void AppendCsvText(std::string_view text, char delimiter, std::string& out) {
  const char special[] = {delimiter, '"', '\r', '\n'};
  if (text.find_first_of(std::string_view(special, sizeof(special))) == std::string_view::npos) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

CsvEncoder::CsvEncoder(const RowType& row, CsvOptions options)
    : row_(row), options_(std::move(options)), columns_(LeavesOf(row, {})) {}

Status CsvEncoder::Encode(const void* row, std::string& out) {
  const size_t begin = out.size();
  for (const Leaf& leaf : columns_) {
    const char* field = static_cast<const char*>(row) + leaf.offset;
    if (&leaf != columns_.data()) out.push_back(options_.delimiter);
    if (AppendCell(leaf, field, out)) continue;
    out.resize(begin);
    const std::string reason =
        leaf.kind == FieldKind::kEventTime
            ? fmt::format("{} ms is outside the years 0000 to 9999 of ISO 8601",
                          reinterpret_cast<const EventTime*>(field)->millis)
            : "not UTF-8: " + Excerpt(TextAt(leaf.kind, field));
    return UserError(fmt::format("CSV of {}: field {}: {}", row_.name, leaf.path, reason));
  }
  return Status::Ok();
}

bool CsvEncoder::AppendCell(const Leaf& leaf, const char* field, std::string& out) const {
  if (leaf.kind == FieldKind::kString || leaf.kind == FieldKind::kStringView) {
    return AppendText(TextAt(leaf.kind, field), out);
  }
  if (leaf.kind == FieldKind::kDecimal) {
    AppendDecimal(*reinterpret_cast<const Int128*>(field), leaf.scale, out);
    return true;
  }
  const bool time = leaf.kind == FieldKind::kEventTime;
  if (time && options_.times == TimeStyle::kIso8601) {
    return AppendTimestamp(*reinterpret_cast<const EventTime*>(field), out);
  }
  AppendScalar(time ? FieldKind::kInt64 : leaf.kind, field, out);
  return true;
}

bool CsvEncoder::AppendText(std::string_view text, std::string& out) const {
  if (!simdjson::validate_utf8(text.data(), text.size())) return false;
  AppendCsvText(text, options_.delimiter, out);
  return true;
}

}  // namespace weir::internal
