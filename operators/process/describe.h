// Keys and rows as text, for messages and the ledger.
#pragma once

#include <string>

#include "runtime/reflect/key_codec.h"
#include "runtime/reflect/row_type.h"

namespace weir::internal {

/// Of a string as much is shown, cut between characters.
inline constexpr size_t kShownBytesMax = 200;

/// `{"auction": 7, "name": "x"}`.
std::string DescribeRow(const RowType& type, const void* row, size_t text_bytes_max = kShownBytesMax);
/// With control characters as \xNN; what is not UTF-8 stays so.
std::string Quoted(std::string_view text, size_t bytes_max = kShownBytesMax);

template <class K>
std::string DescribeKey(const K& key) {
  if constexpr (std::is_same_v<K, std::string>) {
    return Quoted(key);
  } else if constexpr (std::is_same_v<K, EventTime>) {
    return std::to_string(key.millis);
  } else if constexpr (IntegerLike<K>) {
    return std::to_string(static_cast<UnderlyingType<K>>(key));
  } else if constexpr (kIsRow<K>) {
    return DescribeRow(RowTypeOf<K>(), &key);
  } else {
    return "of another type";
  }
}

/// Empty for rows that are no plain structs.
template <class T>
std::string RowText(const T& row) {
  if constexpr (kIsRow<T>) return DescribeRow(RowTypeOf<T>(), &row);
  else return {};
}

}  // namespace weir::internal
