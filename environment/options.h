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
};

/// Declares every key of this page in `config`.
void DeclareJobOptions(Config& config);

/// What `config` says for a run of this mode: a replay has its own time between barriers. InvalidArgument with all that
/// is wrong, one a line, whatever the mode.
Result<JobSettings> ReadJobSettings(const Config& config, RunMode mode);

/// "earliest", "latest", "offset:N", "timestamp:MILLIS" or a time as ISO 8601.
Result<StartPoint> ParseStartPoint(const std::string& text);
/// "now", "offset:N", "timestamp:MILLIS" or a time as ISO 8601.
Result<EndPoint> ParseEndPoint(const std::string& text);

}  // namespace weir
