// What the typed API asks of a user's callables, said once, so that one mistake is one sentence.
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>

namespace weir::internal {

template <class F, class... Args>
using ResultOf = std::remove_cvref_t<std::invoke_result_t<F&, Args...>>;

/// The member or function applied to a row: `&Bid::price` or a lambda.
template <class F, class T>
using FieldOf = std::remove_cvref_t<std::invoke_result_t<const F&, const T&>>;

}  // namespace weir::internal
