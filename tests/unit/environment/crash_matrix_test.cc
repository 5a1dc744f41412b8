#include "environment/crash_matrix.h"

#include <gmock/gmock.h>

#include "connectors/kafka/kafka_connector.h"

namespace weir::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};

Pipeline Copies() {
  Pipeline pipeline{"copies"};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
      .KeyBy(&Bid::auction)
      .Reduce("sums", [](Bid& kept, const Bid& next) { kept.price += next.price; })
      .Sink("out", kafka::Sink<Bid>{.topic = "sums", .create_partitions = 2});
  return pipeline;
}

void Feed(Job& job) {
  for (int64_t i = 0; i < 20; ++i) job.Topic("bids").Add(Bid{i % 4, i});
}

TEST(CrashMatrix, FindsNothingInAJobThatIsRight) {
  const Pipeline pipeline = Copies();
  const CrashReport report = CrashMatrix(pipeline).Round(Feed).Round(Feed).Round(Feed).Run({"sums"});
  EXPECT_EQ(report.Text(), "");
  EXPECT_THAT(report.cases, SizeIs(Gt(100u)));
  EXPECT_THAT(report.not_met, AllOf(Contains("file_sink.sealed"), Not(Contains("commit.witnessed"))));
}

TEST(CrashMatrix, SeesRowsThatAreLost) {
  const Pipeline pipeline = Copies();
  JobOptions options;
  options.engine.defences.textbook_order = true;
  const CrashReport report = CrashMatrix(pipeline, options).Round(Feed).Round(Feed).Run({"sums"});
  EXPECT_THAT(report.Text(), AllOf(HasSubstr("killed at "), HasSubstr("records are missing")));
}

TEST(CrashMatrix, AsksAJudgeOfTheUsersOwn) {
  const Pipeline pipeline = Copies();
  const CrashReport report = CrashMatrix(pipeline).Round(Feed).Run([](Job& job) {
    return job.CommittedBytes("sums").size() == 20 ? "" : "not 20 rows";
  });
  EXPECT_EQ(report.Text(), "");
}

}  // namespace
}  // namespace weir::test
