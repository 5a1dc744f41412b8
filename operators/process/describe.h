// Keys and rows as text, for messages and the ledger.
#pragma once

#include <string>

#include "runtime/reflect/key_codec.h"
#include "runtime/reflect/row_type.h"

namespace weir::internal {

/// `{"auction": 7, "name": "x"}`; strings cut where they are long.
std::string DescribeRow(const RowType& type, const void* row);
std::string Quoted(std::string_view text);

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
