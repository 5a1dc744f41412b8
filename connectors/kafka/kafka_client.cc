#include "connectors/kafka/kafka_client.h"

#include <fmt/format.h>
#include <syslog.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "connectors/kafka/kafka_errors.h"

namespace weir {
namespace {

constexpr Duration kLogPeriod = std::chrono::seconds(10);
/// Lost connections (the engine says that a broker is down), settings of another role, and what transactional calls
/// and failed deliveries report as their result.
constexpr std::array<std::string_view, 9> kReportedElsewhere{"FAIL",     "ERROR",  "CONFWARN", "GETPID", "ADDPARTS",
                                                             "TXNERR", "ENDTXN", "FATAL",    "TXNCOMPLETE"};

void OnLog(const rd_kafka_t* client, int level, const char* subject, const char* message) {
  static_cast<KafkaHooks*>(rd_kafka_opaque(client))->log.Line(level, subject, message);
}

void OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  const auto* hooks = static_cast<KafkaHooks*>(opaque);
  if (hooks->on_delivery) hooks->on_delivery(*message);
}

using Values = std::map<std::string, std::string>;

constexpr int kSocketTimeoutMs = 10'000;

/// librdkafka wants requests to time out before the transaction does.
int SocketTimeoutMs(const ProducerConfig& producer) {
  if (producer.transactional_id.empty()) return kSocketTimeoutMs;
  return std::min(kSocketTimeoutMs, ToMillis(producer.transaction_timeout * 3 / 4));
}

/// What a user may override.
Values Defaults(KafkaRole role, const ProducerConfig& producer) {
  Values values{{"client.id", "weir"},
                {"socket.timeout.ms", std::to_string(SocketTimeoutMs(producer))},
                {"socket.nagle.disable", "true"},
                {"socket.keepalive.enable", "true"},
                {"reconnect.backoff.max.ms", "1000"},
                {"log.connection.close", "false"}};
  if (role == KafkaRole::kProducer) {
    values["linger.ms"] = "20";
    // How long a topic that is missing is taken for one that was just created.
    values["topic.metadata.propagation.max.ms"] = "5000";
  }
  if (role == KafkaRole::kConsumer) {
    // The end of a partition is told by an empty fetch, which takes this long.
    values["fetch.wait.max.ms"] = "100";
    values["fetch.error.backoff.ms"] = "100";
  }
  return values;
}

std::string Kilobytes(uint64_t bytes) {
  return std::to_string(std::clamp<uint64_t>(bytes >> 10, 1, std::numeric_limits<int>::max() >> 10));
}

/// What exactly-once and the engine's way of reading depend on.
Values Owned(const KafkaSettings& settings, KafkaRole role, const ProducerConfig& producer, uint64_t batch_bytes_max) {
  Values values;
  if (!settings.bootstrap.empty()) values["bootstrap.servers"] = settings.bootstrap;
  if (role == KafkaRole::kProducer) {
    values["enable.idempotence"] = "true";
    values["queue.buffering.max.messages"] = "0";
    values["queue.buffering.max.kbytes"] = Kilobytes(settings.produce_buffer_bytes);
    values["message.max.bytes"] = "100000000";
    values["delivery.report.only.error"] = "true";
    values["partitioner"] = "murmur2_random";
    if (batch_bytes_max > 0) values["batch.size"] = std::to_string(batch_bytes_max);
    if (!producer.transactional_id.empty()) {
      values["transactional.id"] = producer.transactional_id;
      values["transaction.timeout.ms"] = std::to_string(ToMillis(producer.transaction_timeout));
    }
    return values;
  }
  // Its metadata requests create no topics; a producer's would, where the broker allows it.
  values["allow.auto.create.topics"] = "false";
  // It decides what "end" means in offset requests too: for whoever asks it is the high watermark.
  values["isolation.level"] = role == KafkaRole::kAdmin ? "read_uncommitted" : "read_committed";
  values["enable.auto.commit"] = "false";
  values["enable.auto.offset.store"] = "false";
  values["auto.offset.reset"] = "error";
  values["check.crcs"] = "true";
  values["enable.partition.eof"] = "true";
  // A fetcher that finds either bound reached may sleep for a second: KafkaConsumer wakes it.
  values["queued.min.messages"] = "10000000";
  values["queued.max.messages.kbytes"] = Kilobytes(settings.prefetch_bytes_per_partition);
  return values;
}

Status Apply(rd_kafka_conf_t* conf, const Values& values) {
  std::array<char, 512> words{};
  for (const auto& [name, value] : values) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), words.data(), words.size()) == RD_KAFKA_CONF_OK) continue;
    return InvalidArgument(fmt::format("kafka.{}: {}", name, IsSecretSetting(name) ? "refused" : words.data()));
  }
  return Status::Ok();
}

}  // namespace

