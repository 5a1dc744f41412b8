// Rows as lines of comma-separated values (RFC 4180), one a record. Columns are the fields in declaration order, those
// of nested structs in their place. Header lines are not known here: whoever reads files skips them.
//
// Accepted: quoted and bare fields, one line end (LF or CRLF) behind the record, an empty bare field as a missing one
// (for text: the empty text). Refused as UserError, with column and field: another number of columns, text that is
// not UTF-8, a value that is not exactly one of its kind, wrong quoting.
#pragma once

#include <memory>
#include <string>

#include "connectors/format/field_policy.h"
#include "runtime/io/codec.h"

namespace weir {

struct CsvOptions {
  char delimiter = ',';
  MissingFields missing = MissingFields::kDefault;
  TimeStyle times = TimeStyle::kEpochMillis;
  SkippedFields skipped = {};
};

/// InvalidArgument where a skipped field is none, or the delimiter is a quote or a line end.
Status CheckCsv(const RowType& row, const CsvOptions& options);

/// REQUIRES of all: CheckCsv is OK.
std::unique_ptr<RowDecoder> NewCsvDecoder(const RowType& row, CsvOptions options = {});
/// Writes no line end. UserError as the JSON encoder, but that NaN and infinity have a form here ("nan", "-inf").
std::unique_ptr<RowEncoder> NewCsvEncoder(const RowType& row, CsvOptions options = {});

/// Names of the columns as the encoder writes them, "bid.price" for a nested one; no line end.
std::string CsvHeader(const RowType& row, const CsvOptions& options = {});

}  // namespace weir
