#include "tests/fault/undefended_job.h"

#include "connectors/kafka/kafka_broker.h"
#include "environment/ledger.h"
#include "environment/options.h"
#include "environment/signals.h"
#include "runtime/base/posix_file_system.h"
#include "state/rocksdb_base_store.h"

namespace weir::test {
namespace {

JobSettings SettingsOf(int argc, char** argv) {
  Config config;
  DeclareJobOptions(config);
  for (int i = 3; i < argc; i += 2) {
    const Status defined = config.Define(argv[i]);
    WEIR_CHECK(defined.ok(), defined.message());
  }
  Result<JobSettings> settings = ReadJobSettings(config, RunMode::kStream);
  WEIR_CHECK(settings.ok(), settings.status().message());
  return std::move(settings).value();
}

}  // namespace

int RunWithout(const std::string& without, int argc, char** argv, const Pipeline& pipeline) {
  JobSettings settings = SettingsOf(argc, argv);
  Defences& defences = settings.runner.engine.defences;
  WEIR_CHECK(without == "witness" || without == "producer-replacement", "there is no defence '" + without + "'");
  (without == "witness" ? defences.witness : defences.producer_replacement) = false;
  ConfigureLogging(settings.log_level, settings.log_format);
  const JobGraph graph = WithLedger(pipeline.graph(), settings.runner.engine.checkpoint_directory);
  const Logger logger(graph.job);
  settings.kafka.logger = logger;
  auto kafka = KafkaBroker::Connect(settings.kafka);
  WEIR_CHECK(kafka.ok(), kafka.status().message());
  PosixFileSystem files;
  SystemClock clock;
  SystemRandom random;
  RocksDbBaseStoreFactory base;
  JobRunner runner(graph, settings.runner, {&clock, &files, &random, nullptr, kafka->get(), &base}, logger);
  const SignalWatcher signals([&] { runner.RequestStop(RunEnd::kStop); }, [] {});
  return runner.Run();
}

}  // namespace weir::test
