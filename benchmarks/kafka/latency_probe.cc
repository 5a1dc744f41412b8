// bench_latency: how long a record takes from the moment it should be sent, through a job, to a read_committed reader.
// One thread sends at a fixed pace whatever happens (open loop) with the intended time in the record; this one reads
// the job's output. Prints one line: latencies in milliseconds, records sent, records read.
//
// With --windows-close-after D the job is one of windows whose bids may be D milliseconds out of order: then the time
// counts from the moment at which the row should be sent that closes a window, which is the first that is D later than its end.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(1);
constexpr std::string_view kStamp = R"("dateTime":)";
constexpr std::string_view kWindowEnd = R"("end":)";
constexpr int64_t kAuctionsOfWindows = 1000;
/// The results of one window come together: silence longer than any commit means that there are no more.
constexpr auto kSilence = std::chrono::seconds(3);

[[noreturn]] void Die(const std::string& what) {
  fmt::print(stderr, "bench_latency: {}\n", what);
  std::exit(1);
}

struct Asked {
  std::string bootstrap;
  std::string input;
  std::string output;
  int input_partitions = 1;
  int output_partitions = 4;
  int64_t rate = 20'000;
  int64_t seconds = 10;
  int64_t warm_up_seconds = 3;
  std::optional<int64_t> windows_close_after_ms;
};

int64_t Micros(steady_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

rd_kafka_t* NewClient(rd_kafka_type_t type, const std::string& bootstrap,
                      const std::vector<std::pair<const char*, const char*>>& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256];
  const auto set = [&](const char* name, const char* value) {
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) Die(error);
  };
  set("bootstrap.servers", bootstrap.c_str());
  set("socket.nagle.disable", "true");
  for (const auto& [name, value] : settings) set(name, value);
  rd_kafka_t* client = rd_kafka_new(type, conf, error, sizeof error);
  if (client == nullptr) Die(error);
  return client;
}

/// The moment at which sending begins, by both clocks: bids of windows carry milliseconds since 1970, others microseconds
/// of the clock that is never set.
struct Begin {
  steady_clock::time_point at = steady_clock::now();
  int64_t wall_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                        std::chrono::system_clock::now().time_since_epoch()).count();
};

/// Sends rate * seconds bids, a millisecond's worth at a time; each carries when it was due.
void Send(const Asked& asked, const Begin& start) {
  const steady_clock::time_point begin = start.at;
  const bool windows = asked.windows_close_after_ms.has_value();
  rd_kafka_t* producer = NewClient(RD_KAFKA_PRODUCER, asked.bootstrap, {{"linger.ms", "0"}});
  rd_kafka_topic_t* topic = rd_kafka_topic_new(producer, asked.input.c_str(), nullptr);
  const std::string filler(200, 'x');
  const int64_t total = asked.rate * asked.seconds;
  for (int64_t sent = 0; sent < total;) {
    const double elapsed = std::chrono::duration<double>(steady_clock::now() - begin).count();
    const int64_t due = std::min(total, static_cast<int64_t>(elapsed * static_cast<double>(asked.rate)));
    for (; sent < due; ++sent) {
      const int64_t micros_on = sent * 1'000'000 / asked.rate;
      const int64_t stamp = windows ? start.wall_ms + micros_on / 1000 : Micros(begin) + micros_on;
      const int64_t auction = windows ? sent % kAuctionsOfWindows : sent;
      const std::string json = fmt::format(
          R"({{"auction":{},"bidder":1,"price":1,"channel":"c","url":"u","dateTime":{},"extra":"{}"}})", auction, stamp,
          filler);
      const auto partition = static_cast<int32_t>(sent % asked.input_partitions);
      if (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(json.data()), json.size(), nullptr,
                           0, nullptr) != 0) {
        Die(rd_kafka_err2str(rd_kafka_last_error()));
      }
    }
    rd_kafka_poll(producer, 0);
    std::this_thread::sleep_for(kTick);
  }
  if (rd_kafka_flush(producer, 30'000) != RD_KAFKA_RESP_ERR_NO_ERROR) Die("the broker did not take all records");
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(producer);
}

int64_t NumberBehind(std::string_view name, std::string_view json) {
  const size_t at = json.find(name);
  int64_t number = 0;
  if (at == json.npos) Die(fmt::format("a record of the output has no {}: {}", name, json));
  std::from_chars(json.data() + at + name.size(), json.data() + json.size(), number);
  return number;
}

struct Reading {
  Begin begin;
  std::optional<int64_t> windows_close_after_ms;
  int64_t begin_micros = 0;
  int64_t after_micros = 0;            // Stamps before it are warm-up.
  int64_t before_micros = 0;           // And from here on nothing was sent any more: what closes a window came with the end.
  int64_t read = 0;
  std::vector<int64_t> latencies;      // Microseconds.

  /// When the row was due that this record comes of, by the clock that is never set.
  int64_t DueOf(std::string_view json) const {
    if (!windows_close_after_ms.has_value()) return NumberBehind(kStamp, json);
    return begin_micros + (NumberBehind(kWindowEnd, json) + *windows_close_after_ms - begin.wall_ms) * 1000;
  }
};

void OnMessage(rd_kafka_message_t* message, void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_message_errstr(message));
  Reading& reading = *static_cast<Reading*>(opaque);
  const int64_t stamp = reading.DueOf({static_cast<const char*>(message->payload), message->len});
  if (stamp < reading.begin_micros) return;   // Of another run.
  ++reading.read;
  if (stamp >= reading.after_micros && stamp < reading.before_micros) reading.latencies.push_back(Micros(steady_clock::now()) - stamp);
}

