// A set of keys that state can hold: what is in it counts, not the order in which it came.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "runtime/reflect/key_codec.h"

namespace weir {

/// V: a StateKey with operator==. As bytes its elements stand in the order of their own bytes.
template <class V>
class FlatSet {
 public:
  using SetOf = V;   ///< Tells the codec what it is.

  /// False where it is in already.
  bool Insert(V value) { return map_.try_emplace(std::move(value)).second; }
  bool Contains(const V& value) const { return map_.contains(value); }
  size_t size() const { return map_.size(); }
  void Clear() { map_.clear(); }
  void Reserve(size_t size) { map_.reserve(size); }
  /// In no order that means anything.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [value, nothing] : map_) visit(value);
  }
  friend bool operator==(const FlatSet& a, const FlatSet& b) {
    bool same = a.size() == b.size();
    a.ForEach([&](const V& value) { same = same && b.Contains(value); });
    return same;
  }

 private:
  struct Nothing {};
  struct Hasher {
    using is_avalanching = void;
    size_t operator()(const V& value) const { return HashKey(value); }
  };
  boost::unordered_flat_map<V, Nothing, Hasher> map_;
};

namespace internal {

template <class Set>
void EncodeSet(const Set& set, std::string& out) {
  std::vector<std::string> elements;
  elements.reserve(set.size());
  set.ForEach([&](const auto& element) { EncodeBinary(element, elements.emplace_back()); });
  std::sort(elements.begin(), elements.end());
  AppendVarint(elements.size(), out);
  for (const std::string& element : elements) out += element;
}

template <class Set>
bool DecodeSet(std::string_view& in, Set& set) {
  uint64_t size = 0;
  if (!TakeVarint(in, size) || size > in.size() / kLeastBytes<typename Set::SetOf>) return false;
  set.Clear();
  set.Reserve(size);
  for (uint64_t i = 0; i < size; ++i) {
    typename Set::SetOf element{};
    if (!DecodeBinary(in, element) || !set.Insert(std::move(element))) return false;
  }
  return true;
}

}  // namespace internal

}  // namespace weir
