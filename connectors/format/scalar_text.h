// Internal: bool and numbers as text, the same in all formats.
#pragma once

#include <string>

#include "runtime/base/status.h"
#include "runtime/reflect/row_type.h"

namespace weir::internal {

/// Appends the value of a bool ("true"), an integer, or a float or double (the shortest text that reads back the
/// same; "nan", "inf", "-inf"). REQUIRES: `field` points to a value of that kind, which is one of these.
void AppendScalar(FieldKind kind, const void* field, std::string& out);

}  // namespace weir::internal
