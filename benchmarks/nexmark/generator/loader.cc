// nexmark_load: fills a topic with Nexmark events, uncompressed, as fast as the broker takes them or at a rate, and
// ends when all are acknowledged. Event e is in partition e % P, so every partition is in the order of event time.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "benchmarks/nexmark/generator/envelope.h"
#include "benchmarks/nexmark/generator/generator.h"

namespace {

constexpr int kFinishMillis = 300'000;
constexpr int64_t kBatch = 1000;
constexpr auto kTick = std::chrono::milliseconds(5);

[[noreturn]] void Die(const std::string& what) {
  fmt::print(stderr, "nexmark_load: {}\n", what);
  std::exit(1);
}

struct Asked {
  std::string bootstrap;
  std::string topic;
  int32_t partitions = 1;
  int64_t events = 1'000'000;
  int64_t first = 0;
  int64_t rate = 0;
  uint64_t seed = 1;
  bool faithful = false;
};

void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die(fmt::format("an event was not delivered: {}", rd_kafka_err2str(message->err)));
  }
}

rd_kafka_t* NewProducer(const std::string& bootstrap) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256];
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", bootstrap.c_str()},
                                                          {"enable.idempotence", "true"},
                                                          {"linger.ms", "20"},
                                                          {"queue.buffering.max.messages", "0"},
                                                          {"queue.buffering.max.kbytes", "65536"},
                                                          {"socket.nagle.disable", "true"},
                                                          {"delivery.report.only.error", "true"}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) Die(error);
  }
  rd_kafka_conf_set_dr_msg_cb(conf, OnDelivery);
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (producer == nullptr) Die(error);
  return producer;
}

/// Hands runs of events to librdkafka.
class Sender {
 public:
  Sender(const Asked& asked, rd_kafka_t* producer, rd_kafka_topic_t* topic)
      : asked_(asked),
        producer_(producer),
        topic_(topic),
        generator_({.seed = asked.seed,
                    .filler = asked.faithful ? nexmark::Filler::kFaithful : nexmark::Filler::kClean}) {}

  /// Events `begin` to `end`, without `end`.
  void Send(int64_t begin, int64_t end) {
    bytes_.clear();
    ends_.clear();
    for (int64_t event = begin; event < end; ++event) {
      generator_.Make(event, event_);
      nexmark::AppendEnvelope(event_, bytes_);
      ends_.push_back(bytes_.size());
    }
    size_t at = 0;
    for (int64_t event = begin; event < end; ++event) {
      const size_t next = ends_[static_cast<size_t>(event - begin)];
      Produce(static_cast<int32_t>(event % asked_.partitions), bytes_.data() + at, next - at);
      at = next;
    }
    bytes_sent_ += at;
  }

  size_t bytes_sent() const { return bytes_sent_; }

 private:
  void Produce(int32_t partition, char* bytes, size_t size) {
    while (rd_kafka_produce(topic_, partition, RD_KAFKA_MSG_F_COPY, bytes, size, nullptr, 0, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) Die(rd_kafka_err2str(rd_kafka_last_error()));
      rd_kafka_poll(producer_, 20);
    }
  }

  const Asked& asked_;
  rd_kafka_t* producer_;
  rd_kafka_topic_t* topic_;
  nexmark::Generator generator_;
  nexmark::Event event_;
  std::string bytes_;
  std::vector<size_t> ends_;
  size_t bytes_sent_ = 0;
};

void Load(const Asked& asked) {
  rd_kafka_t* producer = NewProducer(asked.bootstrap);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, asked.topic.c_str(), nullptr);
  Sender sender(asked, producer, topic);
  const auto begin = std::chrono::steady_clock::now();
  for (int64_t sent = 0; sent < asked.events;) {
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto by_rate = static_cast<int64_t>(elapsed * static_cast<double>(asked.rate));
    const int64_t due = asked.rate == 0 ? asked.events : std::min(asked.events, by_rate);
    while (sent < due) {
      const int64_t next = std::min(due, sent + kBatch);
      sender.Send(asked.first + sent, asked.first + next);
      sent = next;
      rd_kafka_poll(producer, 0);
    }
    if (asked.rate > 0) std::this_thread::sleep_for(kTick);
  }
  if (rd_kafka_flush(producer, kFinishMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) Die("the broker did not take all events");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print("events={} bytes={} mean={:.1f} seconds={:.2f}\n", asked.events, sender.bytes_sent(),
             static_cast<double>(sender.bytes_sent()) / static_cast<double>(std::max<int64_t>(asked.events, 1)),
             seconds);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Fills a topic with Nexmark events in JSON, persons, auctions and bids in one envelope"};
  Asked asked;
  app.add_option("--bootstrap", asked.bootstrap)->required();
  app.add_option("--topic", asked.topic, "it exists")->required();
  app.add_option("--partitions", asked.partitions, "event e goes to partition e % PARTITIONS")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--events", asked.events)->check(CLI::NonNegativeNumber);
  app.add_option("--first", asked.first, "number of the first event")->check(CLI::NonNegativeNumber);
  app.add_option("--rate", asked.rate, "events a second; 0: as many as the broker takes")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", asked.seed);
  app.add_flag("--faithful", asked.faithful, "filler as nexmark-flink has it: half of the bids need escapes");
  CLI11_PARSE(app, argc, argv);
  Load(asked);
  return 0;
}
