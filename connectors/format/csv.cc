#include "connectors/format/csv.h"

#include <fmt/format.h>

#include "connectors/format/csv_row.h"

namespace weir {

Status CheckCsv(const RowType& row, const CsvOptions& options) {
  WEIR_RETURN_IF_ERROR(CheckSkippedFields(row, options.skipped));
  const char delimiter = options.delimiter;
  if (delimiter != '"' && delimiter != '\n' && delimiter != '\r' && static_cast<unsigned char>(delimiter) < 0x80) {
    return Status::Ok();
  }
  return InvalidArgument(fmt::format("the CSV delimiter must be an ASCII character other than a quote or a line end, "
                                     "not byte 0x{:02x}", static_cast<unsigned char>(delimiter)));
}

std::unique_ptr<RowDecoder> NewCsvDecoder(const RowType& row, CsvOptions options) {
  const Status status = CheckCsv(row, options);
  WEIR_CHECK(status.ok(), status.message());
  return std::make_unique<internal::CsvDecoder>(row, std::move(options));
}

std::unique_ptr<RowEncoder> NewCsvEncoder(const RowType& row, CsvOptions options) {
  const Status status = CheckCsv(row, options);
  WEIR_CHECK(status.ok(), status.message());
  return std::make_unique<internal::CsvEncoder>(row, std::move(options));
}

std::string CsvHeader(const RowType& row, const CsvOptions& options) {
  std::string header;
  for (const internal::Leaf& leaf : internal::LeavesOf(row, {})) {
    if (!header.empty()) header += options.delimiter;
    internal::AppendCsvText(leaf.path, options.delimiter, header);
  }
  return header;
}

}  // namespace weir
