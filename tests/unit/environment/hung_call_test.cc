// A client call that never returns. Its thread cannot be joined, so nothing the engine is made of can be destroyed: the
// process must be left as it is, and be started again by whoever started it.
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "connectors/kafka/kafka_connector.h"
#include "connectors/memory/memory_cluster.h"
#include "environment/job_runner.h"
#include "environment/ledger.h"
#include "operators/pipeline.h"
#include "runtime/base/random.h"
#include "runtime/base/simulated_file_system.h"
#include "state/simulated_base_store.h"

namespace weir {
namespace {

struct Row {
  int64_t number = 0;
};

/// Time passes with every look at it, so that a watchdog of minutes barks at once.
class HurriedClock : public Clock {
 public:
  Instant Now() const override { return Instant{} + std::chrono::milliseconds(10) * ++looks_; }
  int64_t WallMillis() const override { return 10 * ++looks_; }

 private:
  mutable std::atomic<int64_t> looks_{0};
};

enum class Hung { kNewProducer, kDescribeTopic };

/// A client whose library lost an answer for good.
class HungClient : public MemoryClient {
 public:
  HungClient(const Clock& clock, Hung hung)
      : MemoryClient(std::make_shared<MemoryCluster>(clock, MemoryOptions{})), hung_(hung) {}
  Result<std::unique_ptr<LogProducer>> NewProducer(const ProducerConfig& config) override {
    if (hung_ == Hung::kNewProducer) Hang();
    return MemoryClient::NewProducer(config);
  }
  Result<TopicInfo> DescribeTopic(const std::string& topic) override {
    if (hung_ == Hung::kDescribeTopic) Hang();
    return MemoryClient::DescribeTopic(topic);
  }
  void WaitUntilHung() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_hung_; });
  }

 private:
  void Hang() {
    std::unique_lock lock(mutex_);
    is_hung_ = true;
    changed_.notify_all();
    changed_.wait(lock, [] { return false; });
  }

  const Hung hung_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_hung_ = false;
};

/// Ends the process in the end, so nothing here needs to be destroyed.
[[noreturn]] void RunOnAHungClient(Hung hung, bool stopped_by_a_signal) {
  HurriedClock clock;
  SimulatedDisk disk;
  const auto files = disk.NewProcess();
  SystemRandom random;
  SimulatedBaseStoreFactory base;
  HungClient client(clock, hung);
  WEIR_CHECK(client.CreateTopic({"in", 1, -1, {}}).ok(), "a topic to read");
  Pipeline pipeline{"hung"};
  pipeline.Source("rows", kafka::Source<Row>{.topic = "in"})
      .Sink("copies", kafka::Sink<Row>{.topic = "out", .create_partitions = 1});
  const JobGraph graph = WithLedger(pipeline.graph(), "/checkpoints");
  JobRunnerOptions options;
  options.engine.checkpoint_directory = "/checkpoints";
  options.stop_grace = std::chrono::milliseconds(1);
  JobRunner runner(graph, options, {&clock, files.get(), &random, nullptr, &client, &base}, Logger("hung"));
  if (stopped_by_a_signal) {
    std::thread signal([&] {
      client.WaitUntilHung();
      runner.RequestStop(RunEnd::kStop);
    });
    signal.detach();
  }
  _exit(runner.Run());
}

class HungCallDeathTest : public testing::Test {
 protected:
  // Threads and forks do not mix.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(HungCallDeathTest, OfTheCommitEndsTheProcessWithTheCodeThatAsksForAnother) {
  EXPECT_EXIT(RunOnAHungClient(Hung::kNewProducer, false), testing::ExitedWithCode(kExitRestartProcess),
              "a client call has not returned");
}

TEST_F(HungCallDeathTest, OfAnyOtherKindDoesNotKeepAStoppedJobFromEnding) {
  EXPECT_EXIT(RunOnAHungClient(Hung::kDescribeTopic, true), testing::ExitedWithCode(kExitFinished), "still busy");
}

}  // namespace
}  // namespace weir
