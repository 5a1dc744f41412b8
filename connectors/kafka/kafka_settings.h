// How Weir reaches a Kafka cluster: what the user may say about it, and what the engine keeps to itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "runtime/base/clock.h"
#include "runtime/base/log.h"
#include "runtime/base/status.h"

namespace weir {

struct KafkaSettings {
  std::string bootstrap{};   ///< host:port, comma separated; empty: client_settings must name bootstrap.servers.
  /// librdkafka's settings by their own names (the user's `kafka.<name>`), for every client alike. May hold secrets.
  std::map<std::string, std::string> client_settings{};
  Logger logger{};
  /// For metadata and administrative requests, after which they are Unavailable.
  Duration request_timeout = std::chrono::seconds(10);
  /// What a producer holds that no broker acknowledged; then Produce takes less.
  uint64_t produce_buffer_bytes = 64u << 20;
  /// What a consumer fetches ahead, for each partition (the client can bound nothing wider), unless it is told.
  uint64_t prefetch_bytes_per_partition = 16u << 20;
};

/// All settings that a user may not give, that librdkafka does not know or whose value it refuses, one a line, each with
/// the reason. InvalidArgument. Secrets are not repeated.
Status CheckClientSettings(const std::map<std::string, std::string>& settings);

/// True where a value must never be logged or shown: passwords, keys, tokens.
bool IsSecretSetting(std::string_view name);

}  // namespace weir
