// Keys as bytes, whose order as bytes is the order of the keys, and the one hash of keys. Both are on disk and frozen:
//   bool 1 byte; integers, enums, EventTime and the units of a Decimal (16 bytes) big endian at their own width, the sign
//   bit of signed ones flipped;
//   a key that is a std::string is its bytes; inside a struct each zero byte becomes 00 FF and 00 00 ends the string;
//   structs and std::pair: parts in order.
//
//   HashKey(std::string_view{"a"}) == HashKey(std::string{"a"})       // tables look a key up without owning it
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/base/hash.h"
#include "runtime/reflect/binary_codec.h"

namespace weir {
namespace internal {

template <class K>
consteval bool IsStateKey() {
  if constexpr (IntegerLike<K> || std::is_same_v<K, std::string> || std::is_same_v<K, EventTime> || kIsDecimal<K>) {
    return true;
  } else if constexpr (kIsPair<K>) {
    return IsStateKey<typename K::first_type>() && IsStateKey<typename K::second_type>();
  } else if constexpr (kHasPlainFields<K>) {
    return []<size_t... I>(std::index_sequence<I...>) {
      return (IsStateKey<FieldType<K, I>>() && ...);
    }(FieldIndices<K>{});
  } else {
    return false;
  }
}

}  // namespace internal

/// What can be a key: bool, integers, enums, std::string, EventTime, Decimal, and plain structs and std::pair of these.
template <class K>
concept StateKey = internal::IsStateKey<K>();

/// Fails to compile, with one sentence that says why, unless K is a StateKey. Returns whether it is.
template <class K>
consteval bool RequireStateKey() {
  if constexpr (std::is_same_v<K, std::string_view> || std::is_same_v<K, const char*>) {
    static_assert(StateKey<K>, "A key must own its data: use std::string instead of std::string_view or const char*.");
  } else if constexpr (std::is_floating_point_v<K>) {
    static_assert(StateKey<K>, "A floating-point number cannot be a key: equal amounts may differ in their last bits.");
  } else {
    static_assert(StateKey<K>,
                  "A key must be a bool, an integer, an enum, a std::string, a weir::EventTime, a weir::Decimal, or a plain struct or "
                  "std::pair of these (no floating-point numbers, string_views, pointers or containers in it).");
  }
  return StateKey<K>;
}

namespace internal {

template <class K>
consteval auto KeyWord() {
  if constexpr (std::is_same_v<K, EventTime>) return int64_t{};
  else return UnderlyingType<K>{};
}

template <class Word>
inline constexpr std::make_unsigned_t<Word> kSignBit =
    std::is_signed_v<Word> ? static_cast<std::make_unsigned_t<Word>>(uint64_t{1} << (sizeof(Word) * 8 - 1)) : 0;

/// The unsigned integer whose order is that of the keys, and back.
template <class K>
constexpr auto ToOrdered(K key) {
  using Word = decltype(KeyWord<K>());
  Word word{};
  if constexpr (std::is_same_v<K, EventTime>) word = key.millis;
  else word = static_cast<Word>(key);
  if constexpr (std::is_same_v<Word, bool>) {
    return static_cast<uint8_t>(word);
  } else {
    using Unsigned = std::make_unsigned_t<Word>;
    return static_cast<Unsigned>(static_cast<Unsigned>(word) ^ kSignBit<Word>);
  }
}

template <class K>
bool FromOrdered(decltype(ToOrdered(K{})) ordered, K& key) {
  using Word = decltype(KeyWord<K>());
  if constexpr (std::is_same_v<Word, bool>) {
    if (ordered > 1) return false;
    key = static_cast<K>(ordered == 1);
  } else {
    using Unsigned = decltype(ordered);
    const auto word = static_cast<Word>(static_cast<Unsigned>(ordered ^ kSignBit<Word>));
    if constexpr (std::is_same_v<K, EventTime>) key.millis = word;
    else key = static_cast<K>(word);
  }
  return true;
}

template <class K>
char* WriteOrdered(K key, char* out) {
  const auto ordered = ToOrdered(key);
  for (size_t i = sizeof(ordered); i-- > 0;) *out++ = static_cast<char>(ordered >> (8 * i));
  return out;
}

template <class K>
bool TakeOrdered(std::string_view& in, K& key) {
  using Ordered = decltype(ToOrdered(K{}));
  if (in.size() < sizeof(Ordered)) return false;
  uint64_t ordered = 0;
  for (size_t i = 0; i < sizeof(Ordered); ++i) ordered = ordered << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(sizeof(Ordered));
  return FromOrdered(static_cast<Ordered>(ordered), key);
}

template <int Scale>
char* WriteOrdered(Decimal<Scale> key, char* out) {
  const Int128 units = key.units();
  return WriteOrdered(static_cast<uint64_t>(units), WriteOrdered(static_cast<int64_t>(units >> 64), out));
}

template <int Scale>
bool TakeOrdered(std::string_view& in, Decimal<Scale>& key) {
  int64_t high = 0;
  uint64_t low = 0;
  if (!TakeOrdered(in, high) || !TakeOrdered(in, low)) return false;
  const Int128 units = static_cast<Int128>(high) * (Int128{1} << 64) + low;
  if (!IsDecimal(units)) return false;
  key = Decimal<Scale>::FromUnits(units);
  return true;
}

/// Strings inside structs; out of line, they are not the common key.
void AppendEscaped(std::string_view text, std::string& out);
bool TakeEscaped(std::string_view& in, std::string& text);

template <class K>
char* WriteFixedKey(const K& key, char* out) {
  if constexpr (OwningScalar<K>) return WriteOrdered(key, out);
  else if constexpr (kIsPair<K>) return WriteFixedKey(key.second, WriteFixedKey(key.first, out));
  else {
    ForEachField(key, [&](const auto& field) { out = WriteFixedKey(field, out); });
    return out;
  }
}

template <class K>
void AppendKeyPart(const K& key, std::string& out) {
  if constexpr (std::is_same_v<K, std::string>) {
    AppendEscaped(key, out);
  } else if constexpr (kFixedBytes<K> != 0) {
    char bytes[kFixedBytes<K>];
    WriteFixedKey(key, bytes);
    out.append(bytes, sizeof(bytes));
  } else if constexpr (kIsPair<K>) {
    AppendKeyPart(key.first, out);
    AppendKeyPart(key.second, out);
  } else {
    ForEachField(key, [&](const auto& field) { AppendKeyPart(field, out); });
  }
}

template <class K>
bool TakeKeyPart(std::string_view& in, K& key) {
  if constexpr (std::is_same_v<K, std::string>) return TakeEscaped(in, key);
  else if constexpr (OwningScalar<K>) return TakeOrdered(in, key);
  else if constexpr (kIsPair<K>) return TakeKeyPart(in, key.first) && TakeKeyPart(in, key.second);
  else return AllFields(key, [&](auto& field) { return TakeKeyPart(in, field); });
}

}  // namespace internal

/// Appends the bytes of `key`. Also takes a std::string_view for a std::string.
template <class K>
void EncodeKey(const K& key, std::string& out) {
  if constexpr (std::is_convertible_v<const K&, std::string_view>) {
    out.append(std::string_view(key));
  } else if constexpr (RequireStateKey<K>()) {
    internal::AppendKeyPart(key, out);
  }
}

/// False unless `in` is exactly what EncodeKey wrote for some key; `key` is then in some valid state.
template <class K>
[[nodiscard]] bool DecodeKey(std::string_view in, K& key) {
  if constexpr (std::is_same_v<K, std::string>) {
    key.assign(in);
    return true;
  } else if constexpr (RequireStateKey<K>()) {
    return internal::TakeKeyPart(in, key) && in.empty();
  } else {
    return false;
  }
}

/// Also takes a std::string_view for a std::string. Allocates only for a struct with a string in it.
template <class K>
uint64_t HashKey(const K& key) {
  if constexpr (std::is_convertible_v<const K&, std::string_view>) {
    return HashBytes(std::string_view(key));
  } else if constexpr (std::is_same_v<K, EventTime>) {
    return HashInteger(static_cast<uint64_t>(key.millis));
  } else if constexpr (internal::IntegerLike<K>) {
    return HashInteger(static_cast<uint64_t>(key));
  } else if constexpr (!RequireStateKey<K>()) {
    return 0;
  } else if constexpr (internal::kFixedBytes<K> != 0) {
    char bytes[internal::kFixedBytes<K>];
    internal::WriteFixedKey(key, bytes);
    return HashBytes({bytes, sizeof(bytes)});
  } else {
    std::string bytes;
    internal::AppendKeyPart(key, bytes);
    return HashBytes(bytes);
  }
}

}  // namespace weir
