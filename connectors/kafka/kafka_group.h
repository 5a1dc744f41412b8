// Offsets of a consumer group that has no members. Internal to connectors/kafka.
#pragma once

#include <memory>
#include <string>

#include "connectors/kafka/kafka_client.h"
#include "runtime/base/status.h"
#include "runtime/io/log_broker.h"

namespace weir {

/// A client of its own, which joins nothing and reads nothing. One thread at a time.
class KafkaGroup {
 public:
  static Result<std::unique_ptr<KafkaGroup>> Start(const KafkaSettings& settings, const std::string& group);

  /// Waits for the answer, for a bounded time. A request that was given up may still be executed later; a newer one
  /// comes behind it.
  Status Commit(const GroupOffsets& offsets);

 private:
  KafkaGroup(const KafkaSettings& settings, std::string group);

  const std::string group_;
  const Duration timeout_;
  KafkaHooks hooks_;
  KafkaHandle client_;
};

}  // namespace weir
