// What the ledger holds of a record that could not be processed: where it came from, why, and its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/channel/batch.h"

namespace weir {

struct PoisonRecord {
  std::string operator_id;   ///< The source, sink or function that refused it.
  std::string split;         ///< "bids/3"; empty for a row that was too large for a sink.
  int64_t offset = -1;
  std::string reason;
  std::string key_base64;
  std::string value_base64;  ///< The original bytes; they need not be text.
};

/// Compiled once, in poison_record.cc: every source and sink has batches of it.
extern template class Batch<PoisonRecord>;

/// Longer keys and values are cut, so that the ledger can take what another topic could not.
inline constexpr size_t kPoisonBytesMax = 256 * 1024;

/// The same with less of its key and value, and a reason that says so: for a ledger that does not take the whole.
/// REQUIRES: CanCutPoison(record).
PoisonRecord CutPoison(const PoisonRecord& record);
/// False where nothing is left that could be left out.
bool CanCutPoison(const PoisonRecord& record);

/// The same with all of its text in ASCII: for a reason or a name that is not UTF-8, which no ledger takes.
PoisonRecord AsciiPoison(const PoisonRecord& record);
bool IsAscii(const PoisonRecord& record);

/// Bytes that are not ASCII as \xNN.
std::string AsciiText(std::string_view text);

/// RFC 4648 with padding.
std::string Base64(std::string_view bytes);

}  // namespace weir
