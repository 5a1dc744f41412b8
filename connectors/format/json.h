// Rows as JSON objects, one a record. Any plain struct works; nested structs are nested objects.
//
// Accepted: fields in any order; numbers only where the struct has a number that holds them exactly (float and double:
// the nearest; Decimal: also as a text); EventTime as epoch milliseconds or as a text of timestamp.h; null like a missing field.
// Refused as UserError, with the field's path and a piece of the text: what is not one JSON object in UTF-8, a field
// that is there twice, a value of another type or out of range, an integer with a fraction or exponent.
// Values of unknown fields are skipped: they are read no closer than that takes, and however deep they nest. So is, in a nested
// object, all behind its last wanted field: a wanted field that comes there a second time is not found.
//
//   auto decoder = NewJsonDecoder(RowTypeOf<Bid>(), {.names = NameStyle::kCamelCase});
//   Bid bid{};
//   Status status = decoder->Decode(R"({"auction":7,"dateTime":1436918400000})", &bid, arena);
#pragma once

#include <memory>

#include "connectors/format/field_policy.h"
#include "runtime/io/codec.h"

namespace weir {

enum class NameStyle : uint8_t {
  kAsWritten,   ///< date_time is "date_time".
  kCamelCase,   ///< date_time is "dateTime".
};

enum class UnknownFields : uint8_t { kIgnore, kRefuse };

struct JsonOptions {
  NameStyle names = NameStyle::kAsWritten;
  UnknownFields unknown = UnknownFields::kIgnore;
  MissingFields missing = MissingFields::kDefault;
  TimeStyle times = TimeStyle::kEpochMillis;
  DecimalStyle decimals = DecimalStyle::kNumber;
  SkippedFields skipped = {};
};

/// InvalidArgument where the options do not fit the row (a skipped field that is none, two fields of one JSON name).
Status CheckJson(const RowType& row, const JsonOptions& options);

/// REQUIRES of both: CheckJson is OK; `row` outlives the result (those of RowTypeOf live forever).
std::unique_ptr<RowDecoder> NewJsonDecoder(const RowType& row, JsonOptions options = {});
/// Fields in declaration order, no spaces; floats as the shortest text that reads back the same. UserError, with
/// `out` as it was, for NaN and infinity, for text that is not UTF-8, for a year out of TimeStyle::kIso8601's range.
std::unique_ptr<RowEncoder> NewJsonEncoder(const RowType& row, JsonOptions options = {});

}  // namespace weir
