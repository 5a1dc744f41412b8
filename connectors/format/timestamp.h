// Points in time as text.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/ids.h"

namespace weir {

/// Reads ISO 8601 ("2015-07-15T00:00:00.5+02:00", also without seconds or fraction, with Z or an offset) and SQL
/// ("2015-07-15 00:00:00[.fff]"), also a bare date. Without Z or offset it is UTC. Digits beyond milliseconds
/// are cut off. False, with `out` unchanged, for anything else, such as the 30th of February.
bool ParseTimestamp(std::string_view text, EventTime* out);

/// Appends "2015-07-15T00:00:00.000Z". False, with `out` unchanged, outside the years 0000 to 9999.
bool AppendTimestamp(EventTime time, std::string& out);

}  // namespace weir
