// Joins bounded in time in whole jobs: any parallelism, crashes, late rows to their ledger, every row accounted for.
#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "operators/join/event_time_order.h"
#include "operators/join/interval_join.h"
#include "operators/join/window_join.h"
#include "operators/late_record.h"
#include "runtime/base/random.h"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Order {
  int64_t id = 0;
  int64_t customer = 0;
  int64_t time = 0;
};
struct Payment {
  int64_t id = 0;
  int64_t customer = 0;
  int64_t time = 0;
};
struct Matched {
  int64_t order = 0;
  int64_t payment = 0;
  friend auto operator<=>(const Matched&, const Matched&) = default;
};

constexpr int64_t kStart = 1'700'000'000'000;
constexpr int64_t kDisorder = 50;
constexpr int kPartitions = 2;

/// Rows by partition, each out of order by more than is bounded now and then.
template <class Row>
std::vector<std::vector<Row>> RandomRows(Random& random, int64_t count) {
  std::vector<std::vector<Row>> rows(kPartitions);
  for (int64_t i = 0; i < count; ++i) {
    int64_t time = kStart + i * 4 + static_cast<int64_t>(random.Below(kDisorder));
    if (random.OneIn(25)) time -= 100;
    rows[random.Below(kPartitions)].push_back({i, random.OneIn(2) ? 0 : static_cast<int64_t>(random.Below(6)), time});
  }
  return rows;
}

/// Those that are not behind their partition's watermark, from the definition; `late` is counted.
template <class Row>
std::vector<Row> OnTime(const std::vector<std::vector<Row>>& partitions, size_t& late) {
  std::vector<Row> rows;
  for (const auto& partition : partitions) {
    int64_t greatest = 0;
    for (const Row& row : partition) {
      if (row.time >= greatest - kDisorder) rows.push_back(row);
      else ++late;
      greatest = std::max(greatest, row.time);
    }
  }
  return rows;
}

struct World {
  explicit World(uint64_t seed) : random(seed) {
    orders = RandomRows<Order>(random, 300);
    payments = RandomRows<Payment>(random, 200);
  }
  SeededRandom random;
  std::vector<std::vector<Order>> orders;
  std::vector<std::vector<Payment>> payments;
};

std::vector<Matched> Naive(const World& world, bool left, size_t& late) {
  std::vector<Matched> matched;
  const std::vector<Payment> payments = OnTime(world.payments, late);
  for (const Order& order : OnTime(world.orders, late)) {
    bool any = false;
    for (const Payment& payment : payments) {
      const int64_t apart = payment.time - order.time;
      if (payment.customer != order.customer || apart < -10 || apart > 60) continue;
      matched.push_back({order.id, payment.id});
      any = true;
    }
    if (left && !any) matched.push_back({order.id, -1});
  }
  std::sort(matched.begin(), matched.end());
  return matched;
}

class JoinsJobTest : public testing::TestWithParam<uint32_t> {
 protected:
  auto Orders() {
    return pipeline_.Source("orders", kafka::Source<Order>{.topic = "orders"})
        .Timestamps(&Order::time, BoundedDisorder{std::chrono::milliseconds(kDisorder)}).KeyBy(&Order::customer);
  }
  auto Payments() {
    return pipeline_.Source("payments", kafka::Source<Payment>{.topic = "payments"})
        .Timestamps(&Payment::time, BoundedDisorder{std::chrono::milliseconds(kDisorder)}).KeyBy(&Payment::customer);
  }
  void Sink(const Stream<Matched>& stream) {
    stream.Sink("out", kafka::Sink<Matched>{.topic = "out", .create_partitions = 1});
  }
  /// Until everything fired, crashing a few times on the way.
  std::vector<Matched> Run(const World& world, uint64_t seed, size_t* late) {
    test::Job job(pipeline_, {.seed = seed, .parallelism = GetParam()});
    for (int partition = 0; partition < kPartitions; ++partition) {
      job.Topic("orders").Add(world.orders[static_cast<size_t>(partition)], partition);
      job.Topic("payments").Add(world.payments[static_cast<size_t>(partition)], partition);
    }
    for (int crash = 0; crash < 3; ++crash) {
      job.RunSteps(200 + 400 * static_cast<uint64_t>(crash));
      job.Crash(crash == 1);
    }
    const auto outcome = job.Stop(RunEnd::kDrain);
    EXPECT_TRUE(outcome.has_value() && outcome->status.ok()) << (outcome ? outcome->status.ToString() : "still runs");
    *late = job.Committed<LateRecord>("weir.late.joins").size();
    std::vector<Matched> matched = job.Committed<Matched>("out");
    std::sort(matched.begin(), matched.end());
    return matched;
  }

