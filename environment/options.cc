#include "environment/options.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "connectors/format/timestamp.h"
#include "runtime/checkpoint/commit_protocol.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Guarantee { kExactlyOnce, kAtLeastOnce };
enum class PoisonPolicy { kLedger, kFail };

constexpr ConfigChoice<Guarantee> kGuarantees[] = {{"exactly-once", Guarantee::kExactlyOnce},
                                                   {"at-least-once", Guarantee::kAtLeastOnce}};
constexpr ConfigChoice<PoisonPolicy> kPoisonPolicies[] = {{"ledger", PoisonPolicy::kLedger},
                                                          {"fail", PoisonPolicy::kFail}};
constexpr ConfigChoice<LogLevel> kLogLevels[] = {{"debug", LogLevel::kDebug}, {"info", LogLevel::kInfo},
                                                 {"warning", LogLevel::kWarning}, {"error", LogLevel::kError}};
constexpr ConfigChoice<LogFormat> kLogFormats[] = {{"text", LogFormat::kText}, {"json", LogFormat::kJson}};

constexpr ConfigOption<std::string_view> kDirectory{
    "execution.checkpointing.dir", "", "Folder of checkpoints; empty: $XDG_STATE_HOME/weir or ~/.local/state/weir."};
constexpr ConfigOption<Duration> kInterval{"execution.checkpointing.interval", seconds(1), "Time between checkpoints."};
constexpr ConfigOption<Duration> kTimeout{"execution.checkpointing.timeout", seconds(40),
                                          "A checkpoint that takes longer fails, and the job goes on from the last one."};
constexpr ConfigOption<Duration> kMinPause{"execution.checkpointing.min-pause", Duration::zero(),
                                           "Least time between the end of a checkpoint and the next."};
constexpr ConfigOption<int64_t> kRetained{"execution.checkpointing.num-retained", 1, "Committed checkpoints kept."};
constexpr ConfigOption<Guarantee> kGuarantee{"execution.guarantee", Guarantee::kExactlyOnce,
                                             "at-least-once: no transactions; rows may be doubled after a crash.",
                                             kGuarantees};
constexpr ConfigOption<Duration> kStatusInterval{"execution.status-interval", seconds(10),
                                                 "Time between status lines; 0: only to say why output is missing."};
constexpr ConfigOption<Duration> kDiscovery{"execution.discovery-interval", seconds(30),
                                            "How often new partitions and files are looked for."};
constexpr ConfigOption<int64_t> kWorkers{"execution.workers", 0, "Worker threads; 0: one a core."};
constexpr ConfigOption<int64_t> kReplayRows{"execution.replay.rows-per-barrier", 100'000,
                                            "Rows of a micro-batch in replay."};
constexpr ConfigOption<Duration> kReplayInterval{"execution.replay.barrier-interval", seconds(10),
                                                 "A micro-batch ends after this time even with fewer rows."};
constexpr ConfigOption<int64_t> kParallelism{"parallelism.default", 1, "Tasks of an operator that does not say."};
constexpr ConfigOption<PoisonPolicy> kPoisonPolicy{"pipeline.poison.policy", PoisonPolicy::kLedger,
                                                   "What happens to records that cannot be processed.",
                                                   kPoisonPolicies};
constexpr ConfigOption<int64_t> kPoisonMax{"pipeline.poison.per-minute-max", 1000,
                                           "More poison records in a minute stop the job."};
constexpr ConfigOption<ByteSize> kStateMax{
    "state.memory-max", ByteSize{0}, "A job with more keyed state in memory at a checkpoint stops, and says which operator; 0: no limit."};
constexpr ConfigOption<Duration> kIdleAfter{
    "pipeline.event-time.idle-after", std::chrono::minutes(1),
    "A partition or file without new rows for so long holds event time back no more; 0: it does for ever."};
constexpr ConfigOption<std::string_view> kPacing{
    "pipeline.event-time.pacing", "auto",
    "How far a partition may be ahead of the slowest one in event time: a duration, off, or auto (30 s, or the longest "
    "window or join bound)."};
constexpr ConfigOption<ByteSize> kPrefetch{
    "pipeline.prefetch.memory", ByteSize{128u << 20}, "Memory for records that are read ahead, shared by all partitions."};
constexpr ConfigOption<Duration> kAheadMax{
    "pipeline.event-time.ahead-max", std::chrono::hours(24),
    "Rows whose event time is further ahead of their record's own time go to the poison ledger."};
constexpr ConfigOption<int64_t> kRestarts{"restart-strategy.fixed-delay.attempts", -1,
                                          "Restarts in a row without a commit; -1: no limit."};
constexpr ConfigOption<Duration> kRestartDelay{"restart-strategy.fixed-delay.delay", milliseconds(100),
                                               "Pause before a restart; doubles up to 10 s while nothing is committed."};
