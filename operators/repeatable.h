// Internal: whether what an aggregator makes of rows depends on their order, and in which order values are compared so that
// the least and the greatest do not.
#pragma once

#include <algorithm>
#include <cmath>
#include <compare>
#include <type_traits>

#include "runtime/reflect/schema.h"

namespace weir::internal {

/// Whether equal rows give equal results in any order.
enum class Repeatable { kAlways, kByArrival };

template <class A>
consteval bool HoldsFloating() {
  if constexpr (std::is_floating_point_v<A>) {
    return true;
  } else if constexpr (kIsList<A> || kIsOptional<A> || kIsArray<A>) {
    return HoldsFloating<typename A::value_type>();
  } else if constexpr (kIsPair<A>) {
    return HoldsFloating<typename A::first_type>() || HoldsFloating<typename A::second_type>();
  } else if constexpr (kHasPlainFields<A>) {
    return []<size_t... I>(std::index_sequence<I...>) {
      return (HoldsFloating<FieldType<A, I>>() || ...);
    }(FieldIndices<A>{});
  } else {
    return false;
  }
}
/// An aggregator that only chooses among floating-point numbers says so: `static constexpr bool kAddsNothingUp = true`.
template <class Aggregator, class A>
inline constexpr bool kSumsFloating = HoldsFloating<A>() && !requires { requires Aggregator::kAddsNothingUp; };

/// a < b, by a total order also of floating-point numbers, and of what holds some: -0.0 before 0.0, NaN after every number
/// (NaNs among themselves by sign and bits). By `<` it would depend on the order of rows which of them is kept.
template <class A, class B>
bool ComesBefore(const A& a, const B& b) {
  if constexpr (std::is_floating_point_v<A> && std::is_same_v<A, B>) {
    if (a < b || b < a) [[likely]] return a < b;
    if (std::isnan(a) != std::isnan(b)) return std::isnan(b);
    return std::strong_order(a, b) < 0;
  } else if constexpr (kIsOptional<A> && kIsOptional<B>) {
    return a.has_value() && b.has_value() ? ComesBefore(*a, *b) : !a.has_value() && b.has_value();
  } else if constexpr (kIsPair<A> && kIsPair<B>) {
    if (ComesBefore(a.first, b.first)) return true;
    return !ComesBefore(b.first, a.first) && ComesBefore(a.second, b.second);
  } else if constexpr ((kIsList<A> || kIsArray<A>) && std::is_same_v<A, B>) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [](const auto& x, const auto& y) { return ComesBefore(x, y); });
  } else {
    return a < b;
  }
}

}  // namespace weir::internal
