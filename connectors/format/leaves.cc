#include "connectors/format/leaves.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace weir {
namespace internal {
namespace {

void AppendLeaves(const RowType& row, const std::string& prefix, size_t offset, const SkippedFields& skipped,
                  std::vector<Leaf>& leaves) {
  for (const Field& field : row.fields) {
    if (IsSkipped(field, skipped)) continue;
    const std::string path = prefix + std::string(field.name);
    if (field.kind == FieldKind::kStruct) {
      AppendLeaves(*field.row, path + ".", offset + field.offset, {}, leaves);
    } else {
      leaves.push_back({path, field.kind, offset + field.offset, field.scale});
    }
  }
}

}  // namespace

std::vector<Leaf> LeavesOf(const RowType& row, const SkippedFields& skipped) {
  std::vector<Leaf> leaves;
  AppendLeaves(row, "", 0, skipped, leaves);
  return leaves;
}

bool IsSkipped(const Field& field, const SkippedFields& skipped) {
  return std::find(skipped.begin(), skipped.end(), field.name) != skipped.end();
}

}  // namespace internal

Status CheckSkippedFields(const RowType& row, const SkippedFields& skipped) {
  std::vector<std::string_view> names;
  for (const Field& field : row.fields) names.push_back(field.name);
  for (const std::string& name : skipped) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return InvalidArgument(fmt::format("{} has no field \"{}\" to skip; it has: {}", row.name, name,
                                       fmt::join(names, ", ")));
  }
  if (internal::LeavesOf(row, skipped).empty()) {
    return InvalidArgument(fmt::format("all fields of {} are skipped: nothing is left to read", row.name));
  }
  return Status::Ok();
}

}  // namespace weir
