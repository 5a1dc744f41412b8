// The shape of a type as text that checkpoints keep, so that a restore into another type is refused by field name
// instead of reading bytes wrongly.
//
//   struct Total { int64_t sum; std::vector<double> parts; };
//   SchemaOf<Total>() == R"({"sum":"int64","parts":["list","double"]})"
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/reflect/row_type.h"

namespace weir {
namespace internal {

// The shapes that state may have besides scalars and structs.
template <class T>
inline constexpr bool kIsList = false;
template <class V>
inline constexpr bool kIsList<std::vector<V>> = true;
template <class T>
inline constexpr bool kIsOptional = false;
template <class V>
inline constexpr bool kIsOptional<std::optional<V>> = true;
template <class T>
inline constexpr bool kIsPair = false;
template <class A, class B>
inline constexpr bool kIsPair<std::pair<A, B>> = true;
template <class T>
inline constexpr bool kIsArray = false;
template <class V, size_t N>
inline constexpr bool kIsArray<std::array<V, N>> = (N > 0);

template <class T>
inline constexpr bool kIsSet = requires { typename T::SetOf; };

template <class T>
consteval bool IsStateValue() {
  if constexpr (OwningScalar<T>) {
    return true;
  } else if constexpr (kIsSet<T>) {
    return IsStateValue<typename T::SetOf>();
  } else if constexpr (kIsList<T> || kIsOptional<T> || kIsArray<T>) {
    return IsStateValue<typename T::value_type>();
  } else if constexpr (kIsPair<T>) {
    return IsStateValue<typename T::first_type>() && IsStateValue<typename T::second_type>();
  } else if constexpr (kHasPlainFields<T>) {
    return []<size_t... I>(std::index_sequence<I...>) {
      return (IsStateValue<FieldType<T, I>>() && ...);
    }(FieldIndices<T>{});
  } else {
    return false;
  }
}

}  // namespace internal

/// What state can hold: bool, integers, enums, float, double, std::string, EventTime, Decimal, plain structs, and
/// std::vector, std::optional, std::pair, std::array and FlatSet of such. Everything in it owns its data.
template <class T>
concept StateValue = internal::IsStateValue<T>();

/// Fails to compile, with one sentence that says why, unless T is a StateValue. Returns whether it is.
template <class T>
consteval bool RequireStateValue() {
  static_assert(StateValue<T>,
                "A state value must own its data: bool, integers, enums, float, double, std::string (no "
                "string_view), weir::EventTime, weir::Decimal, plain structs of these, and std::vector, std::optional, "
                "std::pair or std::array of such.");
  return StateValue<T>;
}

namespace internal {

/// Of a scalar; `scale` of a decimal.
void AppendKind(FieldKind kind, int scale, std::string& out);

template <class T>
void AppendSchema(std::string& out) {
  if constexpr (kIsSet<T>) {
    out += R"(["set",)";
    AppendSchema<typename T::SetOf>(out);
    out += ']';
  } else if constexpr (kIsList<T> || kIsOptional<T>) {
    out += kIsList<T> ? R"(["list",)" : R"(["optional",)";
    AppendSchema<typename T::value_type>(out);
    out += ']';
  } else if constexpr (kIsArray<T>) {
    out += R"(["array",")" + std::to_string(std::tuple_size_v<T>) + R"(",)";
    AppendSchema<typename T::value_type>(out);
    out += ']';
  } else if constexpr (kIsPair<T>) {
    out += R"(["pair",)";
    AppendSchema<typename T::first_type>(out);
    out += ',';
    AppendSchema<typename T::second_type>(out);
    out += ']';
  } else if constexpr (kIsDecimal<T>) {
    AppendKind(FieldKind::kDecimal, T::kScale, out);
  } else if constexpr (KindOf<T>() != FieldKind::kStruct) {
    AppendKind(KindOf<T>(), 0, out);
  } else {
    [&]<size_t... I>(std::index_sequence<I...>) {
      ((out.append(I == 0 ? "{\"" : ",\"").append(kFieldName<T, I>).append("\":"),
        AppendSchema<FieldType<T, I>>(out)), ...);
    }(FieldIndices<T>{});
    out += '}';
  }
}

}  // namespace internal

/// Equal for types that have the same fields in the same order with the same kinds; names of structs do not count.
/// An enum has the schema of its integer. JSON text.
template <class T>
std::string SchemaOf() {
  std::string out;
  if constexpr (RequireStateValue<T>()) internal::AppendSchema<T>(out);
  return out;
}

/// Empty if the two are equal, else where they first differ, for people: "field price.amount: int32 in the
/// checkpoint, int64 in the program". Any text may be passed in: what is no schema is named as that.
std::string DescribeSchemaChange(std::string_view in_checkpoint, std::string_view in_program);

}  // namespace weir