constexpr ConfigOption<Duration> kCommitDeadline{"execution.checkpointing.commit-deadline", seconds(30),
                                                 "When a commit that is not answered counts as unknown."};
constexpr ConfigOption<bool> kCheckBroker{
    "execution.checkpointing.check-broker", true,
    "Refuse Kafka clusters that do not verify transactional writes: older than 3.6, or switched off."};
constexpr ConfigOption<Duration> kTransactionTimeout{
    "testing.transaction-timeout", Duration::zero(),
    "For tests only: the broker's transaction time-out, whatever the timing rule says."};
constexpr ConfigOption<int64_t> kRollAfterDeltas{
    "testing.roll-after-deltas", 8, "For tests only: delta files of a state before they are merged into its base."};
constexpr ConfigOption<LogLevel> kLogLevel{"log.level", LogLevel::kInfo, "What is logged.", kLogLevels};
constexpr ConfigOption<LogFormat> kLogFormat{"log.format", LogFormat::kText, "Text for people, JSON for machines.",
                                             kLogFormats};

std::string DefaultDirectory() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0') {
    return std::string(state) + "/weir";
  }
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr ? home : ".") + "/.local/state/weir";
}

/// Collects every problem instead of stopping at the first.
class Reader {
 public:
  explicit Reader(const Config& config) : config_(config) {
    if (Status status = config.Validate(); !status.ok()) Problem(status.message());
  }

  template <class T>
  typename ConfigOption<T>::Value Get(const ConfigOption<T>& option) {
    auto value = config_.Get(option);
    if (value.ok()) return std::move(value).value();
    // Validate has said so.
    return typename ConfigOption<T>::Value(option.default_value);
  }
  int64_t GetAtLeast(const ConfigOption<int64_t>& option, int64_t least) {
    const int64_t value = Get(option);
    if (value < least) {
      Problem(std::string(option.key) + ": " + std::to_string(value) + " is less than " + std::to_string(least));
    }
    return value;
  }
  void Problem(const std::string& problem) { problems_ += (problems_.empty() ? "" : "\n") + problem; }
  const std::string& problems() const { return problems_; }

 private:
  const Config& config_;
  std::string problems_;
};

/// Barriers end transactions, and the broker ends those that outlast its time-out: there is none without an interval.
Duration ReadInterval(Reader& reader, const ConfigOption<Duration>& option) {
  const Duration interval = reader.Get(option);
  if (interval == Duration::zero()) {
    reader.Problem(std::string(option.key) + ": output is committed with checkpoints, so there must be some");
  }
  return interval;
}

Duration ReadPacing(Reader& reader) {
  const std::string text(reader.Get(kPacing));
  if (text == "auto") return Duration::max();
  if (text == "off") return Duration::zero();
  const Result<Duration> ahead = ParseDuration(text);
  if (ahead.ok() && *ahead > Duration::zero()) return *ahead;
  reader.Problem(std::string(kPacing.key) + ": '" + text + "' is none of auto, off, or a duration such as 30 s");
  return Duration::max();
}

void ReadTransactionTimeout(Reader& reader, EngineOptions& engine) {
  engine.transaction_timeout = reader.Get(kTransactionTimeout);
  if (engine.transaction_timeout != Duration::zero()) return;
  // A transaction begins when the one before is committed, and the pause is counted from then.
  const Duration longest_epoch = std::max(engine.checkpoint_interval, engine.checkpoint_min_pause);
  const auto timeout = TransactionTimeout(longest_epoch, engine.checkpoint_timeout, engine.commit_deadline);
  if (!timeout.ok()) return reader.Problem(timeout.status().message());
  engine.transaction_timeout = *timeout;
}

void ReadEngine(Reader& reader, RunMode mode, EngineOptions& engine) {
  engine.checkpoint_directory = reader.Get(kDirectory);
  if (engine.checkpoint_directory.empty()) engine.checkpoint_directory = DefaultDirectory();
  engine.parallelism = static_cast<uint32_t>(reader.GetAtLeast(kParallelism, 1));
  engine.checkpoints_retained = static_cast<uint32_t>(reader.GetAtLeast(kRetained, 1));
  const Duration live = ReadInterval(reader, kInterval);
  const Duration replay = ReadInterval(reader, kReplayInterval);
  engine.mode = mode;
  engine.checkpoint_interval = mode == RunMode::kReplay ? replay : live;
  engine.checkpoint_timeout = reader.Get(kTimeout);
  engine.checkpoint_min_pause = reader.Get(kMinPause);
  engine.commit_deadline = reader.Get(kCommitDeadline);
  engine.check_broker = reader.Get(kCheckBroker);
  engine.exactly_once = reader.Get(kGuarantee) == Guarantee::kExactlyOnce;
  engine.poison_fails = reader.Get(kPoisonPolicy) == PoisonPolicy::kFail;
  engine.poison_per_minute_max = static_cast<uint64_t>(reader.GetAtLeast(kPoisonMax, 0));
  engine.state_bytes_max = reader.Get(kStateMax).bytes;
  engine.idle_after = reader.Get(kIdleAfter);
  engine.pacing_ahead = ReadPacing(reader);
  engine.ahead_of_broker_max = reader.Get(kAheadMax);
  engine.prefetch_bytes = reader.Get(kPrefetch).bytes;
  engine.discovery_interval = reader.Get(kDiscovery);
  engine.status_interval = reader.Get(kStatusInterval);
  engine.roll_after_deltas = static_cast<size_t>(reader.GetAtLeast(kRollAfterDeltas, 1));
  ReadTransactionTimeout(reader, engine);
}