rd_kafka_queue_t* StartReading(const Asked& asked, rd_kafka_t* consumer) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(consumer, asked.output.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(consumer, 0, topic, &metadata, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) Die("no metadata");
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(consumer);
  for (int p = 0; p < asked.output_partitions; ++p) {
    rd_kafka_consume_start_queue(topic, p, RD_KAFKA_OFFSET_BEGINNING, queue);
  }
  return queue;
}

double Percentile(const std::vector<int64_t>& sorted, double part) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<size_t>(part * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(at, sorted.size() - 1)]) / 1000;
}

void Measure(const Asked& asked) {
  rd_kafka_t* consumer =
      NewClient(RD_KAFKA_CONSUMER, asked.bootstrap,
                {{"group.id", "weir-bench-latency"}, {"isolation.level", "read_committed"},
                 {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "10"}, {"queued.min.messages", "1000000"}});
  rd_kafka_queue_t* queue = StartReading(asked, consumer);
  Reading reading;
  reading.windows_close_after_ms = asked.windows_close_after_ms;
  const bool windows = asked.windows_close_after_ms.has_value();
  reading.begin_micros = Micros(reading.begin.at);
  reading.after_micros = reading.begin_micros + asked.warm_up_seconds * 1'000'000;
  reading.before_micros = reading.begin_micros + asked.seconds * 1'000'000;
  std::thread sender([&] { Send(asked, reading.begin); });
  const int64_t total = asked.rate * asked.seconds;
  const auto sent = reading.begin.at + std::chrono::seconds(asked.seconds);
  const auto give_up = sent + std::chrono::seconds(15);
  auto heard = steady_clock::now();
  while (steady_clock::now() < give_up) {
    if (!windows && reading.read == total) break;
    if (windows && steady_clock::now() > std::max(sent, heard) + kSilence) break;
    if (rd_kafka_consume_callback_queue(queue, 100, OnMessage, &reading) > 0) heard = steady_clock::now();
  }
  sender.join();
  std::sort(reading.latencies.begin(), reading.latencies.end());
  fmt::print("p50={:.1f} p99={:.1f} p999={:.1f} max={:.1f} sent={} read={}\n", Percentile(reading.latencies, 0.5),
             Percentile(reading.latencies, 0.99), Percentile(reading.latencies, 0.999),
             Percentile(reading.latencies, 1), total, reading.read);
  std::fflush(stdout);
  std::_Exit(windows ? reading.latencies.empty() : reading.read != total);   // Handles are not closed: nothing of theirs is measured any more.
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures the latency of a job that copies bids from a topic to another"};
  Asked asked;
  app.add_option("--bootstrap", asked.bootstrap)->required();
  app.add_option("--input", asked.input, "topic that the job reads; it exists")->required();
  app.add_option("--output", asked.output, "topic that the job writes; it exists")->required();
  app.add_option("--input-partitions", asked.input_partitions)->capture_default_str();
  app.add_option("--output-partitions", asked.output_partitions)->capture_default_str();
  app.add_option("--rate", asked.rate, "records a second")->capture_default_str();
  app.add_option("--seconds", asked.seconds)->capture_default_str();
  app.add_option("--warm-up-seconds", asked.warm_up_seconds, "not counted")->capture_default_str();
  app.add_option("--windows-close-after", asked.windows_close_after_ms,
                 "the job's results are windows of bids that may be out of order by so many milliseconds");
  CLI11_PARSE(app, argc, argv);
  Measure(asked);
}
