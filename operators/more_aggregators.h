// Aggregators that keep more than a number: Avg, Distinct, TopK, and Several of any kind at once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "operators/aggregators.h"
#include "operators/callable.h"
#include "runtime/reflect/binary_codec.h"
#include "runtime/reflect/flat_set.h"

namespace weir {

/// Average of a field, as double; of no rows 0. Exact as long as the sum of an integer field fits in 64 bits.
template <class Field>
class Avg {
 public:
  template <class S>
  struct Part {
    int64_t count = 0;
    S sum{};
  };
  template <class T>
  using AccumulatorFor = Part<std::conditional_t<std::is_floating_point_v<internal::FieldOf<Field, T>>, double, int64_t>>;

  explicit Avg(Field field) : field_(field) {}
  template <class S, class T>
  void Add(Part<S>& part, const T& row) const {
    ++part.count;
    part.sum += static_cast<S>(std::invoke(field_, row));
  }
  template <class S>
  void Merge(Part<S>& into, const Part<S>& from) const {
    into.count += from.count;
    into.sum += from.sum;
  }
  template <class S>
  double Get(const Part<S>& part) const {
    return part.count == 0 ? 0 : static_cast<double>(part.sum) / static_cast<double>(part.count);
  }

 private:
  Field field_;
};

/// Number of different values of a field, exactly: keeps them all. What changed of a key is saved with all its values, so it is
/// meant for thousands of them a key, not for millions.
template <class Field>
class Distinct {
 public:
  template <class T>
  using ValueOf = std::conditional_t<std::is_same_v<internal::FieldOf<Field, T>, std::string_view>, std::string,
                                     internal::FieldOf<Field, T>>;
  template <class T>
  using AccumulatorFor = FlatSet<ValueOf<T>>;

  explicit Distinct(Field field) : field_(field) {}
  template <class V, class T>
  void Add(FlatSet<V>& seen, const T& row) const {
    static_assert(RequireStateKey<V>());
    seen.Insert(V(std::invoke(field_, row)));
  }
  template <class V>
  void Merge(FlatSet<V>& into, const FlatSet<V>& from) const {
    if (into.size() == 0) into = from;
    else from.ForEach([&](const V& value) { into.Insert(value); });
  }
  template <class V>
  int64_t Get(const FlatSet<V>& seen) const { return static_cast<int64_t>(seen.size()); }

 private:
  Field field_;
};

/// The `k` rows with the greatest values of a field (see Min), the greatest first; of equal values the row whose bytes are less. The
/// result is a std::vector of rows.
template <class Field>
class TopK {
 public:
  template <class T>
  using AccumulatorFor = std::vector<T>;
  static constexpr bool kAddsNothingUp = true;

  TopK(Field field, size_t k) : field_(field), k_(k) {}
  template <class T>
  void Add(std::vector<T>& best, const T& row) const {
    if (best.size() == k_ && (k_ == 0 || !Before(row, best.back()))) return;
    best.insert(std::upper_bound(best.begin(), best.end(), row, [this](const T& a, const T& b) { return Before(a, b); }), row);
    if (best.size() > k_) best.pop_back();
  }
  template <class T>
  void Merge(std::vector<T>& into, const std::vector<T>& from) const {
    for (const T& row : from) Add(into, row);
  }
  template <class T>
  const std::vector<T>& Get(const std::vector<T>& best) const { return best; }

 private:
  template <class T>
  bool Before(const T& a, const T& b) const {
    const auto& left = std::invoke(field_, a);
    const auto& right = std::invoke(field_, b);
    if (internal::ComesBefore(right, left)) return true;
    if (internal::ComesBefore(left, right)) return false;
    std::string bytes[2];
    EncodeBinary(a, bytes[0]);
    EncodeBinary(b, bytes[1]);
    return bytes[0] < bytes[1];
  }

  Field field_;
  size_t k_;
};

/// Several aggregators over the same rows: `Several(Count{}, Max(&Bid::price))`. The result is a std::tuple of theirs.
template <class First, class... Rest>
class Several {
 public:
  template <class T>
  using AccumulatorFor =
      std::pair<internal::AccumulatorOf<First, T>, typename Several<Rest...>::template AccumulatorFor<T>>;

  explicit Several(First first, Rest... rest) : first_(std::move(first)), rest_(std::move(rest)...) {}
  template <class A, class T>
  void Add(A& both, const T& row) const {
    first_.Add(both.first, row);
    rest_.Add(both.second, row);
  }
  template <class A>
    requires requires(const First& first, const Several<Rest...>& rest, A& into, const A& from) {
      first.Merge(into.first, from.first);
      rest.Merge(into.second, from.second);
    }
  void Merge(A& into, const A& from) const {
    first_.Merge(into.first, from.first);
    rest_.Merge(into.second, from.second);
  }
  template <class A>
  auto Get(const A& both) const {
    return std::tuple_cat(std::make_tuple(first_.Get(both.first)), rest_.Get(both.second));
  }

 private:
  First first_;
  Several<Rest...> rest_;
};

template <class Last>
class Several<Last> {
 public:
  template <class T>
  using AccumulatorFor = internal::AccumulatorOf<Last, T>;

  explicit Several(Last last) : last_(std::move(last)) {}
  template <class A, class T>
  void Add(A& accumulator, const T& row) const { last_.Add(accumulator, row); }
  template <class A>
    requires requires(const Last& last, A& into, const A& from) { last.Merge(into, from); }
  void Merge(A& into, const A& from) const { last_.Merge(into, from); }
  template <class A>
  auto Get(const A& accumulator) const { return std::make_tuple(last_.Get(accumulator)); }

 private:
  Last last_;
};

}  // namespace weir
