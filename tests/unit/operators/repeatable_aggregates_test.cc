// How far aggregates repeat: what `plan` says of them, and that those called exact are.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "connectors/generator/generator.h"
#include "operators/join/event_time_order.h"
#include "operators/more_aggregators.h"
#include "operators/pipeline.h"
#include "runtime/reflect/binary_codec.h"

namespace weir {
namespace {

struct Gauge {
  int64_t key = 0;
  int64_t time = 0;
  double level = 0;
  std::optional<double> change = {};
};
struct Level {
  int64_t key = 0;
};

/// Each row's place in the order of arrival counts.
struct Weighted {
  using Accumulator = int64_t;
  void Add(int64_t& sum, const Gauge& gauge) const { sum = sum * 2 + gauge.time; }
  int64_t Get(const int64_t& sum) const { return sum; }
};

/// Of the aggregate over gauges, as `plan` shows it.
template <class Aggregator>
std::string ClassOf(Aggregator aggregator, Emit emit = Emit::kEveryUpdate, bool in_order = false) {
  Pipeline pipeline{"gauges"};
  const auto keyed = pipeline.Source("gauges", generator::Source<Gauge>{.rows = 0, .make = [](int64_t) { return Gauge{}; }})
                         .Timestamps(&Gauge::time, Ascending{}).KeyBy(&Gauge::key);
  const auto level = [](int64_t key, const auto&) { return Level{key}; };
  if (in_order) keyed.InEventTimeOrder("order").Aggregate("sum", aggregator, level, emit);
  else keyed.Aggregate("sum", aggregator, level, emit);
  return std::string(RepeatabilityName(pipeline.graph().nodes.back().repeatability));
}

TEST(RunningAggregates, EndWithTheSameValueOnlyIfTheOrderOfRowsDoesNotMatter) {
  EXPECT_EQ(ClassOf(Sum(&Gauge::time)), "final value");
  EXPECT_EQ(ClassOf(Max(&Gauge::level)), "final value");
  EXPECT_EQ(ClassOf(Sum(&Gauge::level)), "arrival");
  EXPECT_EQ(ClassOf(Avg(&Gauge::level)), "arrival");
  EXPECT_EQ(ClassOf(Weighted{}), "arrival");
}

TEST(RunningAggregates, InEventTimeOrderAreExactUnlessTheyArePutTogetherFromParts) {
  EXPECT_EQ(ClassOf(Sum(&Gauge::level), Emit::kEveryUpdate, true), "exact");
  EXPECT_EQ(ClassOf(Weighted{}, Emit::kEveryUpdate, true), "exact");
  EXPECT_EQ(ClassOf(Sum(&Gauge::time), Emit::kFinalValues, true), "final value");
  EXPECT_EQ(ClassOf(Sum(&Gauge::level), Emit::kFinalValues, true), "arrival");
}

template <class A>
std::string BytesOf(const A& accumulator) {
  std::string bytes;
  EncodeBinary(accumulator, bytes);
  return bytes;
}

/// What comes out of these rows in every order and with every cut into two parts, all of it the same.
template <class Aggregator>
auto InEveryOrder(const Aggregator& aggregator, std::vector<Gauge> gauges) {
  using A = internal::AccumulatorOf<Aggregator, Gauge>;
  std::optional<A> first;
  for (size_t i = 0; i < gauges.size(); ++i) gauges[i].key = static_cast<int64_t>(i);
  const auto by_key = [](const Gauge& a, const Gauge& b) { return a.key < b.key; };
  do {
    for (size_t cut = 0; cut <= gauges.size(); ++cut) {
      A parts[2] = {};
      for (size_t i = 0; i < gauges.size(); ++i) aggregator.Add(parts[i < cut ? 0 : 1], gauges[i]);
      aggregator.Merge(parts[0], parts[1]);
      if (!first.has_value()) first = parts[0];
      EXPECT_EQ(BytesOf(parts[0]), BytesOf(*first));
    }
  } while (std::next_permutation(gauges.begin(), gauges.end(), by_key) && !testing::Test::HasFailure());
  return aggregator.Get(*first);
}

std::vector<Gauge> Levels(const std::vector<double>& levels) {
  std::vector<Gauge> gauges;
  for (const double level : levels) gauges.push_back({.level = level, .change = level});
  return gauges;
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(Extremes, PutNaNAboveEveryNumberAndMinusZeroBelowZero) {
  EXPECT_EQ(InEveryOrder(Min(&Gauge::level), Levels({kNaN, 1.0, -kNaN})), 1.0);
  EXPECT_TRUE(std::isnan(InEveryOrder(Max(&Gauge::level), Levels({1.0, kNaN, -kNaN, 2.0}))));
  EXPECT_TRUE(std::signbit(InEveryOrder(Min(&Gauge::level), Levels({0.0, -0.0, 1.0}))));
  EXPECT_FALSE(std::signbit(InEveryOrder(Max(&Gauge::level), Levels({-0.0, 0.0, -1.0}))));
}

TEST(Extremes, DoSoAlsoWhereTheValueMayBeMissing) {
  EXPECT_EQ(InEveryOrder(Min(&Gauge::change), Levels({kNaN, 1.0, 2.0})), 1.0);
  std::vector<Gauge> gauges = Levels({kNaN, 1.0});
  gauges.push_back({});
  EXPECT_EQ(InEveryOrder(Min(&Gauge::change), gauges), std::nullopt) << "nothing is less than all that there is";
}

TEST(BestRows, AreTheSameInEveryOrderWithNaNsAmongThem) {
  const std::vector<Gauge> best = InEveryOrder(TopK(&Gauge::level, 3), Levels({1.0, kNaN, 3.0, -0.0, 0.0}));
  ASSERT_EQ(best.size(), 3u);
  EXPECT_TRUE(std::isnan(best[0].level));
  EXPECT_EQ(best[1].level, 3.0);
  EXPECT_EQ(best[2].level, 1.0);
}

}  // namespace
}  // namespace weir
