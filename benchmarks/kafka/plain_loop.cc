// The reference for Kafka to Kafka: what kafka-copy does, as a hand-written loop on librdkafka without an engine.
// Consume by callback drain, decode every field with simdjson, encode with fmt, produce in batches, a transaction a
// second; this thread and librdkafka's on one core. No state, no recovery, no checkpoints.
#include <CLI/CLI.hpp>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <malloc.h>
#include <sched.h>
#include <simdjson.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void Die(const std::string& what) {
  fmt::print(stderr, "plain_loop: {}\n", what);
  std::exit(1);
}

void Set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) Die(error);
}

void Check(rd_kafka_error_t* error, const char* what) {
  if (error != nullptr) Die(fmt::format("{}: {}", what, rd_kafka_error_string(error)));
}

struct Bid {
  int64_t auction = 0;
  int64_t bidder = 0;
  int64_t price = 0;
  std::string_view channel;
  std::string_view url;
  int64_t date_time = 0;
  std::string_view extra;
};

/// One batch: encoded values, and the messages that point to them.
struct Outgoing {
  std::string bytes;
  std::vector<std::pair<size_t, size_t>> slices;
  std::vector<rd_kafka_message_t> messages;
};

struct Loop {
  simdjson::ondemand::parser parser;
  std::string buffer;
  Outgoing out;
  rd_kafka_t* consumer = nullptr;
  uint64_t records = 0;
  uint64_t in_batch = 0;
  uint64_t batch_max = 1024;
};

Bid Decode(Loop& loop, std::string_view json) {
  loop.buffer.assign(json);
  loop.buffer.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  auto document = loop.parser.iterate(loop.buffer.data(), json.size(), loop.buffer.capacity());
  Bid bid;
  for (auto field : document.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "auction") bid.auction = field.value().get_int64();
    else if (key == "bidder") bid.bidder = field.value().get_int64();
    else if (key == "price") bid.price = field.value().get_int64();
    else if (key == "channel") bid.channel = field.value().get_string();
    else if (key == "url") bid.url = field.value().get_string();
    else if (key == "dateTime") bid.date_time = field.value().get_int64();
    else if (key == "extra") bid.extra = field.value().get_string();
  }
  return bid;
}

void AppendText(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) Die("this loop does not escape");
    (void)c;
  }
  out += text;
  out += '"';
}

void Encode(const Bid& bid, std::string& out) {
  fmt::format_to(std::back_inserter(out), FMT_COMPILE(R"({{"auction":{},"bidder":{},"price":{},"channel":)"),
                 bid.auction, bid.bidder, bid.price);
  AppendText(out, bid.channel);
  out += ",\"url\":";
  AppendText(out, bid.url);
  fmt::format_to(std::back_inserter(out), FMT_COMPILE(R"(,"dateTime":{},"extra":)"), bid.date_time);
  AppendText(out, bid.extra);
  out += '}';
}

void OnMessage(rd_kafka_message_t* message, void* opaque) {
  Loop& loop = *static_cast<Loop*>(opaque);
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_message_errstr(message));
  const Bid bid = Decode(loop, {static_cast<const char*>(message->payload), message->len});
  const size_t begin = loop.out.bytes.size();
  Encode(bid, loop.out.bytes);
  loop.out.slices.emplace_back(begin, loop.out.bytes.size() - begin);
  ++loop.records;
  if (++loop.in_batch >= loop.batch_max) rd_kafka_yield(loop.consumer);
}

void Produce(Loop& loop, rd_kafka_t* producer, rd_kafka_topic_t* topic) {
  Outgoing& out = loop.out;
  out.messages.assign(out.slices.size(), {});
  for (size_t i = 0; i < out.slices.size(); ++i) {
    out.messages[i].payload = out.bytes.data() + out.slices[i].first;
    out.messages[i].len = out.slices[i].second;
  }
  size_t done = 0;
  while (done < out.messages.size()) {
    done += static_cast<size_t>(rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                                       out.messages.data() + done,
                                                       static_cast<int>(out.messages.size() - done)));
    if (done < out.messages.size()) rd_kafka_poll(producer, 10);   // The queue is full.
  }
  out.bytes.clear();
  out.slices.clear();
  loop.in_batch = 0;
}

