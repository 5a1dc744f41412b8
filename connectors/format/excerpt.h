// A piece of input that is safe to show: in messages, logs and ledgers.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// The first bytes of `text`, with all that is not printable ASCII as \xNN, and "..." if there are more.
std::string Excerpt(std::string_view text, size_t bytes_max = 60);

}  // namespace weir