void KafkaLog::Line(int syslog_level, const std::string& subject, const std::string& message) {
  const bool chatter = syslog_level > LOG_WARNING || std::ranges::count(kReportedElsewhere, subject) > 0;
  if (chatter) return logger_.Debug("librdkafka", fmt::format("{}: {}: {}", client_, subject, message));
  uint64_t held_back = 0;
  {
    const std::lock_guard lock(mutex_);
    const Instant now = SystemClock().Now();
    Subject& last = subjects_[subject];
    if (last.said != Instant{} && now - last.said < kLogPeriod) {
      ++last.held_back;
      return;
    }
    held_back = std::exchange(last, {now, 0}).held_back;
  }
  const std::string more = held_back == 0 ? "" : fmt::format(" (and {} more since the last line)", held_back);
  const LogLevel level = syslog_level <= LOG_CRIT ? LogLevel::kError : LogLevel::kWarning;
  logger_.Log(level, "librdkafka", fmt::format("{}: {}: {}{}", client_, subject, message, more));
}

Status CheckClientVersion(int version) {
  constexpr int kTested = 0x020002ff;
  constexpr int kFaultyFrom = 0x02010000;
  constexpr int kFaultyBefore = 0x020a01ff;
  if (version >= kTested && (version < kFaultyFrom || version >= kFaultyBefore)) return Status::Ok();
  return InvalidArgument(fmt::format(
      "librdkafka {}.{}.{} is loaded: it has faults that can lose or double records. Use 2.0.2, which Debian 12 has, or "
      "2.10.1 and later", version >> 24 & 0xff, version >> 16 & 0xff, version >> 8 & 0xff));
}

Result<KafkaConf> MakeConf(const KafkaSettings& settings, KafkaRole role, KafkaHooks* hooks,
                           const ProducerConfig& producer, uint64_t batch_bytes_max) {
  KafkaConf conf(rd_kafka_conf_new());
  WEIR_RETURN_IF_ERROR(Apply(conf.get(), Defaults(role, producer)));
  WEIR_RETURN_IF_ERROR(Apply(conf.get(), settings.client_settings));
  WEIR_RETURN_IF_ERROR(Apply(conf.get(), Owned(settings, role, producer, batch_bytes_max)));
  rd_kafka_conf_set_opaque(conf.get(), hooks);
  rd_kafka_conf_set_log_cb(conf.get(), OnLog);
  if (role == KafkaRole::kProducer) rd_kafka_conf_set_dr_msg_cb(conf.get(), OnDelivery);
  return conf;
}

Result<KafkaHandle> StartClient(KafkaRole role, KafkaConf conf) {
  std::array<char, 512> words{};
  const rd_kafka_type_t type = role == KafkaRole::kProducer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), words.data(), words.size());
  if (client == nullptr) return InvalidArgument(fmt::format("a Kafka client could not be made: {}", words.data()));
  (void)conf.release();   // Now the client's.
  return KafkaHandle(client);
}

int ToMillis(Duration duration) {
  const int64_t millis = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return static_cast<int>(std::clamp<int64_t>(millis, 1, std::numeric_limits<int>::max()));
}

}  // namespace weir
