// What a pipeline holds of the outside world: pure configuration. Who connects is decided by the environment, which
// opens every connector with its bindings; so the same pipeline runs on Kafka, in a test and in a simulation.
#pragma once

#include <memory>
#include <string>

#include "runtime/base/log.h"
#include "runtime/io/sink.h"
#include "runtime/io/source.h"

namespace weir {

class Clock;
class FileSystem;
class LogBroker;
class Random;

/// The seams as an engine passes them to its connectors. All outlive what is opened.
struct Bindings {
  FileSystem* files = nullptr;
  const Clock* clock = nullptr;
  Random* random = nullptr;
  LogBroker* log = nullptr;   ///< Null only if no connector of the pipeline needs a log.
  Logger logger;
};

/// Immutable.
class SourceConnector {
 public:
  virtual ~SourceConnector() = default;
  /// For `plan` and messages: "kafka topic bids".
  virtual std::string Describe() const = 0;
  virtual bool needs_log() const = 0;
  /// Problems that can be seen without connecting; empty if none.
  virtual std::string Problem() const { return {}; }
  virtual StartPoint start() const { return {}; }
  /// Its records carry a time of their own, which can be their event time.
  virtual bool has_record_times() const { return false; }
  virtual Result<std::unique_ptr<SplitSource>> Open(const Bindings& bindings) const = 0;
};

/// Immutable.
class SinkConnector {
 public:
  virtual ~SinkConnector() = default;
  virtual std::string Describe() const = 0;
  virtual bool needs_log() const = 0;
  virtual bool transactional() const = 0;
  virtual std::string Problem() const { return {}; }
  virtual Result<std::unique_ptr<RecordSink>> Open(const Bindings& bindings) const = 0;
};

}  // namespace weir