rd_kafka_t* NewProducer(const std::string& bootstrap) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", bootstrap.c_str());
  Set(conf, "transactional.id", "weir-bench-plain-loop");
  Set(conf, "linger.ms", "20");
  Set(conf, "queue.buffering.max.messages", "0");
  Set(conf, "queue.buffering.max.kbytes", "65536");
  Set(conf, "socket.nagle.disable", "true");
  char error[256];
  rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (producer == nullptr) Die(error);
  Check(rd_kafka_init_transactions(producer, 30'000), "init");
  return producer;
}

rd_kafka_t* NewConsumer(const std::string& bootstrap, const std::string& prefetch_kbytes) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  Set(conf, "bootstrap.servers", bootstrap.c_str());
  Set(conf, "group.id", "weir-bench-plain-loop");
  Set(conf, "enable.auto.commit", "false");
  Set(conf, "isolation.level", "read_committed");
  Set(conf, "check.crcs", "true");
  Set(conf, "queued.min.messages", "10000000");
  Set(conf, "queued.max.messages.kbytes", prefetch_kbytes.c_str());
  Set(conf, "auto.offset.reset", "earliest");
  char error[256];
  rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (consumer == nullptr) Die(error);
  return consumer;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Copies a topic with plain librdkafka: the reference of the Kafka benchmark"};
  std::string bootstrap;
  std::string input;
  std::string output;
  std::string prefetch_kbytes = "65536";
  int partitions = 1;
  uint64_t records = 0;
  app.add_option("--bootstrap", bootstrap)->required();
  app.add_option("--input", input)->required();
  app.add_option("--output", output)->required();
  app.add_option("--partitions", partitions)->required();
  app.add_option("--records", records, "stop after so many")->required();
  app.add_option("--prefetch-kbytes", prefetch_kbytes);
  CLI11_PARSE(app, argc, argv);

  mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
  mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
  cpu_set_t core;
  CPU_ZERO(&core);
  CPU_SET(0, &core);
  sched_setaffinity(0, sizeof core, &core);

  Loop loop;
  rd_kafka_t* producer = NewProducer(bootstrap);
  rd_kafka_topic_t* out_topic = rd_kafka_topic_new(producer, output.c_str(), nullptr);
  loop.consumer = NewConsumer(bootstrap, prefetch_kbytes);
  rd_kafka_topic_t* in_topic = rd_kafka_topic_new(loop.consumer, input.c_str(), nullptr);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(loop.consumer);
  for (int p = 0; p < partitions; ++p) {
    rd_kafka_consume_start_queue(in_topic, p, RD_KAFKA_OFFSET_BEGINNING, queue);
  }
  Check(rd_kafka_begin_transaction(producer), "begin");
  Clock::time_point committed = Clock::now();
  uint64_t commits = 0;
  while (loop.records < records) {
    rd_kafka_consume_callback_queue(queue, 100, OnMessage, &loop);
    if (loop.in_batch > 0) Produce(loop, producer, out_topic);
    rd_kafka_poll(producer, 0);
    if (Clock::now() - committed < std::chrono::seconds(1) && loop.records < records) continue;
    Check(rd_kafka_commit_transaction(producer, 30'000), "commit");
    ++commits;
    committed = Clock::now();
    if (loop.records < records) Check(rd_kafka_begin_transaction(producer), "begin");
  }
  fmt::print("records={} commits={}\n", loop.records, commits);
  std::fflush(stdout);
  std::_Exit(0);   // Handles are not closed: their sleeps are not part of the loop.
}
