// The configuration of a job: its keys, and what they come to.
#pragma once

#include <string>
#include <vector>

#include "connectors/kafka/kafka_settings.h"
#include "environment/job_runner.h"
#include "runtime/base/config.h"

namespace weir {



/// What the configuration says, checked.
struct JobSettings {
  JobRunnerOptions runner;
  KafkaSettings kafka;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  uint64_t replay_rows_per_barrier = 0;
  Duration replay_barrier_interval{};
};

/// Declares every key of this page in `config`.
void DeclareJobOptions(Config& config);

/// InvalidArgument with all that is wrong, one a line.
Result<JobSettings> ReadJobSettings(const Config& config);

/// "earliest", "latest", "offset:N", "timestamp:MILLIS" or a time as ISO 8601.
Result<StartPoint> ParseStartPoint(const std::string& text);
/// "now", "offset:N", "timestamp:MILLIS" or a time as ISO 8601.
Result<EndPoint> ParseEndPoint(const std::string& text);

}  // namespace weir
