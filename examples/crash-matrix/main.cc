// A job that is tested by killing it: at every crash point, early and late, with and without a power cut. No broker, no
// disk, virtual time; the job is the one that its own program would run.
#include <cstdio>

#include "connectors/kafka/kafka_connector.h"
#include "environment/crash_matrix.h"

namespace {

struct Order {
  int64_t customer = 0;
  int64_t amount = 0;
};
struct Spent {
  int64_t customer = 0;
  int64_t orders = 0;
  int64_t sum = 0;
};

weir::Pipeline Spending() {
  weir::Pipeline pipeline{"spending"};
  pipeline.Source("orders", weir::kafka::Source<Order>{.topic = "orders"})
      .Filter([](const Order& order) { return order.amount > 0; })
      .KeyBy(&Order::customer)
      .Aggregate("sums", weir::CountAndSum(&Order::amount),
                 [](int64_t customer, const Order&, const weir::CountAndSumOfRows& so_far) {
                   return Spent{customer, so_far.count, so_far.sum};
                 })
      .Sink("out", weir::kafka::Sink<Spent>{.topic = "spent", .create_partitions = 2});
  return pipeline;
}

void SomeOrders(weir::test::Job& job) {
  for (int64_t i = 0; i < 30; ++i) job.Topic("orders").Add(Order{i % 5, i - 2});
}

}  // namespace

int main() {
  const weir::Pipeline pipeline = Spending();
  weir::test::CrashMatrix matrix(pipeline);
  matrix.Round(SomeOrders).Round(SomeOrders).Round(SomeOrders);
  const weir::test::CrashReport report = matrix.Run({"spent"});
  std::printf("%zu crashes, %zu points never met\n%s", report.cases.size(), report.not_met.size(), report.Text().c_str());
  return report.Text().empty() ? 0 : 1;
}
