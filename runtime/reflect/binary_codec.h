// State values as bytes, in checkpoints and deltas. The code for a type is made by the compiler: nothing is looked up
// while running. The format is on disk and frozen:
//   bool 1 byte, 0 or 1; integers, enums and EventTime at their own width, a Decimal as 16 bytes of units, floats in
//   IEEE 754, all little endian;
//   std::string, std::vector, FlatSet (in the order of bytes): number of bytes or elements as LEB128, then these;
//   std::optional: 1 byte, then the value if there is one; structs, std::pair, std::array: parts in order.
//
//   std::string bytes;
//   EncodeBinary(total, bytes);
//   std::string_view rest = bytes;
//   if (!DecodeBinary(rest, total) || !rest.empty()) ...   // no such value
#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/reflect/schema.h"

namespace weir {
namespace internal {

static_assert(std::endian::native == std::endian::little, "Weir's files are written in the order of the machine.");

/// Bytes that every value of T takes, 0 where that depends on the value.
template <class T>
consteval size_t FixedBytes() {
  if constexpr (std::is_same_v<T, std::string> || kIsList<T> || kIsOptional<T> || kIsSet<T>) {
    return 0;
  } else if constexpr (OwningScalar<T>) {
    return sizeof(T);
  } else if constexpr (kIsArray<T>) {
    return FixedBytes<typename T::value_type>() * std::tuple_size_v<T>;
  } else if constexpr (kIsPair<T>) {
    constexpr size_t kFirst = FixedBytes<typename T::first_type>();
    constexpr size_t kSecond = FixedBytes<typename T::second_type>();
    return kFirst == 0 || kSecond == 0 ? 0 : kFirst + kSecond;
  } else {
    return []<size_t... I>(std::index_sequence<I...>) -> size_t {
      return ((FixedBytes<FieldType<T, I>>() == 0) || ...) ? 0 : (FixedBytes<FieldType<T, I>>() + ...);
    }(FieldIndices<T>{});
  }
}
template <class T>
inline constexpr size_t kFixedBytes = FixedBytes<T>();

/// The fewest bytes that a value of T takes; never 0, which bounds what a false element count can claim.
template <class T>
inline constexpr size_t kLeastBytes = kFixedBytes<T> == 0 ? 1 : kFixedBytes<T>;

inline void AppendVarint(uint64_t value, std::string& out) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

/// Consumes a LEB128 number; false, with `in` in any state, where there is none of at most 64 bits.
inline bool TakeVarint(std::string_view& in, uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    if (shift == 63 && byte > 1) return false;
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

/// Writes exactly kFixedBytes<T>; returns the end.
template <class T>
char* WriteFixed(const T& value, char* out) {
  if constexpr (OwningScalar<T>) {
    std::memcpy(out, &value, sizeof(T));
    return out + sizeof(T);
  } else if constexpr (kIsArray<T>) {
    for (const auto& element : value) out = WriteFixed(element, out);
  } else if constexpr (kIsPair<T>) {
    out = WriteFixed(value.second, WriteFixed(value.first, out));
  } else {
    ForEachField(value, [&](const auto& field) { out = WriteFixed(field, out); });
  }
  return out;
}

/// Reads exactly kFixedBytes<T> and moves `in` behind them. False where a bool is neither 0 nor 1, or a decimal
/// has too many digits.
template <class T>
bool ReadFixed(const char*& in, T& value) {
  if constexpr (OwningScalar<T>) {
    if constexpr (std::is_same_v<UnderlyingType<T>, bool>) {
      if (static_cast<unsigned char>(*in) > 1) return false;
    }
    std::memcpy(&value, in, sizeof(T));
    in += sizeof(T);
    if constexpr (kIsDecimal<T>) return IsDecimal(value.units());
    return true;
  } else if constexpr (kIsArray<T>) {
    for (auto& element : value) {
      if (!ReadFixed(in, element)) return false;
    }
    return true;
  } else if constexpr (kIsPair<T>) {
    return ReadFixed(in, value.first) && ReadFixed(in, value.second);
  } else {
    return AllFields(value, [&](auto& field) { return ReadFixed(in, field); });
  }
}

}  // namespace internal

/// Appends the bytes of `value`.
template <class T>
void EncodeBinary(const T& value, std::string& out);

/// Consumes the bytes of one value from the front of `in`. Safe on any bytes: false where they are not a whole value,
/// and then `in` and `value` are in some valid state. Memory taken is in proportion to the bytes given.
template <class T>
[[nodiscard]] bool DecodeBinary(std::string_view& in, T& value);

namespace internal {

template <class V>
bool DecodeList(std::string_view& in, std::vector<V>& list) {
  uint64_t size = 0;
  if (!TakeVarint(in, size) || size > in.size() / kLeastBytes<V>) return false;
  list.clear();
  list.reserve(size);
  for (uint64_t i = 0; i < size; ++i) {
    V element{};
    if (!DecodeBinary(in, element)) return false;
    list.push_back(std::move(element));
  }
  return true;
}

template <class Set> void EncodeSet(const Set&, std::string& out);   // both in flat_set.h
template <class Set> bool DecodeSet(std::string_view& in, Set&);
template <class V>
bool DecodeOptional(std::string_view& in, std::optional<V>& value) {
  if (in.empty() || static_cast<unsigned char>(in.front()) > 1) return false;
  const bool present = in.front() == 1;
  in.remove_prefix(1);
  value.reset();
  return !present || DecodeBinary(in, value.emplace());
}

inline bool DecodeString(std::string_view& in, std::string& value) {
  uint64_t size = 0;
  if (!TakeVarint(in, size) || size > in.size()) return false;
  value.assign(in.data(), size);
  in.remove_prefix(size);
  return true;
}
}  // namespace internal

template <class T>
void EncodeBinary(const T& value, std::string& out) {
  if constexpr (!RequireStateValue<T>()) {
    return;
  } else if constexpr (internal::kFixedBytes<T> != 0) {
    char bytes[internal::kFixedBytes<T>];
    internal::WriteFixed(value, bytes);
    out.append(bytes, sizeof(bytes));
  } else if constexpr (std::is_same_v<T, std::string>) {
    internal::AppendVarint(value.size(), out);
    out.append(value);
  } else if constexpr (internal::kIsSet<T>) {
    internal::EncodeSet(value, out);
  } else if constexpr (internal::kIsList<T>) {
    internal::AppendVarint(value.size(), out);
    for (const typename T::value_type& element : value) EncodeBinary(element, out);
  } else if constexpr (internal::kIsOptional<T>) {
    out.push_back(value.has_value() ? '\1' : '\0');
    if (value.has_value()) EncodeBinary(*value, out);
  } else if constexpr (internal::kIsArray<T>) {
    for (const auto& element : value) EncodeBinary(element, out);
  } else if constexpr (internal::kIsPair<T>) {
    EncodeBinary(value.first, out);
    EncodeBinary(value.second, out);
  } else {
    internal::ForEachField(value, [&](const auto& field) { EncodeBinary(field, out); });
  }
}

template <class T>
bool DecodeBinary(std::string_view& in, T& value) {
  if constexpr (!RequireStateValue<T>()) {
    return false;
  } else if constexpr (internal::kFixedBytes<T> != 0) {
    if (in.size() < internal::kFixedBytes<T>) return false;
    const char* bytes = in.data();
    in.remove_prefix(internal::kFixedBytes<T>);
    return internal::ReadFixed(bytes, value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return internal::DecodeString(in, value);
  } else if constexpr (internal::kIsSet<T>) {
    return internal::DecodeSet(in, value);
  } else if constexpr (internal::kIsList<T>) {
    return internal::DecodeList(in, value);
  } else if constexpr (internal::kIsOptional<T>) {
    return internal::DecodeOptional(in, value);
  } else if constexpr (internal::kIsArray<T>) {
    for (auto& element : value) {
      if (!DecodeBinary(in, element)) return false;
    }
    return true;
  } else if constexpr (internal::kIsPair<T>) {
    return DecodeBinary(in, value.first) && DecodeBinary(in, value.second);
  } else {
    return internal::AllFields(value, [&](auto& field) { return DecodeBinary(in, field); });
  }
}

}  // namespace weir
