// Rows of one text field: the record's bytes are the text, whatever they are.
#pragma once

#include <memory>

#include "connectors/format/field_policy.h"
#include "runtime/io/codec.h"

namespace weir {

/// InvalidArgument unless `row` has exactly one field that is not skipped, and that one is a text.
Status CheckLine(const RowType& row, const SkippedFields& skipped = {});

/// REQUIRES of both: CheckLine is OK. Neither ever fails; the encoder leaves skipped fields out too.
std::unique_ptr<RowDecoder> NewLineDecoder(const RowType& row, const SkippedFields& skipped = {});
std::unique_ptr<RowEncoder> NewLineEncoder(const RowType& row, const SkippedFields& skipped = {});

}  // namespace weir
