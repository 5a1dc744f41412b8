#include "connectors/format/json_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/format/leaves.h"

namespace weir {
namespace internal {

std::string JsonName(std::string_view field_name, NameStyle style) {
  if (style == NameStyle::kAsWritten) return std::string(field_name);
  std::string name;
  for (size_t i = 0; i < field_name.size(); ++i) {
    const bool inside = !name.empty() && i + 1 < field_name.size();
    if (field_name[i] != '_' || !inside) {
      name.push_back(field_name[i]);
    } else if (const char next = field_name[i + 1]; next != '_') {
      name.push_back(next >= 'a' && next <= 'z' ? static_cast<char>(next - 'a' + 'A') : next);
      ++i;
    }
  }
  return name;
}

namespace {

Status CheckNames(const RowType& row, NameStyle style, const SkippedFields& skipped) {
  std::vector<std::pair<std::string, std::string_view>> names;
  for (const Field& field : row.fields) {
    if (!IsSkipped(field, skipped)) names.emplace_back(JsonName(field.name, style), field.name);
    if (field.kind == FieldKind::kStruct) WEIR_RETURN_IF_ERROR(CheckNames(*field.row, style, {}));
  }
  std::sort(names.begin(), names.end());
  for (size_t i = 1; i < names.size(); ++i) {
    if (names[i].first != names[i - 1].first) continue;
    return InvalidArgument(fmt::format("fields {} and {} of {} would both be \"{}\" in JSON: rename one of them",
                                       names[i - 1].second, names[i].second, row.name, names[i].first));
  }
  return Status::Ok();
}

}  // namespace
}  // namespace internal

Status CheckJson(const RowType& row, const JsonOptions& options) {
  WEIR_RETURN_IF_ERROR(CheckSkippedFields(row, options.skipped));
  return internal::CheckNames(row, options.names, options.skipped);
}

}  // namespace weir
