#include <librdkafka/rdkafka.h>

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
  int64_t GroupOffset(const std::string& group, const TopicPartition& partition) override {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    EXPECT_EQ(rd_kafka_conf_set(conf, "bootstrap.servers", broker_->Address().c_str(), nullptr, 0), RD_KAFKA_CONF_OK);
    EXPECT_EQ(rd_kafka_conf_set(conf, "group.id", group.c_str(), nullptr, 0), RD_KAFKA_CONF_OK);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
    rd_kafka_topic_partition_list_t* asked = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(asked, partition.topic.c_str(), partition.partition);
    EXPECT_EQ(rd_kafka_committed(client, asked, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    const int64_t offset = asked->elems[0].offset;
    rd_kafka_topic_partition_list_destroy(asked);
    rd_kafka_destroy(client);
    return offset < 0 ? -1 : offset;
  }

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
