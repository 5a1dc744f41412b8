// Internal: the scalar types that rows, keys and state are made of, and how each is stored.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "runtime/base/decimal.h"
#include "runtime/base/ids.h"

namespace weir::internal {

/// Integers that are numbers: the character types are not, their text form would surprise.
template <class T>
inline constexpr bool kIsNumber =
    std::is_integral_v<T> && !std::is_same_v<T, bool> && !std::is_same_v<T, char> && !std::is_same_v<T, wchar_t> &&
    !std::is_same_v<T, char8_t> && !std::is_same_v<T, char16_t> && !std::is_same_v<T, char32_t> && sizeof(T) <= 8;

template <class T>
struct Underlying {
  using Type = T;
};
template <class T>
  requires std::is_enum_v<T>
struct Underlying<T> {
  using Type = std::underlying_type_t<T>;
};
/// An enum is stored and written as the integer that it is.
template <class T>
using UnderlyingType = typename Underlying<T>::Type;

template <class T>
concept IntegerLike = kIsNumber<UnderlyingType<T>> || std::is_same_v<UnderlyingType<T>, bool>;

template <class T>
concept FloatLike = std::is_same_v<T, float> || std::is_same_v<T, double>;

/// All scalars that own their bytes.
template <class T>
concept OwningScalar =
    IntegerLike<T> || FloatLike<T> || std::is_same_v<T, std::string> || std::is_same_v<T, EventTime> || kIsDecimal<T>;

}  // namespace weir::internal
