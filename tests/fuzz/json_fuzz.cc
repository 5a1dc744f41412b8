// Records in JSON.
#include "connectors/format/json.h"
#include "tests/fuzz/fuzz_row.h"
#include "tests/fuzz/fuzz_target.h"

namespace weir::fuzz {
namespace {

bool Reads(const JsonOptions& options, std::string_view bytes) {
  const auto decoder = NewJsonDecoder(RowTypeOf<Trade>(), options);
  const auto encoder = NewJsonEncoder(RowTypeOf<Trade>(), options);
  const bool accepted = ReadsRow(*decoder, *encoder, bytes);
  // A decoder keeps buffers: what it read before must not matter.
  WEIR_CHECK(ReadsRow(*decoder, *encoder, bytes) == accepted, "the second time was another");
  return accepted;
}

}  // namespace

bool FuzzJson(std::string_view bytes) {
  const bool accepted = Reads({.names = NameStyle::kCamelCase}, bytes);
  const bool strictly = Reads({.names = NameStyle::kCamelCase,
                               .unknown = UnknownFields::kRefuse,
                               .missing = MissingFields::kRefuse,
                               .times = TimeStyle::kIso8601}, bytes);
  WEIR_CHECK(accepted || !strictly, "stricter rules accept more");
  return accepted;
}

}  // namespace weir::fuzz
