// A source whose splits had been idle wakes behind the others, in whole jobs: what has no chance any more goes to the ledger
// or to the late stream, and every row is accounted for.
#include <gmock/gmock.h>

#include <memory>
#include <tuple>

#include "connectors/kafka/kafka_connector.h"
#include "environment/ledger.h"
#include "environment/test_job.h"
#include "operators/join/event_time_order.h"
#include "operators/join/interval_join.h"
#include "operators/late_record.h"
#include "operators/window/windowed_stream.h"

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

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
  friend bool operator==(const Matched&, const Matched&) = default;
};

constexpr int64_t kStart = 1'700'000'000'000;

/// Orders fall silent while payments go on for five seconds; then an order and a payment of the silence come.
class WokenSplits : public testing::TestWithParam<std::tuple<uint32_t, bool>> {
 protected:
  auto Orders() {
    return pipeline_.Source("orders", kafka::Source<Order>{.topic = "orders"}).Timestamps(&Order::time, Ascending{});
  }
  auto Payments() {
    return pipeline_.Source("payments", kafka::Source<Payment>{.topic = "payments"}).Timestamps(&Payment::time, Ascending{});
  }
  void Sink(const Stream<Matched>& stream, const char* topic) {
    stream.Sink(topic, kafka::Sink<Matched>{.topic = topic, .create_partitions = 1});
  }
  std::unique_ptr<test::Job> Run() {
    test::JobOptions options{.parallelism = std::get<0>(GetParam())};
    options.engine.idle_after = 200ms;
    auto made = std::make_unique<test::Job>(pipeline_, options);
    test::Job& job = *made;
    job.Topic("orders").Add(Order{1, 7, kStart});
    job.Topic("payments").Add(Payment{1, 7, kStart}).Add(Payment{2, 7, kStart + 100}).Add(Payment{3, 7, kStart + 5000});
    job.Run();
    if (std::get<1>(GetParam())) job.Crash();
    job.Topic("orders").Add(Order{2, 7, kStart + 100}).Add(Order{3, 7, kStart + 5000});
    job.Run();
    const auto outcome = job.Stop(RunEnd::kDrain);
    EXPECT_TRUE(outcome.has_value() && outcome->status.ok()) << (outcome ? outcome->status.ToString() : "still runs");
    return made;
  }

  Pipeline pipeline_{"woken"};
};

TEST_P(WokenSplits, BringRowsThatAJoinSendsToTheLedger) {
  Sink(Orders().KeyBy(&Order::customer).IntervalJoin(Payments().KeyBy(&Payment::customer), Between{-10ms, 10ms})
           .Left("join", [](const Order& order, const Payment* payment) {
             return Matched{order.id, payment == nullptr ? -1 : payment->id};
           }), "out");
  const auto job = Run();
  EXPECT_THAT(job->Committed<Matched>("out"), ElementsAre(Matched{1, 1}, Matched{3, 3}));
  const auto late = job->Committed<LateRecord>(LateTopic("woken"));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].operator_id, "join.left");
  EXPECT_EQ(late[0].event_time, kStart + 100);
  EXPECT_EQ(late[0].watermark, kStart + 5000);
  EXPECT_EQ(late[0].row, R"({"id":2,"customer":7,"time":1700000000100})");
}

TEST_P(WokenSplits, BringRowsThatAJoinSendsToItsLateStream) {
  const auto joined = Payments().KeyBy(&Payment::customer).IntervalJoin(Orders().KeyBy(&Order::customer), Between{-10ms, 10ms})
      .Inner("join", [](const Payment& payment, const Order& order) { return Matched{order.id, payment.id}; });
  Sink(joined, "out");
  Sink(joined.LateRight().Map([](const Order& order) { return Matched{order.id, 0}; }), "late");
  const auto job = Run();
  EXPECT_THAT(job->Committed<Matched>("out"), ElementsAre(Matched{1, 1}, Matched{3, 3}));
  EXPECT_THAT(job->Committed<Matched>("late"), ElementsAre(Matched{2, 0}));
  EXPECT_THAT(job->CommittedBytes(LateTopic("woken")), IsEmpty());
}

TEST_P(WokenSplits, BringRowsThatEventTimeOrderSendsToTheLedger) {
  const auto orders = Orders().Map([](const Order& order) { return Matched{order.id, 0}; });
  const auto payments = Payments().Map([](const Payment& payment) { return Matched{0, payment.id}; });
  Sink(orders.Union(payments).KeyBy([](const Matched&) { return int64_t{7}; }).InEventTimeOrder("by-time")
           .Reduce("last", [](Matched& kept, const Matched& next) { kept = next; }), "out");
  const auto job = Run();
  EXPECT_EQ(job->Committed<Matched>("out").size(), 5u);
  const auto late = job->Committed<LateRecord>(LateTopic("woken"));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].operator_id, "by-time");
  EXPECT_EQ(late[0].row, R"({"order":2,"payment":0})");
}

TEST_P(WokenSplits, BringOneRowThatASessionSendsToTheLedgerWithoutThoseThatAreOnTime) {
  const auto orders = Orders().Map([](const Order& order) { return Matched{order.id, 0}; });
  const auto payments = Payments().Map([](const Payment& payment) { return Matched{0, payment.id}; });
  Sink(orders.Union(payments).KeyBy([](const Matched&) { return int64_t{7}; }).Window(Session{.gap = 10s})
           .Aggregate("session", Count{}, [](int64_t, Window w, int64_t rows) { return Matched{rows, w.end - kStart}; }), "out");
  const auto job = Run();
  EXPECT_THAT(job->Committed<Matched>("out"), ElementsAre(Matched{5, 15'000}));
  const auto late = job->Committed<LateRecord>(LateTopic("woken"));
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].operator_id, "session");
  EXPECT_EQ(late[0].event_time, kStart + 100);
  EXPECT_THAT(late[0].row, testing::HasSubstr(R"("rows":1)"));
}

INSTANTIATE_TEST_SUITE_P(All, WokenSplits, testing::Combine(testing::Values(1u, 2u, 4u), testing::Bool()));

}  // namespace
}  // namespace weir
