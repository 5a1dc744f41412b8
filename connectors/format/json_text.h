// Internal: a text as a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace weir::internal {

/// Appends `text` in quotes, escaped where JSON demands it. False, with `out` in any state, if it is not UTF-8.
[[nodiscard]] bool AppendJsonText(std::string_view text, std::string& out);

}  // namespace weir::internal
