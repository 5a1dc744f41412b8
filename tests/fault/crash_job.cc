// The job that the fault tests kill: auction-totals with its names, topics and sinks taken from the environment.
//   crash_job points     names of all crash points, one a line
//   crash_job run ...    as every job, with the points armed that WEIR_CRASH_POINT names, separated by commas:
//                        <name>[:<occurrence>[:stop]]. The process is killed there (SIGKILL) or, with `stop`, stopped
//                        until somebody continues it (SIGSTOP).
#include <signal.h>
#include <sys/prctl.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <sstream>
#include <string>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/main.h"
#include "operators/pipeline.h"
#include "runtime/base/crash_point.h"
#include "runtime/base/status.h"
#include "tests/fault/undefended_job.h"

namespace {

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
  int64_t partition = 0;   // Where the bid was read, not part of its JSON.
  int64_t offset = 0;
};

struct Total {
  int64_t auction = 0;
  int64_t partition = 0;
  int64_t offset = 0;
  int64_t price = 0;
  int64_t count = 0;
  int64_t sum = 0;
};

Total TotalAfter(int64_t auction, const Bid& bid, const weir::CountAndSumOfRows& totals) {
  return {auction, bid.partition, bid.offset, bid.price, totals.count, totals.sum};
}

std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

int PrintPoints() {
  for (const std::string& name : weir::CrashPoint::Names()) std::puts(name.c_str());
  return 0;
}

/// Arms what the test asks for as long as `armed` lives.
void ArmPoints(std::deque<weir::ArmedCrashPoint>& armed) {
  std::istringstream points(Setting("WEIR_CRASH_POINT"));
  for (std::string point; std::getline(points, point, ',');) {
    std::istringstream words(point);
    std::string name;
    std::string occurrence = "1";
    std::string action = "kill";
    std::getline(words, name, ':');
    std::getline(words, occurrence, ':');
    std::getline(words, action, ':');
    WEIR_CHECK(action == "kill" || action == "stop", "WEIR_CRASH_POINT: '" + action + "' is neither kill nor stop");
    const int signal = action == "stop" ? SIGSTOP : SIGKILL;
    // To this thread: one to the process would let it go on until another thread has been given a core to take it.
    armed.emplace_back(name, std::strtoull(occurrence.c_str(), nullptr, 10), [signal] { raise(signal); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  // A test that is ended from outside leaves no job behind.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc == 2 && std::string(argv[1]) == "points") return PrintPoints();
  std::deque<weir::ArmedCrashPoint> armed;   // Its elements stay where they are.
  ArmPoints(armed);
  weir::Pipeline pipeline{Setting("CRASH_JOB")};
  auto totals = pipeline
                    .Source("bids", weir::kafka::Source<Bid>{.topic = Setting("CRASH_JOB_INPUT"),
                                                             .partition = &Bid::partition,
                                                             .offset = &Bid::offset})
                    .KeyBy(&Bid::auction)
                    .Aggregate("totals", weir::CountAndSum(&Bid::price), TotalAfter);
  if (const std::string topic = Setting("CRASH_JOB_TOPIC"); !topic.empty()) {
    totals.Sink("topic", weir::kafka::Sink<Total>{.topic = topic,
                                                  .key = weir::kafka::KeyOf(&Total::auction),
                                                  .create_partitions = 4});
  }
  if (const std::string folder = Setting("CRASH_JOB_FOLDER"); !folder.empty()) {
    totals.Sink("files", weir::file::Sink<Total>{.directory = folder});
  }
  if (const std::string without = Setting("CRASH_JOB_WITHOUT"); !without.empty()) {
    return weir::test::RunWithout(without, argc, argv, pipeline);
  }
  return weir::Main(argc, argv, pipeline);
}
