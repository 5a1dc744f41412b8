// How bytes become rows and rows bytes, without naming a format. Implementations (connectors/format) are ordinary
// code over a RowType, so a new struct costs no template code; the typed operators pass pointers to their rows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/status.h"
#include "runtime/io/arena.h"

namespace weir {

/// One thread; keeps buffers between calls.
class RowDecoder {
 public:
  virtual ~RowDecoder() = default;
  /// Fills `row`, which points to a freshly value-initialised object of the RowType's struct. Fields of kind
  /// string_view point into `arena`. UserError: undecodable, with the reason; the row must then not be used.
  virtual Status Decode(std::string_view bytes, void* row, Arena& arena) = 0;
};

/// One thread.
class RowEncoder {
 public:
  virtual ~RowEncoder() = default;
  /// Appends the encoded row to `out`. UserError where a value has no form in the format (NaN in JSON).
  virtual Status Encode(const void* row, std::string& out) = 0;
};

}  // namespace weir
