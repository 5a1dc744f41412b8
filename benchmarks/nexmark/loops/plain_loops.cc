// nexmark_loop: what the queries would cost without an engine; the ceiling of the Nexmark figures. Hand-written loops on
// librdkafka, one thread, librdkafka's threads on the same core, no state, no recovery.
//
//   consume   takes every record of the topic
//   decode    reads what a windowed query needs: event_type and auction, bidder, price, dateTime of bids, with simdjson
//   project   the same with Weir's decoder, to see what of a figure is the decoder's
//   copy      q0: decode with simdjson, encode with fmt, produce, a transaction a second
#include <CLI/CLI.hpp>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <malloc.h>
#include <sched.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/nexmark/loops/hand_reader.h"
#include "benchmarks/nexmark/queries/input_rows.h"
#include "connectors/format/json.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr uint64_t kBatch = 1024;

[[noreturn]] void Die(const std::string& what) {
  fmt::print(stderr, "nexmark_loop: {}\n", what);
  std::exit(1);
}

void Check(rd_kafka_error_t* error, const char* what) {
  if (error != nullptr) Die(fmt::format("{}: {}", what, rd_kafka_error_string(error)));
}

struct Asked {
  std::string bootstrap;
  std::string input;
  std::string output;
  std::string loop;
  int partitions = 1;
  uint64_t events = 0;
};

/// Transactions of what is copied, a batch at a time.
class Output {
 public:
  Output(const std::string& bootstrap, const std::string& topic) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char error[256];
    const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", bootstrap.c_str()},
                                                            {"transactional.id", "nexmark-loop"},
                                                            {"linger.ms", "20"},
                                                            {"queue.buffering.max.messages", "0"},
                                                            {"queue.buffering.max.kbytes", "65536"},
                                                            {"socket.nagle.disable", "true"}};
    for (const auto& [name, value] : settings) {
      if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) Die(error);
    }
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (producer_ == nullptr) Die(error);
    Check(rd_kafka_init_transactions(producer_, 30'000), "init");
    topic_ = rd_kafka_topic_new(producer_, topic.c_str(), nullptr);
    Check(rd_kafka_begin_transaction(producer_), "begin");
    begun_ = Clock::now();
  }

  void Append(const nexmark::HandReadBid& bid) {
    const size_t begin = bytes_.size();
    fmt::format_to(std::back_inserter(bytes_),
                   FMT_COMPILE(R"({{"auction":{},"bidder":{},"price":{},"dateTime":{},"extra":")"), bid.auction,
                   bid.bidder, bid.price, bid.millis);
    for (const char c : bid.extra) {
      if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) bytes_ += '\\';
      bytes_ += c;
    }
    bytes_ += "\"}";
    slices_.emplace_back(begin, bytes_.size() - begin);
  }

  void Send() {
    messages_.assign(slices_.size(), {});
    for (size_t i = 0; i < slices_.size(); ++i) {
      messages_[i].payload = bytes_.data() + slices_[i].first;
      messages_[i].len = slices_[i].second;
    }
    for (size_t done = 0; done < messages_.size();) {
      done += static_cast<size_t>(rd_kafka_produce_batch(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                                         messages_.data() + done,
                                                         static_cast<int>(messages_.size() - done)));
      if (done < messages_.size()) rd_kafka_poll(producer_, 10);   // The queue is full.
    }
    rd_kafka_poll(producer_, 0);
    bytes_.clear();
    slices_.clear();
  }

  void CommitIfDue(bool last) {
    if (!last && Clock::now() - begun_ < std::chrono::seconds(1)) return;
    Check(rd_kafka_commit_transaction(producer_, 30'000), "commit");
    ++commits_;
    begun_ = Clock::now();
    if (!last) Check(rd_kafka_begin_transaction(producer_), "begin");
  }

  uint64_t commits() const { return commits_; }

 private:
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  Clock::time_point begun_;
  uint64_t commits_ = 0;
  std::string bytes_;
  std::vector<std::pair<size_t, size_t>> slices_;
  std::vector<rd_kafka_message_t> messages_;
};

struct Loop {
  rd_kafka_t* consumer = nullptr;
  nexmark::HandReader reader;
  std::unique_ptr<weir::RowDecoder> decoder;
  std::unique_ptr<Output> output;
  bool decodes = false;
  uint64_t events = 0;
  uint64_t in_batch = 0;
  uint64_t bids = 0;
  int64_t sum = 0;   // So that what was read is used.
};

void Project(std::string_view json, Loop& loop) {
  nexmark::WindowedEvent event;
  weir::Arena arena;
  if (!loop.decoder->Decode(json, &event, arena).ok()) Die(fmt::format("no event: {}", json));
  loop.bids += event.event_type == nexmark::kBidEvent ? 1 : 0;
  loop.sum += event.bid.auction + event.bid.bidder + event.bid.price + event.bid.dateTime.millis;
}

void OnMessage(rd_kafka_message_t* message, void* opaque) {
  Loop& loop = *static_cast<Loop*>(opaque);
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_message_errstr(message));
  const std::string_view json(static_cast<const char*>(message->payload), message->len);
  ++loop.events;
  if (++loop.in_batch >= kBatch) rd_kafka_yield(loop.consumer);
  if (loop.decoder != nullptr) return Project(json, loop);
  nexmark::HandReadBid bid;
  if (!loop.decodes || !loop.reader.Read(json, bid, loop.output != nullptr)) return;
  ++loop.bids;
  loop.sum += bid.auction + bid.bidder + bid.price + bid.millis;
  if (loop.output != nullptr) loop.output->Append(bid);
}

