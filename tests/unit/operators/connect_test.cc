// Functions in front of two streams: rows of one key meet, and broadcast rows reach every task.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "runtime/base/random.h"
#include "tests/support/run_scale.h"

namespace weir {
namespace {

using testing::Contains;
using testing::HasSubstr;

struct Order {
  int64_t id = 0;
  int64_t time = 0;
};
struct Payment {
  int64_t order = 0;
  int64_t time = 0;
  int64_t amount = 0;
};
struct Matched {
  int64_t id = 0;
  int64_t amount = 0;   // -1: none came
  friend auto operator<=>(const Matched&, const Matched&) = default;
};

/// Each order with all that was paid for it within 100 ms of event time, when these are over.
struct Match : KeyedFunction<int64_t> {
  ValueState<int64_t> ordered{"ordered"};
  MapState<int64_t, int64_t> paid{"paid"};

  void OnLeft(const int64_t&, const Order& order, Context& ctx, Collector<Matched>&) {
    ordered.Mutable() = order.time;
    ctx.SetTimer(EventTime{order.time + 100});
  }
  void OnRight(const int64_t&, const Payment& payment, Context&, Collector<Matched>&) {
    paid.Update(payment.time, [&](int64_t& sum) { sum += payment.amount; });
  }
  void OnTimer(const int64_t& id, Timer timer, Context&, Collector<Matched>& out) {
    int64_t sum = paid.empty() ? -1 : 0;
    paid.ForEach([&](int64_t time, int64_t amount) { sum += time < timer.time.millis ? amount : 0; });
    out.Emit({id, sum});
    ordered.Clear();
    paid.Clear();
  }
};

Pipeline Matches() {
  Pipeline pipeline{"matches"};
  const auto orders = pipeline.Source("orders", kafka::Source<Order>{.topic = "orders"})
      .Timestamps(&Order::time, BoundedDisorder{std::chrono::milliseconds(40)})
      .KeyBy(&Order::id);
  const auto payments = pipeline.Source("payments", kafka::Source<Payment>{.topic = "payments"})
      .Timestamps(&Payment::time, BoundedDisorder{std::chrono::milliseconds(40)})
      .KeyBy(&Payment::order);
  orders.Connect(payments).Process<Matched>("match", Match{})
      .Sink("out", kafka::Sink<Matched>{.topic = "out", .create_partitions = 2});
  return pipeline;
}

TEST(CoProcess, BringsRowsOfOneKeyTogetherThroughKillsAndChangesOfParallelism) {
  for (uint64_t seed = 1; seed <= test::ModelSeeds(20); ++seed) {
    SeededRandom random(seed);
    test::Job job(Matches(), {.seed = seed, .parallelism = static_cast<uint32_t>(1 + random.Below(4))});
    std::map<int64_t, Matched> expected;
    job.Topic("orders");
    job.Topic("payments");
    int64_t now = 0;
    for (int64_t id = 0; id < 120; ++id) {
      now += static_cast<int64_t>(random.Below(10));
      const Order order{id, std::max<int64_t>(0, now - static_cast<int64_t>(random.Below(40)))};
      job.Topic("orders").Add(order, static_cast<int32_t>(id % 2));
      Matched& matched = expected[id] = {id, -1};
      for (uint64_t payments = random.Below(3); payments > 0; --payments) {
        const Payment payment{id, order.time + static_cast<int64_t>(random.Below(40)), static_cast<int64_t>(random.Below(50))};
        job.Topic("payments").Add(payment, static_cast<int32_t>(random.Below(2)));
        matched.amount = std::max<int64_t>(0, matched.amount) + payment.amount;
      }
      if (!random.OneIn(20)) continue;
      job.RunSteps(random.Below(600));
      job.Crash(random.OneIn(2));
      job.SetParallelism(static_cast<uint32_t>(1 + random.Below(4)));
    }
    const auto outcome = job.Stop(RunEnd::kDrain);
    ASSERT_TRUE(outcome.has_value() && outcome->status.ok()) << outcome->status.ToString();
    std::multiset<Matched> found;
    for (const Matched& matched : job.Committed<Matched>("out")) found.insert(matched);
    std::multiset<Matched> wanted;
    for (const auto& [id, matched] : expected) wanted.insert(matched);
    EXPECT_EQ(found, wanted) << "seed " << seed;
  }
}

struct Rule {
  int64_t id = 0;
  int64_t limit = 0;   // 0: the rule is withdrawn
};
struct Amount {
  int64_t key = 0;
  int64_t amount = 0;
};
struct Hit {
  int64_t key = 0;
  int64_t amount = 0;
  int64_t rules = 0;
};

struct Check : KeyedFunction<int64_t> {
  BroadcastState<int64_t, Rule> rules{"rules"};
  ValueState<int64_t> sum{"sum"};