/// The part after "offset:" or "timestamp:", or a time in words.
struct Place {
  bool offset = false;
  int64_t value = 0;
};
Result<Place> ParsePlace(const std::string& text, const std::string& words) {
  for (const std::string prefix : {"offset:", "timestamp:"}) {
    if (!text.starts_with(prefix)) continue;
    WEIR_ASSIGN_OR_RETURN(const int64_t value, ParseInteger(text.substr(prefix.size())));
    return Place{prefix == "offset:", value};
  }
  if (EventTime time; ParseTimestamp(text, &time)) return Place{false, time.millis};
  return InvalidArgument("'" + text + "' is none of " + words +
                         ", offset:N, timestamp:MILLISECONDS or a time such as 2026-01-31T12:00:00Z");
}

}  // namespace

void DeclareJobOptions(Config& config) {
  config.Declare(kDirectory);
  config.Declare(kInterval);
  config.Declare(kTimeout);
  config.Declare(kMinPause);
  config.Declare(kRetained);
  config.Declare(kCommitDeadline);
  config.Declare(kCheckBroker);
  config.Declare(kGuarantee);
  config.Declare(kStatusInterval);
  config.Declare(kDiscovery);
  config.Declare(kWorkers);
  config.Declare(kReplayRows);
  config.Declare(kReplayInterval);
  config.Declare(kParallelism);
  config.Declare(kPoisonPolicy);
  config.Declare(kPoisonMax);
  config.Declare(kStateMax);
  config.Declare(kIdleAfter);
  config.Declare(kPacing);
  config.Declare(kAheadMax);
  config.Declare(kPrefetch);
  config.Declare(kRestarts);
  config.Declare(kRestartDelay);
  config.Declare(kTransactionTimeout);
  config.Declare(kRollAfterDeltas);
  config.Declare(kLogLevel);
  config.Declare(kLogFormat);
  config.DeclarePrefix("kafka.", "Settings of librdkafka by their own names, for example kafka.bootstrap.servers.");
  config.IgnoreEnvironment("WEIR_CRASH_POINT");   // The fault tests' own job reads it, no other does.
  config.IgnoreEnvironment("WEIR_CACHE_DIR");
}

Result<JobSettings> ReadJobSettings(const Config& config, RunMode mode) {
  Reader reader(config);
  JobSettings settings;
  ReadEngine(reader, mode, settings.runner.engine);
  settings.runner.restart.attempts_max = reader.Get(kRestarts);
  settings.runner.restart.delay = reader.Get(kRestartDelay);
  settings.runner.workers = static_cast<uint32_t>(reader.GetAtLeast(kWorkers, 0));
  settings.log_level = reader.Get(kLogLevel);
  settings.log_format = reader.Get(kLogFormat);
  settings.replay_rows_per_barrier = static_cast<uint64_t>(reader.GetAtLeast(kReplayRows, 1));
  settings.kafka.client_settings = config.GivenBelow("kafka.");
  if (Status status = CheckClientSettings(settings.kafka.client_settings); !status.ok()) {
    reader.Problem(status.message());
  }
  if (!reader.problems().empty()) return InvalidArgument(reader.problems());
  return settings;
}

Result<StartPoint> ParseStartPoint(const std::string& text) {
  if (text == "earliest") return StartPoint{StartPoint::Kind::kEarliest, 0};
  if (text == "latest") return StartPoint{StartPoint::Kind::kLatest, 0};
  WEIR_ASSIGN_OR_RETURN(const Place place, ParsePlace(text, "earliest, latest"));
  return StartPoint{place.offset ? StartPoint::Kind::kOffset : StartPoint::Kind::kTimestamp, place.value};
}

Result<EndPoint> ParseEndPoint(const std::string& text) {
  if (text == "now") return EndPoint{EndPoint::Kind::kNow, 0};
  WEIR_ASSIGN_OR_RETURN(const Place place, ParsePlace(text, "now"));
  return EndPoint{place.offset ? EndPoint::Kind::kOffset : EndPoint::Kind::kTimestamp, place.value};
}

}  // namespace weir
