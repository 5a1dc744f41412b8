// bench_load: fills a topic with bids as JSON, at a given rate or as fast as the broker takes them, and ends when all
// are acknowledged. The n-th bid depends on n alone, so every run reads the same bytes. Each auction is bid on.
#include <CLI/CLI.hpp>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

constexpr int kFinishMillis = 120'000;
constexpr auto kTick = std::chrono::milliseconds(5);
constexpr int64_t kFirstMillis = 1'436'918'400'000;   // 2015-07-15, as in the Nexmark data.
constexpr uint64_t kBidsPerMilli = 100;

[[noreturn]] void Die(const std::string& what) {
  fmt::print(stderr, "bench_load: {}\n", what);
  std::exit(1);
}

/// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t Mix(uint64_t n) {
  uint64_t z = n * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

void AppendLetters(uint64_t seed, size_t count, std::string& out) {
  for (size_t i = 0; i < count; ++i) {
    if (i % 12 == 0) seed = Mix(seed);
    out += static_cast<char>('a' + (seed >> (i % 12 * 5)) % 26);
  }
}

/// The size and fields of a Nexmark bid. The first `auctions` bids are for all auctions in turn.
void MakeBid(uint64_t n, uint64_t auctions, std::string& json) {
  const uint64_t draw = Mix(n);
  const uint64_t auction = 1000 + (n < auctions ? n : draw % auctions);
  const uint64_t channel = (draw >> 20) % 10'000;
  json.clear();
  fmt::format_to(std::back_inserter(json),
                 FMT_COMPILE(R"({{"auction":{},"bidder":{},"price":{},"channel":"channel-{}",)"
                             R"("url":"https://www.nexmark.com/)"),
                 auction, 1000 + (draw >> 33) % 50'000, 100 + (draw >> 13) % 10'000'000, channel);
  for (uint64_t folder = 0; folder < 3; ++folder) {
    AppendLetters(draw + folder, 5, json);
    json += '/';
  }
  fmt::format_to(std::back_inserter(json),
                 FMT_COMPILE(R"(item.htm?query=1&channel_id={}","dateTime":{},"extra":")"), channel,
                 kFirstMillis + static_cast<int64_t>(n / kBidsPerMilli));
  AppendLetters(draw + 3, 54 + draw % 28, json);
  json += "\"}";
}

void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die(fmt::format("a bid was not delivered: {}", rd_kafka_err2str(message->err)));
  }
}

rd_kafka_t* NewProducer(const std::string& bootstrap) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256];
  const auto set = [&](const char* name, const char* value) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) Die(error);
  };
  set("bootstrap.servers", bootstrap.c_str());
  set("enable.idempotence", "true");
  set("linger.ms", "20");
  set("queue.buffering.max.messages", "0");
  set("queue.buffering.max.kbytes", "65536");
  set("delivery.report.only.error", "true");
  rd_kafka_conf_set_dr_msg_cb(conf, OnDelivery);
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (producer == nullptr) Die(error);
  return producer;
}

struct Asked {
  std::string bootstrap;
  std::string topic;
  int partitions = 1;
  uint64_t records = 2'000'000;
  uint64_t auctions = 100'000;
  uint64_t first = 0;
  uint64_t rate = 0;
};

void Send(const Asked& asked, uint64_t n, rd_kafka_t* producer, rd_kafka_topic_t* topic, std::string& json) {
  MakeBid(n, asked.auctions, json);
  // By a draw, not by turns: the bids of an auction must not all be in one partition.
  const auto partition = static_cast<int32_t>(Mix(~n) % static_cast<uint64_t>(asked.partitions));
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, json.data(), json.size(), nullptr, 0, nullptr) != 0) {
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) Die(rd_kafka_err2str(rd_kafka_last_error()));
    rd_kafka_poll(producer, 20);
  }
}

void Load(const Asked& asked) {
  rd_kafka_t* producer = NewProducer(asked.bootstrap);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, asked.topic.c_str(), nullptr);
  const auto begin = std::chrono::steady_clock::now();
  std::string json;
  for (uint64_t sent = 0; sent < asked.records;) {
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const auto by_rate = static_cast<uint64_t>(elapsed * static_cast<double>(asked.rate));
    const uint64_t due = asked.rate == 0 ? asked.records : std::min(asked.records, by_rate);
    for (; sent < due; ++sent) Send(asked, asked.first + sent, producer, topic, json);
    rd_kafka_poll(producer, 0);
    if (asked.rate > 0) std::this_thread::sleep_for(kTick);
  }
  if (rd_kafka_flush(producer, kFinishMillis) != RD_KAFKA_RESP_ERR_NO_ERROR) Die("the broker did not take all bids");
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Fills a topic with bids: the input of the Kafka benchmarks"};
  Asked asked;
  app.add_option("--bootstrap", asked.bootstrap)->required();
  app.add_option("--topic", asked.topic, "it exists")->required();
  app.add_option("--partitions", asked.partitions, "each bid goes to any of them");
  app.add_option("--records", asked.records);
  app.add_option("--auctions", asked.auctions, "how many different ones");
  app.add_option("--first", asked.first, "number of the first bid");
  app.add_option("--rate", asked.rate, "bids a second; 0: as many as the broker takes");
  CLI11_PARSE(app, argc, argv);
  Load(asked);
  return 0;
}