  Pipeline pipeline_{"joins"};
};

TEST_P(JoinsJobTest, IntervalJoinIsTheSameWhateverHappens) {
  Sink(Orders().IntervalJoin(Payments(), Between{-10ms, 60ms}).Left("join", [](const Order& order, const Payment* payment) {
    return Matched{order.id, payment == nullptr ? -1 : payment->id};
  }));
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const World world(seed);
    size_t late = 0;
    size_t expected_late = 0;
    const std::vector<Matched> expected = Naive(world, true, expected_late);
    ASSERT_EQ(Run(world, seed, &late), expected) << "seed " << seed;
    ASSERT_EQ(late, expected_late) << "seed " << seed;
    ASSERT_GT(late, 0u);
  }
}

TEST_P(JoinsJobTest, UnmatchedRowsAreAStreamOfTheirOwn) {
  const auto [paid, unpaid] = Orders().IntervalJoin(Payments(), Between{-10ms, 60ms})
      .InnerAndUnmatched("join", [](const Order& order, const Payment& payment) { return Matched{order.id, payment.id}; });
  Sink(paid.Union(unpaid.Map([](const Order& order) { return Matched{order.id, -1}; })));
  const World world(7);
  size_t late = 0;
  const std::vector<Matched> expected = Naive(world, true, late);
  ASSERT_EQ(Run(world, 7, &late), expected);
}

TEST_P(JoinsJobTest, WindowJoinIsTheSameWhateverHappens) {
  Sink(Orders().WindowJoin(Payments(), Tumbling{100ms}).Inner("join", [](const Order& order, const Payment& payment) {
    return Matched{order.id, payment.id};
  }));
  std::vector<Matched> first;
  const World world(11);
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    size_t late = 0;
    const std::vector<Matched> matched = Run(world, seed, &late);
    if (seed == 1) first = matched;
    ASSERT_FALSE(matched.empty());
    ASSERT_EQ(matched, first) << "seed " << seed;
  }
}

TEST_P(JoinsJobTest, ReduceInEventTimeOrderIsTheSameWhateverHappens) {
  // The last order of each customer by time: as it comes, that would be any.
  Sink(Orders().InEventTimeOrder("by-time")
           .Reduce("sum", [](Order& kept, const Order& next) { kept.id = kept.id * 31 % 1'000'003 + next.id; })
           .Map([](const Order& order) { return Matched{order.id, order.customer}; }));
  const World world(13);
  std::vector<Matched> first;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    size_t late = 0;
    const std::vector<Matched> sums = Run(world, seed, &late);
    if (seed == 1) first = sums;
    ASSERT_GT(sums.size(), 200u);
    ASSERT_EQ(sums, first) << "seed " << seed;
  }
}

TEST_P(JoinsJobTest, AFunctionThatThrowsIsNamedWithItsKey) {
  Sink(Orders().IntervalJoin(Payments(), Between{-10ms, 60ms}).Left("join", [](const Order& order, const Payment* payment) {
    if (payment == nullptr || payment->id == 5) throw std::runtime_error(payment == nullptr ? "unpaid" : "no such payment");
    return Matched{order.id, payment->id};
  }));
  for (const bool paid : {true, false}) {
    test::Job job(pipeline_, {.parallelism = GetParam()});
    job.Topic("orders").Add(Order{1, 9, kStart});
    job.Topic("payments").Add(Payment{5, paid ? 9 : 8, kStart});
    const auto outcome = job.Stop(RunEnd::kDrain);
    ASSERT_TRUE(outcome.has_value());
    EXPECT_THAT(outcome->status.message(),
                testing::AllOf(testing::HasSubstr("operator join: at the"), testing::HasSubstr("row of key 9 with event time 17000"),
                               testing::HasSubstr(paid ? "a function threw: no such payment" : "a function threw: unpaid"),
                               testing::HasSubstr("correct the function")));
  }
}

INSTANTIATE_TEST_SUITE_P(Parallelism, JoinsJobTest, testing::Values(1, 2, 4));

}  // namespace
}  // namespace weir
