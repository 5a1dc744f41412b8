// Records in CSV.
#include "connectors/format/csv.h"
#include "tests/fuzz/fuzz_row.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

bool Reads(const CsvOptions& options, std::string_view bytes) {
  const auto decoder = NewCsvDecoder(RowTypeOf<Trade>(), options);
  const auto encoder = NewCsvEncoder(RowTypeOf<Trade>(), options);
  return ReadsRow(*decoder, *encoder, bytes);
}

}  // namespace

bool FuzzCsv(std::string_view bytes) {
  const bool accepted = Reads({}, bytes);
  Reads({.delimiter = '\t', .times = TimeStyle::kIso8601}, bytes);
  return accepted;
}

}  // namespace weir::fuzz
