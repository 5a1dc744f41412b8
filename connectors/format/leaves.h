// Internal: a row with its nested structs unfolded, for formats that write values one after the other.
#pragma once

#include <string>
#include <vector>

#include "connectors/format/field_policy.h"

namespace weir::internal {

struct Leaf {
  std::string path;   ///< "price", or "bid.price" of a nested struct.
  FieldKind kind;
  size_t offset;      ///< From the start of the outermost struct.
  int scale = 0;      ///< Of a decimal.
};

/// In declaration order, without `skipped` and what is in them.
std::vector<Leaf> LeavesOf(const RowType& row, const SkippedFields& skipped);

bool IsSkipped(const Field& field, const SkippedFields& skipped);

}  // namespace weir::internal
