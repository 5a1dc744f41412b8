// Aggregates over money in whole jobs.
#include <gmock/gmock.h>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"

namespace weir {
namespace {

using testing::HasSubstr;

struct Payment {
  int64_t account = 0;
  Decimal<2> amount;
};
struct Balance {
  int64_t account = 0;
  Decimal<2> value;
};

template <class Aggregator>
std::vector<std::string> ValuesOf(Aggregator aggregator, const std::vector<Payment>& payments, EngineOutcome* failed = nullptr) {
  Pipeline pipeline{"decimals"};
  pipeline.Source("in", kafka::Source<Payment>{.topic = "in"})
      .KeyBy(&Payment::account)
      .Aggregate("value", aggregator, [](int64_t account, const Decimal<2>& value) { return Balance{account, value}; })
      .Sink("out", kafka::Sink<Balance>{.topic = "out", .create_partitions = 1});
  test::Job job(pipeline);
  for (const Payment& payment : payments) job.Topic("in").Add(payment);
  const auto outcome = job.Run();
  if (failed != nullptr && outcome.has_value()) *failed = *outcome;
  else EXPECT_FALSE(outcome.has_value()) << outcome->status.ToString();
  std::vector<std::string> texts;
  for (const Balance& balance : job.Committed<Balance>("out")) texts.push_back(balance.value.ToString());
  return texts;
}

const std::vector<Payment> kPayments = {{1, Decimal<2>{"0.10"}}, {1, Decimal<2>{"0.20"}}, {1, Decimal<2>{"-7"}}};

TEST(DecimalAggregates, SumIsExact) {
  EXPECT_THAT(ValuesOf(Sum{&Payment::amount}, kPayments), testing::ElementsAre("0.10", "0.30", "-6.70"));
}

TEST(DecimalAggregates, MinAndMaxCompareNumbers) {
  EXPECT_THAT(ValuesOf(Min{&Payment::amount}, kPayments), testing::ElementsAre("0.10", "0.10", "-7.00"));
  EXPECT_THAT(ValuesOf(Max{&Payment::amount}, kPayments), testing::ElementsAre("0.10", "0.20", "0.20"));
}

TEST(DecimalAggregates, ASumThatDoesNotFitStopsTheJobAndSaysSo) {
  const auto most = Decimal<2>::FromUnits(internal::kDecimalUnitsMax);
  EngineOutcome failed;
  ValuesOf(Sum{&Payment::amount}, {{1, most}, {1, Decimal<2>{"0.01"}}}, &failed);
  EXPECT_THAT(failed.status.ToString(), HasSubstr("decimal(2) overflow: " + most.ToString() + " + 0.01 has more than 38"));
}

}  // namespace
}  // namespace weir
