#include <iostream>

#include "connectors/kafka/kafka_broker.h"
#include "tests/contract/broker/group_cases.h"
#include "tests/contract/broker/producing_cases.h"
#include "tests/contract/broker/reading_cases.h"
#include "tests/contract/broker/transaction_cases.h"
#include "tests/support/real_broker.h"

namespace weir::test {
namespace {

class KafkaWorld : public BrokerWorld {
 public:
  explicit KafkaWorld(std::unique_ptr<KafkaBroker> broker) : broker_(std::move(broker)) {}
  LogBroker& broker() override { return *broker_; }
  void Pass(Duration duration) override { never_woken_.Wait(duration); }

 private:
  std::unique_ptr<KafkaBroker> broker_;
  ConditionWaker never_woken_;
};

std::unique_ptr<BrokerWorld> MakeKafka() {
  const Result<std::string> bootstrap = SharedBootstrap();
  if (!bootstrap.ok()) {
    std::cerr << bootstrap.status().ToString() << "\n";
    return nullptr;
  }
  return std::make_unique<KafkaWorld>(KafkaBroker::Connect({.bootstrap = bootstrap.value()}).value());
}

INSTANTIATE_TEST_SUITE_P(Kafka, BrokerContract, testing::Values(BrokerKind{"kafka", MakeKafka}));

}  // namespace
}  // namespace weir::test