rd_kafka_queue_t* StartReading(const Asked& asked, Loop& loop) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256];
  const std::pair<const char*, const char*> settings[] = {{"bootstrap.servers", asked.bootstrap.c_str()},
                                                          {"group.id", "nexmark-loop"},
                                                          {"enable.auto.commit", "false"},
                                                          {"isolation.level", "read_committed"},
                                                          {"check.crcs", "true"},
                                                          {"queued.min.messages", "10000000"},
                                                          {"queued.max.messages.kbytes", "65536"}};
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) Die(error);
  }
  loop.consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (loop.consumer == nullptr) Die(error);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(loop.consumer, asked.input.c_str(), nullptr);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(loop.consumer);
  for (int p = 0; p < asked.partitions; ++p) {
    rd_kafka_consume_start_queue(topic, p, RD_KAFKA_OFFSET_BEGINNING, queue);
  }
  return queue;
}

void Run(const Asked& asked) {
  mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
  mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
  cpu_set_t core;
  CPU_ZERO(&core);
  CPU_SET(0, &core);
  sched_setaffinity(0, sizeof core, &core);

  Loop loop;
  loop.decodes = asked.loop != "consume";
  if (asked.loop == "project") loop.decoder = weir::NewJsonDecoder(weir::RowTypeOf<nexmark::WindowedEvent>());
  if (asked.loop == "copy") loop.output = std::make_unique<Output>(asked.bootstrap, asked.output);
  rd_kafka_queue_t* queue = StartReading(asked, loop);
  while (loop.events < asked.events) {
    rd_kafka_consume_callback_queue(queue, 100, OnMessage, &loop);
    loop.in_batch = 0;
    if (loop.output == nullptr) continue;
    loop.output->Send();
    loop.output->CommitIfDue(loop.events >= asked.events);
  }
  fmt::print("events={} bids={} sum={} commits={}\n", loop.events, loop.bids, loop.sum,
             loop.output != nullptr ? loop.output->commits() : 0);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Reads a Nexmark topic with plain librdkafka: the ceiling of the Nexmark benchmark"};
  Asked asked;
  app.add_option("loop", asked.loop, "consume, decode, project or copy")
      ->required()
      ->check(CLI::IsMember({"consume", "decode", "project", "copy"}));
  app.add_option("--bootstrap", asked.bootstrap)->required();
  app.add_option("--input", asked.input)->required();
  app.add_option("--output", asked.output, "of copy");
  app.add_option("--partitions", asked.partitions)->required();
  app.add_option("--events", asked.events, "stop after so many")->required();
  CLI11_PARSE(app, argc, argv);
  if (asked.loop == "copy" && asked.output.empty()) Die("copy needs --output");
  try {
    Run(asked);
  } catch (const std::exception& error) {
    Die(error.what());
  }
  std::fflush(stdout);
  std::_Exit(0);   // Handles are not closed: their sleeps are not part of the loop.
}
