// Memory that a value of state owns beside its own bytes: what its strings and vectors hold. What they keep room for is not
// counted, so that a value is the same after it was moved or copied; sets are estimated.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>

#include "runtime/reflect/binary_codec.h"

namespace weir::internal {

template <class T>
inline constexpr bool kOwnsHeap = kFixedBytes<T> == 0;

/// An allocation costs about so much more than it holds.
inline constexpr size_t kBytesOfAllocation = 16;

template <class T>
size_t HeapBytes(const T& value) {
  size_t sum = 0;
  [[maybe_unused]] const auto add = [&sum](const auto& part) { sum += HeapBytes(part); };
  if constexpr (!kOwnsHeap<T>) {
    return 0;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value.size() <= std::string().capacity() ? 0 : value.size() + kBytesOfAllocation;
  } else if constexpr (kIsSet<T>) {
    sum = value.size() * (sizeof(typename T::SetOf) + 1) * 3 / 2;
    if constexpr (kOwnsHeap<typename T::SetOf>) value.ForEach(add);
  } else if constexpr (kIsList<T>) {
    sum = value.empty() ? 0 : value.size() * sizeof(typename T::value_type) + kBytesOfAllocation;
    if constexpr (kOwnsHeap<typename T::value_type>) {
      for (const auto& element : value) add(element);
    }
  } else if constexpr (kIsOptional<T>) {
    if (value.has_value()) add(*value);
  } else if constexpr (kIsArray<T>) {
    for (const auto& element : value) add(element);
  } else if constexpr (kIsPair<T>) {
    add(value.first);
    add(value.second);
  } else {
    ForEachField(value, add);
  }
  return sum;
}

}  // namespace weir::internal
