// Makes librdkafka clients: owning handles, configuration for each role, logging, placement of threads.
// Internal to connectors/kafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connectors/kafka/kafka_settings.h"
#include "runtime/base/status.h"
#include "runtime/io/log_broker.h"

namespace weir {

template <auto kDestroy>
struct KafkaDeleter {
  template <class T>
  void operator()(T* handle) const { kDestroy(handle); }
};
/// Nothing is closed, committed or waited for: a dying client must look like one that died.
inline void DestroyClient(rd_kafka_t* client) {
  rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, KafkaDeleter<rd_kafka_conf_destroy>>;
using KafkaHandle = std::unique_ptr<rd_kafka_t, KafkaDeleter<DestroyClient>>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, KafkaDeleter<rd_kafka_topic_destroy>>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, KafkaDeleter<rd_kafka_queue_destroy>>;
using KafkaEvent = std::unique_ptr<rd_kafka_event_t, KafkaDeleter<rd_kafka_event_destroy>>;
using KafkaPartitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, KafkaDeleter<rd_kafka_topic_partition_list_destroy>>;
using KafkaOptions = std::unique_ptr<rd_kafka_AdminOptions_t, KafkaDeleter<rd_kafka_AdminOptions_destroy>>;

/// Where the lines of one client go. Connection chatter is for debugging only (the engine says that a broker is down);
/// the rest is limited to one line per subject and period. Safe from any thread.
class KafkaLog {
 public:
  KafkaLog(Logger logger, std::string client) : logger_(std::move(logger)), client_(std::move(client)) {}
  void Line(int syslog_level, const std::string& subject, const std::string& message);

 private:
  struct Subject {
    Instant said{};
    uint64_t held_back = 0;
  };
  const Logger logger_;
  const std::string client_;
  std::mutex mutex_;
  std::map<std::string, Subject> subjects_;
};

/// librdkafka's opaque pointer; outlives its client.
struct KafkaHooks {
  explicit KafkaHooks(const KafkaSettings& settings, std::string client) : log(settings.logger, std::move(client)) {}
  KafkaLog log;
  /// Deliveries that failed, from whatever thread polls.
  std::function<void(const rd_kafka_message_t&)> on_delivery;
};

/// InvalidArgument for releases of librdkafka with which transactions or fetches are known to go wrong. `version` as
/// rd_kafka_version() gives it.
Status CheckClientVersion(int version);

enum class KafkaRole { kAdmin, kProducer, kConsumer };

/// The configuration of a role: our defaults, then the user's settings, then what the engine owns.
/// `producer`: for kProducer; `batch_bytes_max`: zero leaves librdkafka's own.
Result<KafkaConf> MakeConf(const KafkaSettings& settings, KafkaRole role, KafkaHooks* hooks,
                           const ProducerConfig& producer = {}, uint64_t batch_bytes_max = 0);
/// Starts the client. Its threads inherit the cores of the calling thread: a consumer's run where its worker does.
Result<KafkaHandle> StartClient(KafkaRole role, KafkaConf conf);

/// Not more than librdkafka's int takes, and at least 1.
int ToMillis(Duration duration);

}  // namespace weir
