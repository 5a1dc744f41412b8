#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <utility>
#include <vector>

#include "tools/demo_support/die.h"
#include "tools/demo_support/load_target.h"

namespace demo {
namespace {

constexpr int kFinishMillis = 60'000;

class TopicTarget final : public LoadTarget {
 public:
  TopicTarget(const std::string& bootstrap, const std::string& topic, int32_t partitions) : partitions_(partitions) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 512> error{};
    const std::vector<std::pair<const char*, const char*>> settings = {
        {"bootstrap.servers", bootstrap.c_str()}, {"enable.idempotence", "true"}, {"linger.ms", "20"},
        {"compression.codec", "lz4"},             {"queue.buffering.max.kbytes", "65536"}};
    for (const auto& [name, value] : settings) {
      if (rd_kafka_conf_set(conf, name, value, error.data(), error.size()) != RD_KAFKA_CONF_OK) Die(error.data());
    }
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_dr_msg_cb(conf, &Delivered);
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error.data(), error.size());
    if (producer_ == nullptr) Die(fmt::format("no Kafka producer: {}", error.data()));
    topic_ = rd_kafka_topic_new(producer_, topic.c_str(), nullptr);
  }

  ~TopicTarget() override {
    rd_kafka_topic_destroy(topic_);
    rd_kafka_destroy(producer_);
  }

  void Add(uint64_t choice, std::string_view json) override {
    const auto partition = static_cast<int32_t>(choice % static_cast<uint64_t>(partitions_));
    while (rd_kafka_produce(topic_, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(json.data()), json.size(),
                            nullptr, 0, nullptr) != 0) {
      const rd_kafka_resp_err_t error = rd_kafka_last_error();
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) Die(fmt::format("a bid was refused: {}", rd_kafka_err2str(error)));
      rd_kafka_poll(producer_, 20);
    }
  }

  void Pass() override { rd_kafka_poll(producer_, 0); }

  void Finish() override {
    if (rd_kafka_flush(producer_, kFinishMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Die("the broker did not take all bids within a minute");
    }
  }

  uint64_t arrived() const override { return arrived_; }

 private:
  static void Delivered(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Die(fmt::format("a bid was not delivered: {}", rd_kafka_err2str(message->err)));
    }
    ++static_cast<TopicTarget*>(opaque)->arrived_;
  }

  const int32_t partitions_;
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  uint64_t arrived_ = 0;
};

}  // namespace

std::unique_ptr<LoadTarget> NewTopicTarget(const std::string& bootstrap, const std::string& topic, int32_t partitions) {
  return std::make_unique<TopicTarget>(bootstrap, topic, partitions);
}

}  // namespace demo
