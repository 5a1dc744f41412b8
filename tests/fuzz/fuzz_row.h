// A row with a field of every kind that formats know.
#pragma once

#include <memory>
#include <string>

#include "runtime/base/status.h"
#include "runtime/io/codec.h"
#include "runtime/reflect/row_type.h"

namespace weir::fuzz {

enum class Side : int16_t { kBuy = -1, kSell = 1 };
struct Price {
  int32_t amount = 0;
  std::string currency;
  uint8_t digits = 0;
  friend bool operator==(const Price&, const Price&) = default;
};
struct Trade {
  int64_t trade_id = 0;
  uint64_t hash = 0;
  double weight = 0;
  float share = 0;
  bool open = false;
  Side side = Side::kBuy;
  std::string note;
  Price price;
  std::string_view symbol;
  EventTime date_time;
  friend bool operator==(const Trade&, const Trade&) = default;
};

/// Whether `bytes` are a row; then they are written and read again without a change, unless `encoder` has no form for it.
inline bool ReadsRow(RowDecoder& decoder, RowEncoder& encoder, std::string_view bytes) {
  // Exactly as many bytes as there are, so that a sanitizer sees a byte too many.
  const auto exact = std::make_unique<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  Arena arena;
  Trade row{};
  const Status status = decoder.Decode({exact.get(), bytes.size()}, &row, arena);
  if (!status.ok()) {
    WEIR_CHECK(status.code() == Code::kUserError && !status.message().empty(), status.ToString());
    return false;
  }
  std::string written;
  if (!encoder.Encode(&row, written).ok()) return false;
  Trade again{};
  const Status reread = decoder.Decode(written, &again, arena);
  WEIR_CHECK(reread.ok(), reread.ToString() + ": " + written);
  std::string rewritten;
  WEIR_CHECK(encoder.Encode(&again, rewritten).ok() && rewritten == written, "it was read as something else: " + written);
  return true;
}

}  // namespace weir::fuzz
