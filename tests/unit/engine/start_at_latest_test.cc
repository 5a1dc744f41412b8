// A job that starts at the end of its topics: where that was is known to nobody but itself until a checkpoint says so.
#include <set>
#include <sstream>

#include "connectors/file/file_connector.h"
#include "runtime/base/file_system.h"
#include "tests/unit/engine/bad_world.h"

namespace weir {
namespace {

using test::Bid;
using test::Job;
using test::JobOptions;
using testing::SizeIs;

enum class CommitPoint { kMarker, kAtLeastOnce, kFiles };

class StartAtLatest : public testing::TestWithParam<CommitPoint> {
 protected:
  static Pipeline Copy() {
    Pipeline pipeline{"tail"};
    const auto bids =
        pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids", .start = {StartPoint::Kind::kLatest, 0}});
    if (GetParam() == CommitPoint::kFiles) bids.Sink("out", file::Sink<Bid>{.directory = "/out"});
    else bids.Sink("out", kafka::Sink<Bid>{.topic = "copy", .create_partitions = 1});
    return pipeline;
  }
  static JobOptions Options(uint64_t seed = 1) {
    JobOptions options;
    options.seed = seed;
    options.engine.exactly_once = GetParam() != CommitPoint::kAtLeastOnce;
    return options;
  }
  static void AddBids(Job& job, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) job.Topic("bids").Add(Bid{i, 1}, static_cast<int32_t>(i % 2));
  }
  static void RunUntilRunning(Job& job) {
    do job.RunSteps(1);
    while (!job.engine()->running());
  }
  /// What came out, each row once.
  static std::set<std::string> Copied(Job& job) {
    if (GetParam() != CommitPoint::kFiles) {
      const std::vector<std::string> values = job.CommittedBytes("copy");
      return {values.begin(), values.end()};
    }
    const auto disk = job.world().disk().NewProcess();
    std::set<std::string> lines;
    const std::vector<std::string> names = disk->List("/out").value();
    for (const std::string& name : names) {
      if (name.starts_with(".")) continue;
      std::istringstream text(ReadWholeFile(*disk, JoinPath("/out", name)).value());
      for (std::string line; std::getline(text, line);) lines.insert(line);
    }
    return lines;
  }
};

TEST_P(StartAtLatest, ForgetsNothingThatWasReadBeforeACrash) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Job job(Copy(), Options(seed));
    AddBids(job, 0, 100);
    RunUntilRunning(job);
    AddBids(job, 100, 150);
    while (job.engine()->counters().rows_read == 0) job.RunSteps(1);
    job.Crash(true);
    ASSERT_FALSE(job.Run().has_value());
    EXPECT_THAT(Copied(job), SizeIs(50));
  }
}

TEST_P(StartAtLatest, IsGoneOnWithAfterARunThatReadNothing) {
  Job job(Copy(), Options());
  AddBids(job, 0, 10);
  ASSERT_TRUE(job.Stop().has_value());
  AddBids(job, 10, 30);
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_THAT(Copied(job), SizeIs(20));
}

TEST_P(StartAtLatest, IsGoneOnWithAfterARunThatWasStoppedAtOnce) {
  Job job(Copy(), Options());
  AddBids(job, 0, 10);
  RunUntilRunning(job);
  job.engine()->RequestStop(RunEnd::kStop);
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->committed, CheckpointId{1});
  AddBids(job, 10, 30);
  ASSERT_FALSE(job.Run().has_value());
  EXPECT_THAT(Copied(job), SizeIs(20));
}

INSTANTIATE_TEST_SUITE_P(At, StartAtLatest,
                         testing::Values(CommitPoint::kMarker, CommitPoint::kAtLeastOnce, CommitPoint::kFiles));

}  // namespace
}  // namespace weir
