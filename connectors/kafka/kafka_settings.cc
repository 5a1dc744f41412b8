#include "connectors/kafka/kafka_settings.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "runtime/base/did_you_mean.h"

namespace weir {
namespace {

struct Refusal {
  std::string_view name;   // Ends with '.': every setting below it.
  std::string_view reason;
};

constexpr std::string_view kExecutes = "it would load or run code that a job file names";
constexpr std::string_view kFake = "it replaces the cluster by a fake one, which proves nothing about exactly-once";
constexpr std::string_view kEpochs = "the engine names and times transactions, one an epoch";
constexpr std::string_view kOnce = "exactly-once needs the engine's value";
constexpr std::string_view kPositions = "positions are in checkpoints, not at the broker";
constexpr std::string_view kGroup = "splits are assigned by the engine, not by a consumer group";
constexpr std::string_view kMemory = "the engine bounds memory in bytes";
constexpr std::string_view kEvents = "the engine reads the client's events itself";

constexpr auto kRefusals = std::to_array<Refusal>({
    {"plugin.library.paths", kExecutes},
    {"ssl.engine.", kExecutes},
    {"sasl.kerberos.kinit.cmd", kExecutes},
    {"test.mock.", kFake},
    {"debug", "it may print secrets; use Weir's own log level"},
    {"transactional.id", kEpochs},
    {"transaction.timeout.ms", kEpochs},
    {"isolation.level", kOnce},
    {"enable.idempotence", kOnce},
    {"enable.gapless.guarantee", kOnce},
    {"acks", kOnce},
    {"request.required.acks", kOnce},
    {"max.in.flight", kOnce},
    {"max.in.flight.requests.per.connection", kOnce},
    {"retries", kOnce},
    {"message.send.max.retries", kOnce},
    {"queuing.strategy", kOnce},
    {"message.timeout.ms", kOnce},
    {"delivery.timeout.ms", kOnce},
    {"enable.auto.commit", kPositions},
    {"auto.commit.enable", kPositions},
    {"auto.commit.interval.ms", kPositions},
    {"enable.auto.offset.store", kPositions},
    {"auto.offset.reset", "an offset that is gone must be an error, else records would be skipped silently"},
    {"check.crcs", "a record that was damaged on its way must be an error"},
    {"offset.store.method", kPositions},
    {"offset.store.path", kPositions},
    {"offset.store.sync.interval.ms", kPositions},
    {"group.id", kGroup},
    {"group.instance.id", kGroup},
    {"group.protocol.type", kGroup},
    {"partition.assignment.strategy", kGroup},
    {"enable.partition.eof", kEvents},
    {"delivery.report.only.error", kEvents},
    {"enabled_events", kEvents},
    {"log.queue", kEvents},
    {"queue.buffering.max.messages", kMemory},
    {"queue.buffering.max.kbytes", kMemory},
    {"queued.min.messages", kMemory},
    {"queued.max.messages.kbytes", kMemory},
    {"message.max.bytes", "the topic's own max.message.bytes decides"},
    {"allow.auto.create.topics", "a mistyped topic must be an error"},
    {"partitioner", "keys go where Java producers put them (murmur2)"},
});

constexpr auto kSecretParts = std::to_array<std::string_view>(
    {"password", "secret", "key.pem", "_key", "oauthbearer.config", "token", "sasl.username"});

constexpr auto kNamesWithoutValue = std::to_array<std::string_view>(
    {"bootstrap.servers", "client.rack", "sasl.username", "sasl.password", "ssl.ca.location", "ssl.ca.pem",
     "ssl.certificate.location", "ssl.certificate.pem", "ssl.key.location", "ssl.key.pem", "ssl.key.password",
     "ssl.keystore.location", "ssl.keystore.password", "ssl.crl.location", "ssl.cipher.suites"});

const Refusal* FindRefusal(std::string_view name) {
  const auto found = std::ranges::find_if(kRefusals, [name](const Refusal& refusal) {
    return refusal.name.ends_with('.') ? name.starts_with(refusal.name) : name == refusal.name;
  });
  return found == kRefusals.end() ? nullptr : &*found;
}

std::vector<std::string> KnownNames() {
  const KafkaConf conf(rd_kafka_conf_new());
  size_t count = 0;
  const char** dump = rd_kafka_conf_dump(conf.get(), &count);
  // The client lists only what has a value.
  std::vector<std::string> names(kNamesWithoutValue.begin(), kNamesWithoutValue.end());
  for (size_t i = 0; i + 1 < count; i += 2) names.emplace_back(dump[i]);
  rd_kafka_conf_dump_free(dump, count);
  return names;
}

/// Empty where librdkafka takes it.
std::string Complaint(const KafkaConf& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> words{};
  switch (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), words.data(), words.size())) {
    case RD_KAFKA_CONF_OK: return {};
    case RD_KAFKA_CONF_UNKNOWN:
      return fmt::format("kafka.{}: {}{}", name, words.data(), DidYouMean(name, KnownNames()));
    case RD_KAFKA_CONF_INVALID: break;
  }
  if (IsSecretSetting(name)) return fmt::format("kafka.{}: librdkafka refuses the value (not shown: a secret)", name);
  return fmt::format("kafka.{}: {}", name, words.data());
}

}  // namespace

bool IsSecretSetting(std::string_view name) {
  return std::ranges::any_of(kSecretParts, [name](std::string_view part) { return name.find(part) != name.npos; });
}

Status CheckClientSettings(const std::map<std::string, std::string>& settings) {
  const KafkaConf conf(rd_kafka_conf_new());
  std::string problems;
  for (const auto& [name, value] : settings) {
    const Refusal* refusal = FindRefusal(name);
    const std::string problem = refusal != nullptr
                                    ? fmt::format("kafka.{} cannot be set: {}", name, refusal->reason)
                                    : Complaint(conf, name, value);
    if (!problem.empty()) problems += (problems.empty() ? "" : "\n") + problem;
  }
  return problems.empty() ? Status::Ok() : InvalidArgument(std::move(problems));
}

}  // namespace weir
