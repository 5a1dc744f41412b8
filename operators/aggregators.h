// Aggregators: what Aggregate folds the rows of a key with. Any struct with this shape is one:
//
//   struct MyAggregator {
//     using Accumulator = ...;                                        // plain, owns its data; {} is "no rows yet"
//     void Add(Accumulator& accumulator, const Row& row) const;
//     void Merge(Accumulator& into, const Accumulator& from) const;   // optional: allows pre-aggregation
//     Result Get(const Accumulator& accumulator) const;               // what is emitted
//   };
//
// Average, distinct values, the best rows, and several aggregators at once: operators/more_aggregators.h.
// Integer sums wrap around as unsigned integers do; sums of a weir::Decimal that overflow throw. Floating-point sums depend on
// the order of arrival, and are not exact.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "operators/callable.h"
#include "operators/repeatable.h"
#include "runtime/base/decimal.h"

namespace weir {

/// Number of rows.
struct Count {
  using Accumulator = int64_t;
  template <class T>
  void Add(int64_t& count, const T&) const { ++count; }
  void Merge(int64_t& into, const int64_t& from) const { into += from; }
  int64_t Get(const int64_t& count) const { return count; }
};

/// Sum of a field, as int64_t for integers, double for floating-point fields and the same Decimal for a Decimal.
template <class Field>
class Sum {
 public:
  explicit Sum(Field field) : field_(field) {}
  template <class T>
  using ValueOf = std::conditional_t<
      std::is_floating_point_v<internal::FieldOf<Field, T>>, double,
      std::conditional_t<internal::kIsDecimal<internal::FieldOf<Field, T>>, internal::FieldOf<Field, T>, int64_t>>;

  template <class A, class T>
  void Add(A& sum, const T& row) const { sum += static_cast<A>(std::invoke(field_, row)); }
  template <class A>
  void Merge(A& into, const A& from) const { into += from; }
  template <class A>
  A Get(const A& sum) const { return sum; }
  template <class T>
  using AccumulatorFor = ValueOf<T>;

 private:
  Field field_;
};

struct CountAndSumOfRows {
  int64_t count = 0;
  int64_t sum = 0;
};

/// Number of rows and sum of an integer field, together.
template <class Field>
class CountAndSum {
 public:
  using Accumulator = CountAndSumOfRows;
  explicit CountAndSum(Field field) : field_(field) {}
  template <class T>
  void Add(Accumulator& totals, const T& row) const {
    ++totals.count;
    totals.sum += static_cast<int64_t>(std::invoke(field_, row));
  }
  void Merge(Accumulator& into, const Accumulator& from) const {
    into.count += from.count;
    into.sum += from.sum;
  }
  const Accumulator& Get(const Accumulator& totals) const { return totals; }

 private:
  Field field_;
};

namespace internal {

enum class End { kLeast, kGreatest };

template <class Field, End kEnd>
class Extreme {
 public:
  template <class T>
  struct Kept {
    bool any = false;
    FieldOf<Field, T> value{};
  };
  template <class T>
  using AccumulatorFor = Kept<T>;

  static constexpr bool kAddsNothingUp = true;

  explicit Extreme(Field field) : field_(field) {}
  template <class A, class T>
  void Add(A& kept, const T& row) const {
    const auto& value = std::invoke(field_, row);
    if (!kept.any || IsBetter(value, kept.value)) kept = {true, value};
  }
  template <class A>
  void Merge(A& into, const A& from) const {
    if (from.any && (!into.any || IsBetter(from.value, into.value))) into = from;
  }
  template <class A>
  auto Get(const A& kept) const { return kept.value; }

 private:
  template <class A, class B>
  static bool IsBetter(const A& a, const B& b) {
    return kEnd == End::kLeast ? ComesBefore(a, b) : ComesBefore(b, a);
  }

  Field field_;
};

template <class Aggregator, class T>
struct AccumulatorOfImpl {
  using type = typename Aggregator::Accumulator;
};
template <class Aggregator, class T>
  requires requires { typename Aggregator::template AccumulatorFor<T>; }
struct AccumulatorOfImpl<Aggregator, T> {
  using type = typename Aggregator::template AccumulatorFor<T>;
};
template <class Aggregator, class T>
using AccumulatorOf = typename AccumulatorOfImpl<Aggregator, T>::type;

template <class Aggregator, class T>
inline constexpr bool kMerges = requires(const Aggregator& aggregator, AccumulatorOf<Aggregator, T>& into,
                                         const AccumulatorOf<Aggregator, T>& from) { aggregator.Merge(into, from); };

}  // namespace internal

/// The least value of a field. Of floating-point values, here as in Max and TopK: NaN is greater than every number, -0.0 less
/// than 0.0. A type of yours needs an operator< by which any two that differ are one less than the other.
template <class Field>
class Min : public internal::Extreme<Field, internal::End::kLeast> {
 public:
  explicit Min(Field field) : internal::Extreme<Field, internal::End::kLeast>(field) {}
};

/// The greatest value of a field.
template <class Field>
class Max : public internal::Extreme<Field, internal::End::kGreatest> {
 public:
  explicit Max(Field field) : internal::Extreme<Field, internal::End::kGreatest>(field) {}
};

}  // namespace weir
