#include "environment/main.h"

#include <fmt/format.h>
#include <malloc.h>

#include <cstdio>
#include <optional>

#include "connectors/kafka/kafka_broker.h"
#include "environment/command_line.h"
#include "environment/ledger.h"
#include "environment/options.h"
#include "environment/signals.h"
#include "runtime/base/posix_file_system.h"
#include "runtime/checkpoint/markers.h"
#include "state/rocksdb_base_store.h"

namespace weir {
namespace {

/// Batches come and go by the thousand: giving their pages back to the system and taking them again costs a tenth of a
/// Kafka job's time.
void KeepFreedMemory() {
  constexpr int kKeptBytesMax = 256 * 1024 * 1024;
  constexpr int kMappedBytesMin = 32 * 1024 * 1024;
  mallopt(M_TRIM_THRESHOLD, kKeptBytesMax);
  mallopt(M_MMAP_THRESHOLD, kMappedBytesMin);
}

RunMode ModeOf(const CommandLine& line) { return line.command == "replay" ? RunMode::kReplay : RunMode::kStream; }

/// Everything that is wrong is said at once, before anything starts.
using Problems = std::vector<std::string>;

void Note(const Status& status, Problems& problems) {
  if (!status.ok()) problems.push_back(status.message());
}

int Usage(const Problems& problems) {
  fmt::print(stderr, "nothing was started:\n{}\n", fmt::join(problems, "\n"));
  return kExitUsage;
}

void LoadConfig(const CommandLine& line, FileSystem& files, Config& config, Problems& problems) {
  DeclareJobOptions(config);
  if (!line.config_file.empty()) Note(config.LoadFile(files, line.config_file), problems);
  config.LoadEnvironment(Config::ProcessEnvironment());
  for (const std::string& definition : line.definitions) Note(config.Define(definition), problems);
}

void CheckBootstrap(const CommandLine& line, const JobGraph& graph, const Config& config, Problems& problems) {
  const bool runs = line.command == "run" || line.command == "replay";
  if (!runs || !graph.needs_log() || config.IsGiven("kafka.bootstrap.servers")) return;
  problems.push_back("the job reads or writes topics: say where, with -D kafka.bootstrap.servers=host:port");
}

void ApplyCommand(const CommandLine& line, JobSettings& settings, Problems& problems) {
  EngineOptions& engine = settings.runner.engine;
  if (line.restore == "latest") engine.restore = RestorePolicy::kLatest;
  if (line.restore == "none") engine.restore = RestorePolicy::kNone;
  if (ModeOf(line) != RunMode::kReplay) return;
  if (line.from.empty() || line.to.empty()) return;   // The command line's problem.
  const Result<StartPoint> from = ParseStartPoint(line.from);
  const Result<EndPoint> to = ParseEndPoint(line.to);
  Note(from.status().WithContext("--from"), problems);
  Note(to.status().WithContext("--to"), problems);
  if (!from.ok() || !to.ok()) return;
  engine.end = *to;
  engine.start = [from = *from](StartPoint) { return from; };
  engine.replay = {line.from, line.to, settings.replay_rows_per_barrier, false};
  engine.end_of_sources = line.end == "drain" ? RunEnd::kDrain : RunEnd::kStop;
}

void PrintInfo(const JobGraph& graph, const JobSettings& settings, const Config& config) {
  fmt::print("job                {}\n", graph.job);
  fmt::print("checkpoints        {}/{}\n", settings.runner.engine.checkpoint_directory, graph.job);
  if (graph.has_transactional_sink() && settings.runner.engine.exactly_once) {
    fmt::print("commit point       a marker in topic {}\n", MarkerTopic(graph.job));
    fmt::print("transactional id   {}\n", TransactionalId(graph.job));
  } else {
    fmt::print("commit point       the file CURRENT in the checkpoint folder\n");
  }
  if (graph.has_transactional_sink()) {
    fmt::print("poison ledger      topic {}\n", LedgerTopic(graph.job));
    fmt::print("late ledger        topic {}\n", LateTopic(graph.job));
  } else {
    fmt::print("poison ledger      files in {0}/{1}/poison\nlate ledger        files in {0}/{1}/late\n",
               settings.runner.engine.checkpoint_directory, graph.job);
  }
  fmt::print("transaction limit  {} s\n",
             std::chrono::duration_cast<std::chrono::seconds>(settings.runner.engine.transaction_timeout).count());
  fmt::print("\nconfiguration\n");
  for (const Config::Entry& entry : config.Entries()) {
    const bool secret = entry.key.starts_with("kafka.") && IsSecretSetting(entry.key.substr(6));
    fmt::print("  {:<42} {:<14} {:<10} {}\n", entry.key, secret ? "(secret)" : entry.value, entry.origin,
               entry.description);
  }
}

int RunJob(const JobGraph& graph, const JobSettings& settings) {
  const Logger logger(graph.job);
  PosixFileSystem files;
  SystemClock clock;
  SystemRandom random;
  RocksDbBaseStoreFactory base;
  std::unique_ptr<KafkaBroker> kafka;
  if (graph.needs_log()) {
    KafkaSettings kafka_settings = settings.kafka;
    kafka_settings.logger = logger;
    auto connected = KafkaBroker::Connect(kafka_settings);
    if (!connected.ok()) return Usage({connected.status().message()});
    kafka = std::move(connected).value();
  }
  EngineSeams seams{&clock, &files, &random, nullptr, kafka.get(), &base};
  JobRunner runner(graph, settings.runner, seams, logger);
  SignalWatcher signals([&] {
    logger.Info("stopping", "asked to end by a signal: one last checkpoint; a second signal ends at once");
    runner.RequestStop(RunEnd::kStop);
  }, [&] {
    logger.Error("stop_overdue", "the last checkpoint did not get done in time: ending without it. Nothing is lost, the "
                                 "next start goes on from the last committed one");
  });
  logger.Info("starting", fmt::format("checkpoints in {}/{}", settings.runner.engine.checkpoint_directory, graph.job));
  return runner.Run();
}

}  // namespace

int Main(int argc, char** argv, const Pipeline& pipeline) {
  CommandLine line;
  Problems problems = pipeline.graph().Problems();
  if (const std::optional<int> code = ParseCommandLine(argc, argv, pipeline.job(), line, problems)) return *code;
  KeepFreedMemory();

  PosixFileSystem files;
  Config config;
  LoadConfig(line, files, config, problems);
  Result<JobSettings> read = ReadJobSettings(config, ModeOf(line));
  Note(read.status(), problems);
  JobSettings settings = read.ok() ? std::move(read).value() : JobSettings{};
  ApplyCommand(line, settings, problems);
  CheckBootstrap(line, pipeline.graph(), config, problems);
  if (!problems.empty()) return Usage(problems);

  ConfigureLogging(settings.log_level, settings.log_format);
  const JobGraph graph = WithLedger(pipeline.graph(), settings.runner.engine.checkpoint_directory);
  if (line.command == "plan") {
    const PhysicalPlan plan = MakePhysicalPlan(graph, settings.runner.engine.parallelism);
    fmt::print("{}", line.dot ? PlanAsDot(graph, plan) : PlanAsText(graph, plan));
    return kExitFinished;
  }
  if (line.command == "info") {
    PrintInfo(graph, settings, config);
    return kExitFinished;
  }
  return RunJob(graph, settings);
}

}  // namespace weir
