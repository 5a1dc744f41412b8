#include "connectors/format/row_format.h"

#include "connectors/format/csv.h"
#include "connectors/format/line.h"

namespace weir {
namespace {

JsonOptions ForJson(const RowFormat& format) {
  JsonOptions options;
  options.names = format.names;
  options.skipped = format.skipped;
  return options;
}

CsvOptions ForCsv(const RowFormat& format) {
  CsvOptions options;
  options.skipped = format.skipped;
  return options;
}

}  // namespace

Status CheckFormat(const RowType& row, const RowFormat& format) {
  switch (format.format) {
    case Format::kJson: return CheckJson(row, ForJson(format));
    case Format::kCsv: return CheckCsv(row, ForCsv(format));
    case Format::kLine: return CheckLine(row, format.skipped);
  }
  return Internal("unknown format");
}

std::string FormatProblem(const RowType& row, const RowFormat& format) { return CheckFormat(row, format).message(); }

std::unique_ptr<RowDecoder> NewDecoder(const RowType& row, const RowFormat& format) {
  switch (format.format) {
    case Format::kJson: return NewJsonDecoder(row, ForJson(format));
    case Format::kCsv: return NewCsvDecoder(row, ForCsv(format));
    case Format::kLine: return NewLineDecoder(row, format.skipped);
  }
  return nullptr;
}

std::unique_ptr<RowEncoder> NewEncoder(const RowType& row, const RowFormat& format) {
  switch (format.format) {
    case Format::kJson: return NewJsonEncoder(row, ForJson(format));
    case Format::kCsv: return NewCsvEncoder(row, ForCsv(format));
    case Format::kLine: return NewLineEncoder(row, format.skipped);
  }
  return nullptr;
}

std::function<std::unique_ptr<RowDecoder>()> DecoderFactory(const RowType& row, const RowFormat& format) {
  return [&row, format] { return NewDecoder(row, format); };
}

std::function<std::unique_ptr<RowEncoder>()> EncoderFactory(const RowType& row, const RowFormat& format) {
  return [&row, format] { return NewEncoder(row, format); };
}

std::string_view FieldNameAt(const RowType& row, size_t offset) {
  for (const Field& field : row.fields) {
    if (field.offset == offset) return field.name;
  }
  return {};
}

RowFormat MakeRowFormat(Format format, NameStyle names, std::initializer_list<std::string_view> skipped) {
  RowFormat made{format, names, {}};
  for (const std::string_view name : skipped) {
    if (!name.empty()) made.skipped.emplace_back(name);
  }
  return made;
}

std::string HeaderOf(const RowType& row, const RowFormat& format) { return CsvHeader(row, ForCsv(format)); }

}  // namespace weir
