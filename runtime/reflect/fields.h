// Internal: what the compiler can tell of a plain struct. How many fields it has and of which types comes from
// Boost.PFR; their names come from the compiler's own spelling of a pointer to each field.
#pragma once

#include <boost/pfr/core.hpp>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weir::internal {

/// Converts to any base class of T, and to nothing else.
template <class T>
struct BaseProbe {
  template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>)
  operator Base() const;  // NOLINT: implicit, that is what it is for
};

/// Converts to anything that can be copied.
struct AnyProbe {
  size_t index;
  template <class Any>
  operator Any&() const&& noexcept;  // NOLINT: implicit, that is what it is for
};

/// Initialisers in parentheses never fall through into the elements of a C array, those in braces do. So a struct
/// takes as many of the first as PFR counted of the second exactly if no field is an array of two or more.
template <class T, size_t... I>
consteval bool HasNoArray(std::index_sequence<I...>) {
  return requires { T(AnyProbe{I}...); };
}

/// True where PFR can be asked about T without it failing the whole compilation.
template <class T>
consteval bool HasPlainFields() {
  if constexpr (!std::is_class_v<T> || !std::is_aggregate_v<T> || std::is_polymorphic_v<T> ||
                !std::is_copy_constructible_v<T> || !std::is_default_constructible_v<T>) {
    return false;
  } else if constexpr (std::is_empty_v<T> || requires { T{BaseProbe<T>{}}; } ||
                       requires { std::tuple_size<T>::value; }) {
    return false;   // Structured bindings would see the elements of a std::array, not its fields.
  } else {
    return HasNoArray<T>(std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
  }
}

template <class T>
inline constexpr bool kHasPlainFields = HasPlainFields<T>();

/// REQUIRES of all below: kHasPlainFields<T>.
template <class T>
inline constexpr size_t kFieldCount = boost::pfr::tuple_size_v<T>;

template <class T>
using FieldIndices = std::make_index_sequence<kFieldCount<T>>;

template <class T, size_t I>
using FieldType = boost::pfr::tuple_element_t<I, T>;

/// Never defined: only the names of its parts are wanted. The wrapper lets T lack a default constructor.
template <class T>
struct NeverMade {
  T value;
  ~NeverMade();
};
template <class T>
extern const NeverMade<T> kNeverMade;

constexpr bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// "... P = (& kNeverMade<ns::Bid>.ns::Bid::price)]" -> "price".
constexpr std::string_view LastName(std::string_view spelling) {
  while (!spelling.empty() && !IsNameByte(spelling.back())) spelling.remove_suffix(1);
  size_t begin = spelling.size();
  while (begin > 0 && IsNameByte(spelling[begin - 1])) --begin;
  return spelling.substr(begin);
}

// These return auto: a return type with a typedef in it would be explained behind the name.
template <auto Pointer>
consteval auto PointerSpelling() {
  return __PRETTY_FUNCTION__;
}
/// Clang 16 takes no pointer to a part of an object as a template's argument, but a struct with one in it.
template <class Pointer>
struct AsArgument {
  Pointer pointer;
};
template <class Pointer>
AsArgument(Pointer) -> AsArgument<Pointer>;
template <class Type>
consteval auto TypeSpelling() {
  return __PRETTY_FUNCTION__;
}

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"   // Never defined is what it is meant to be.
#endif
template <class T, size_t I>
inline constexpr std::string_view kFieldName =
    LastName(PointerSpelling<AsArgument{&boost::pfr::get<I>(kNeverMade<T>.value)}>());
#ifdef __clang__
#pragma clang diagnostic pop
#endif

/// Without namespaces: "Bid" for nexmark::Bid; "Pair<int, long int>" keeps its arguments whole.
constexpr std::string_view ShortTypeName(std::string_view spelling) {
  spelling = spelling.substr(spelling.find("Type = ") + 7);
  spelling.remove_suffix(1);
  const size_t arguments = spelling.find('<');
  const size_t scope = spelling.rfind("::", arguments);
  return scope == std::string_view::npos ? spelling : spelling.substr(scope + 2);
}

template <class T>
inline constexpr std::string_view kTypeName = ShortTypeName(TypeSpelling<T>());

/// Calls `visit(field)` for each field in declaration order.
template <class T, class Visit>
constexpr void ForEachField(T& row, Visit&& visit) {
  [&]<size_t... I>(std::index_sequence<I...>) {
    (visit(boost::pfr::get<I>(row)), ...);
  }(FieldIndices<std::remove_const_t<T>>{});
}

/// As ForEachField, until `visit` returns false. True if it never did.
template <class T, class Visit>
constexpr bool AllFields(T& row, Visit&& visit) {
  return [&]<size_t... I>(std::index_sequence<I...>) {
    return (visit(boost::pfr::get<I>(row)) && ...);
  }(FieldIndices<std::remove_const_t<T>>{});
}

}  // namespace weir::internal
