// Which orders were paid, and which were not within an hour. README.md says how to run it.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/join/interval_join.h"
#include "operators/pipeline.h"

namespace {

using namespace std::chrono_literals;

struct Order {
  int64_t id = 0;
  int64_t amount = 0;
  weir::EventTime time;
};

struct Payment {
  int64_t order = 0;
  int64_t paid = 0;
  weir::EventTime time;
};

struct PaidOrder {
  int64_t order = 0;
  int64_t amount = 0;
  int64_t paid = 0;
  int64_t after_ms = 0;   // Negative where the payment came first.
};

PaidOrder Match(const Order& order, const Payment& payment) {
  return {order.id, order.amount, payment.paid, payment.time.millis - order.time.millis};
}

/// `SourceOf<Row>(name)` and `SinkOf<Row>(name)` say where rows come from and go to.
template <class SourceOf, class SinkOf>
void AddJoin(weir::Pipeline& pipeline, const SourceOf& source_of, const SinkOf& sink_of) {
  const auto orders = pipeline.Source("orders", source_of.template operator()<Order>("orders"))
                          .Timestamps(&Order::time, weir::BoundedDisorder{1min});
  const auto payments = pipeline.Source("payments", source_of.template operator()<Payment>("payments"))
                            .Timestamps(&Payment::time, weir::BoundedDisorder{1min});

  // A payment may be noted a little before its order. An order is unpaid once no payment in time can come any more.
  const auto [paid, unpaid] = orders.KeyBy(&Order::id)
                                  .IntervalJoin(payments.KeyBy(&Payment::order), weir::Between{-5s, 1h})
                                  .InnerAndUnmatched("match", Match);
  paid.Sink("paid-out", sink_of.template operator()<PaidOrder>("paid-orders"));
  unpaid.Sink("unpaid-out", sink_of.template operator()<Order>("unpaid-orders"));
}

}  // namespace

int main(int argc, char** argv) {
  weir::Pipeline pipeline{"orders-payments"};
  const char* given = std::getenv("ORDERS_PAYMENTS_FOLDER");
  const std::string folder = given == nullptr ? "" : given + std::string("/");
  if (given == nullptr) {
    AddJoin(pipeline, []<class Row>(const char* name) { return weir::kafka::Source<Row>{.topic = name}; },
            []<class Row>(const char* name) { return weir::kafka::Sink<Row>{.topic = name, .create_partitions = 2}; });
  } else {
    AddJoin(pipeline, [&]<class Row>(const char* name) { return weir::file::Source<Row>{.path = folder + name}; },
            [&]<class Row>(const char* name) { return weir::file::Sink<Row>{.directory = folder + name}; });
  }
  return weir::Main(argc, argv, pipeline);
}
