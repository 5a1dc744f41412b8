// What the ledger of late rows holds of one: where it came too late, by how much, and the row.
#pragma once

#include <cstdint>
#include <string>

namespace weir {

struct LateRecord {
  std::string operator_id;   ///< The window, join or timer whose time was over.
  int64_t event_time = 0;    ///< Of the row, milliseconds since 1970.
  int64_t watermark = 0;     ///< That had passed it: of its split, when it was read.
  std::string row;           ///< As JSON, fields as they are called in the program; or why it has no form there, and its text.
};

}  // namespace weir
