// Internal: which JSON name a field of a struct has.
#pragma once

#include <string>

#include "connectors/format/json.h"

namespace weir::internal {

/// kCamelCase: each underscore inside a name goes and the letter behind it becomes a capital.
std::string JsonName(std::string_view field_name, NameStyle style);

}  // namespace weir::internal