  void OnRow(const int64_t& key, const Amount& row, Context&, Collector<Hit>& out) {
    sum.Mutable() += row.amount;
    Hit hit{key, *sum.Get(), 0};
    rules.ForEach([&](int64_t, const Rule& rule) { hit.rules += rule.limit <= row.amount ? 1 : 0; });
    out.Emit(hit);
  }
  void OnBroadcast(const Rule& rule) {
    if (rule.limit == 0) rules.Erase(rule.id);
    else rules.Put(rule.id, rule);
  }
};

Pipeline Checks() {
  Pipeline pipeline{"checks"};
  const auto rules = pipeline.Source("rules", kafka::Source<Rule>{.topic = "rules"});
  pipeline.Source("amounts", kafka::Source<Amount>{.topic = "amounts"})
      .KeyBy(&Amount::key)
      .Connect(rules.Broadcast())
      .Process<Hit>("checks", Check{})
      .Sink("out", kafka::Sink<Hit>{.topic = "out", .create_partitions = 2});
  return pipeline;
}

TEST(Broadcast, GivesEveryTaskAllRulesAndKeepsThemAtAnyParallelism) {
  for (const size_t roll_after_deltas : {1, 2, 100}) {
    test::JobOptions options{.seed = roll_after_deltas, .parallelism = 2};
    options.engine.roll_after_deltas = roll_after_deltas;
    test::Job job(Checks(), options);
    job.Topic("amounts");
    std::map<int64_t, int64_t> limits;
    size_t hits = 0;
    int64_t round = 0;
    for (const uint32_t parallelism : {2u, 5u, 3u, 1u, 4u, 4u}) {
      job.SetParallelism(parallelism);
      ++round;
      // A rule's changes are in one partition.
      for (int64_t id : {round, round + 1, round - 2}) {
        const Rule rule{id, id == round - 2 ? 0 : 10 * id};
        job.Topic("rules").Add(rule, static_cast<int32_t>(((id % 2) + 2) % 2));
        if (rule.limit == 0) limits.erase(id);
        else limits[id] = rule.limit;
      }
      job.Run();
      for (int64_t key = 0; key < 30; ++key) job.Topic("amounts").Add(Amount{key, 35}, static_cast<int32_t>(key % 2));
      job.Run();
      const auto due = std::count_if(limits.begin(), limits.end(), [](const auto& limit) { return limit.second <= 35; });
      const std::vector<Hit> all = job.Committed<Hit>("out");
      ASSERT_EQ(all.size(), hits += 30);
      for (const Hit& hit : all) {
        if (hit.amount != 35 * round) continue;
        EXPECT_EQ(hit.rules, due) << "round " << round << ", key " << hit.key;
      }
      job.Crash(true);
    }
  }
}

struct ChangesRules : KeyedFunction<int64_t> {
  BroadcastState<int64_t, Rule> rules{"rules"};
  void OnRow(const int64_t&, const Amount&, Context&, Collector<Hit>&) { rules.Put(1, {}); }
  void OnBroadcast(const Rule&) {}
};

TEST(Broadcast, MayBeChangedOnItsOwnSideOnly) {
  Pipeline pipeline{"checks"};
  const auto rules = pipeline.Source("rules", kafka::Source<Rule>{.topic = "rules"});
  pipeline.Source("amounts", kafka::Source<Amount>{.topic = "amounts"})
      .KeyBy(&Amount::key)
      .Connect(rules.Broadcast())
      .Process<Hit>("checks", ChangesRules{})
      .Sink("out", kafka::Sink<Hit>{.topic = "out", .create_partitions = 1});
  test::JobOptions options;
  options.engine.poison_fails = true;
  test::Job job(pipeline, options);
  job.Topic("rules");
  job.Topic("amounts").Add(Amount{1, 1});
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_THAT(outcome->status.message(), HasSubstr("broadcast state 'rules' may be changed in OnBroadcast only"));
}

}  // namespace
}  // namespace weir
