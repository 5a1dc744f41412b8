// The choice of a format, as connectors offer it to users.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/format/json.h"
#include "runtime/reflect/row_type.h"

namespace weir {

enum class Format : uint8_t {
  kJson,   ///< One object a record.
  kCsv,    ///< RFC 4180, columns in the order of the struct's fields.
  kLine,   ///< The record is the struct's only field, a string.
};

/// The names as users write them: `.names = weir::CamelCase`.
inline constexpr NameStyle AsWritten = NameStyle::kAsWritten;
inline constexpr NameStyle CamelCase = NameStyle::kCamelCase;
inline constexpr Format Json = Format::kJson;
inline constexpr Format Csv = Format::kCsv;
inline constexpr Format Line = Format::kLine;

struct RowFormat {
  Format format = Format::kJson;
  NameStyle names = NameStyle::kAsWritten;
  std::vector<std::string> skipped;   ///< Fields that are not in the record's bytes.
};

/// InvalidArgument unless rows of this type can be read and written so.
Status CheckFormat(const RowType& row, const RowFormat& format);
/// The message of CheckFormat, for connectors: empty if OK.
std::string FormatProblem(const RowType& row, const RowFormat& format);
/// REQUIRES: CheckFormat is OK.
std::unique_ptr<RowDecoder> NewDecoder(const RowType& row, const RowFormat& format);
std::unique_ptr<RowEncoder> NewEncoder(const RowType& row, const RowFormat& format);
/// Call NewDecoder and NewEncoder, with a copy of `format`. `row` outlives them (those of RowTypeOf live forever).
std::function<std::unique_ptr<RowDecoder>()> DecoderFactory(const RowType& row, const RowFormat& format);
std::function<std::unique_ptr<RowEncoder>()> EncoderFactory(const RowType& row, const RowFormat& format);
/// The first line of a CSV file.
std::string HeaderOf(const RowType& row, const RowFormat& format);

/// The name of the field that lies so many bytes into the row; empty if none begins there.
std::string_view FieldNameAt(const RowType& row, size_t offset);

/// The name of the field that a pointer to member names; empty for a null pointer.
template <class T, class Field>
std::string_view FieldName(Field T::*member) {
  if (member == nullptr) return {};
  const T probe{};
  return FieldNameAt(RowTypeOf<T>(), static_cast<size_t>(reinterpret_cast<const char*>(&(probe.*member)) -
                                                         reinterpret_cast<const char*>(&probe)));
}

/// `skipped`: names of fields; empty ones do not count.
RowFormat MakeRowFormat(Format format, NameStyle names, std::initializer_list<std::string_view> skipped);

}  // namespace weir
