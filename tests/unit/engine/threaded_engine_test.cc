// Real worker threads, real time, the memory broker: what the thread sanitizer looks at.
#include <gmock/gmock.h>

#include <thread>

#include "connectors/kafka/kafka_connector.h"
#include "connectors/memory/memory_broker.h"
#include "environment/job_runner.h"
#include "environment/ledger.h"
#include "operators/pipeline.h"
#include "runtime/base/simulated_file_system.h"
#include "state/simulated_base_store.h"

namespace weir {
namespace {

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};

/// A replay of a topic into another one, on threads of its own.
class ThreadedReplay {
 public:
  ThreadedReplay(MemoryBroker& broker, const std::string& job, const std::string& output)
      : client_(broker.Connect()), files_(disk_.NewProcess()) {
    Pipeline pipeline{job};
    pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
        .KeyBy(&Bid::auction)
        .Aggregate("sums", Sum(&Bid::price), [](int64_t auction, int64_t sum) { return Bid{auction, sum}; })
        .Sink("out", kafka::Sink<Bid>{.topic = output, .create_partitions = 2});
    graph_ = WithLedger(pipeline.graph(), "/checkpoints");
    options_.engine.checkpoint_directory = "/checkpoints";
    options_.engine.parallelism = 2;
    options_.engine.mode = RunMode::kReplay;
    options_.engine.replay = {"earliest", "now", 1000, false};
    options_.engine.end = {EndPoint::Kind::kNow, 0};
    options_.engine.end_of_sources = RunEnd::kStop;
    options_.workers = 2;
  }
  ExitCode Run() {
    EngineSeams seams{&clock_, files_.get(), &random_, nullptr, client_.get(), &base_};
    JobRunner runner(graph_, options_, seams, Logger(graph_.job));
    return runner.Run();
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  SimulatedDisk disk_;
  SimulatedBaseStoreFactory base_;
  std::unique_ptr<MemoryClient> client_;
  std::unique_ptr<SimulatedFileSystem> files_;
  JobGraph graph_;
  JobRunnerOptions options_;
};

void AppendBids(MemoryBroker& broker, int count) {
  ASSERT_TRUE(broker.Connect()->CreateTopic({"bids", 3, -1, {}}).ok());
  for (int i = 0; i < count; ++i) {
    const std::string value = "{\"auction\":" + std::to_string(i % 7) + ",\"price\":1}";
    const OutgoingRecord record{{}, value, kNoTimestamp, i % 3};
    ASSERT_TRUE(broker.Append("bids", {&record, 1}).ok());
  }
}

TEST(ThreadedEngine, ReplaysATopicExactlyOnce) {
  SystemClock clock;
  MemoryBroker broker(clock);
  AppendBids(broker, 5000);
  ThreadedReplay replay(broker, "one", "out");
  EXPECT_EQ(replay.Run(), kExitFinished);
  EXPECT_THAT(*broker.Committed("out"), testing::SizeIs(5000));
}

TEST(ThreadedEngine, RunsTwoJobsInOneProcess) {
  SystemClock clock;
  MemoryBroker broker(clock);
  AppendBids(broker, 2000);
  ThreadedReplay first(broker, "first", "out-1");
  ThreadedReplay second(broker, "second", "out-2");
  ExitCode code = kExitRefused;
  std::thread other([&] { code = second.Run(); });
  EXPECT_EQ(first.Run(), kExitFinished);
  other.join();
  EXPECT_EQ(code, kExitFinished);
  EXPECT_THAT(*broker.Committed("out-1"), testing::SizeIs(2000));
  EXPECT_THAT(*broker.Committed("out-2"), testing::SizeIs(2000));
}

}  // namespace
}  // namespace weir
