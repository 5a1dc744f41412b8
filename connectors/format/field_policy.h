// Choices that all formats share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/status.h"
#include "runtime/reflect/row_type.h"

namespace weir {

/// What a decoder does about fields of the struct that the bytes lack or give as null.
enum class MissingFields : uint8_t {
  kDefault,   ///< The field keeps the default of the struct.
  kRefuse,    ///< UserError.
};

/// How an encoder writes an EventTime. Decoders read all forms.
enum class TimeStyle : uint8_t {
  kEpochMillis,   ///< 1436918400000
  kIso8601,       ///< "2015-07-15T00:00:00.000Z"
};

/// How an encoder writes a Decimal: with all its places either way. Decoders read both forms, and refuse what they would
/// have to round.
enum class DecimalStyle : uint8_t {
  kNumber,   ///< 12.300; Java's BigDecimal, Flink, Kafka Streams and databases read every digit of it.
  kText,     ///< "12.300", for readers whose numbers are doubles (JavaScript, Python's json): those keep 15 digits.
};

/// Fields of the outermost struct, as written in it, that decoders leave alone: whoever calls them fills these in
/// (offset, partition, ...). Encoders write them like any other.
using SkippedFields = std::vector<std::string>;

/// InvalidArgument, naming the fields there are, unless each of `skipped` is a field of `row` and one is left over.
Status CheckSkippedFields(const RowType& row, const SkippedFields& skipped);

}  // namespace weir
