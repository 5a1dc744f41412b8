// Every query of the benchmark on a memory broker, judged by the oracle; also with a crash in the middle.
#include "benchmarks/nexmark/queries/queries.h"

#include <gtest/gtest.h>

#include "benchmarks/nexmark/generator/envelope.h"
#include "benchmarks/nexmark/generator/generator.h"
#include "benchmarks/nexmark/oracle/expectation.h"
#include "benchmarks/nexmark/oracle/judge.h"
#include "benchmarks/nexmark/oracle/output_rows.h"
#include "environment/test_job.h"

namespace nexmark {
namespace {

constexpr int64_t kEvents = 3000;
// Spreads them over half a minute. It has no divisor in common with the length of an epoch, so all kinds come.
constexpr int64_t kStride = 1009;
constexpr int32_t kPartitions = 2;

/// For q8, which asks who opens an auction soon after having come.
constexpr int64_t kStrideOfNeighbours = 1;

std::vector<std::string> Records(int64_t stride) {
  const Generator generator({.filler = Filler::kFaithful});
  std::vector<std::string> records;
  Event event;
  for (int64_t number = 0; number < kEvents; ++number) {
    generator.Make(number * stride, event);
    AppendEnvelope(event, records.emplace_back());
  }
  return records;
}

oracle::Verdict Judged(oracle::Query query, const std::vector<std::string>& input,
                       const std::vector<std::string>& output) {
  oracle::Judge judge;
  const auto expectation = oracle::NewExpectation(query);
  const oracle::RowVisitor expect = [&](const oracle::Row& row) { judge.Expect(row); };
  oracle::EventReader reader;
  oracle::InputEvent event;
  for (const std::string& record : input) {
    EXPECT_TRUE(reader.Read(record, event)) << record;
    expectation->Add(event, expect);
  }
  expectation->Finish(expect);
  const oracle::RowVisitor find = [&](const oracle::Row& row) { judge.Find(row); };
  oracle::OutputRows rows(query);
  for (const std::string& record : output) {
    if (!rows.Add(record, find)) judge.FindUnreadable();
  }
  rows.Finish(find);
  return judge.Finish();
}

class NexmarkQuery : public testing::TestWithParam<std::string_view> {
 protected:
  NexmarkQuery() { QueryNamed(GetParam())({"events", "rows"}, pipeline_); }

  void Fill(weir::test::Job& job) {
    auto topic = job.Topic("events");
    for (size_t i = 0; i < records_.size(); ++i) topic.AddBytes(records_[i], static_cast<int32_t>(i % kPartitions));
  }

  void ExpectRightRows(weir::test::Job& job) {
    const oracle::Verdict verdict =
        Judged(*oracle::QueryNamed(GetParam()), records_, job.CommittedBytes("rows"));
    EXPECT_GT(verdict.expected, 0u);
    EXPECT_EQ(verdict.missing, 0u);
    EXPECT_EQ(verdict.unexpected, 0u);
    EXPECT_EQ(verdict.wrong, 0u);
  }

  const std::vector<std::string> records_ = Records(GetParam() == "q8" ? kStrideOfNeighbours : kStride);
  weir::Pipeline pipeline_{"nexmark-test"};
};

TEST_P(NexmarkQuery, GivesWhatTheOracleExpects) {
  weir::test::Job job(pipeline_, {.topic_partitions = kPartitions});
  Fill(job);
  job.Run();
  job.Stop(weir::RunEnd::kDrain);
  ExpectRightRows(job);
}

TEST_P(NexmarkQuery, GivesTheSameWhenItIsKilled) {
  weir::test::Job job(pipeline_, {.topic_partitions = kPartitions});
  Fill(job);
  for (const uint64_t steps : {100, 400, 1000}) {
    job.RunSteps(steps);
    job.Crash();
  }
  job.Run();
  job.Stop(weir::RunEnd::kDrain);
  ExpectRightRows(job);
}

INSTANTIATE_TEST_SUITE_P(All, NexmarkQuery, testing::ValuesIn(QueryNames()),
                         [](const auto& query) { return std::string(query.param); });

}  // namespace
}  // namespace nexmark
