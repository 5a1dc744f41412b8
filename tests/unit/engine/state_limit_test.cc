// What a job may keep in memory: lists, maps, values and windows that outgrow it, one key or many.
#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "operators/join/event_time_order.h"

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

struct Kept {
  int64_t key = 0;
  int64_t number = 0;
  std::string text;
};

struct KeepsAList : KeyedFunction<int64_t> {
  ListState<int64_t> list{"list"};
  void OnRow(const int64_t&, const Kept& row, Context&, Collector<Kept>&) {
    for (int i = 0; i < 100; ++i) list.Append(row.number);
  }
};
struct KeepsAMap : KeyedFunction<int64_t> {
  MapState<int64_t, std::string> texts{"texts"};
  void OnRow(const int64_t&, const Kept& row, Context&, Collector<Kept>&) { texts.Put(row.number, row.text); }
};
struct KeepsAValue : KeyedFunction<int64_t> {
  ValueState<std::vector<std::string>> texts{"texts"};
  void OnRow(const int64_t&, const Kept& row, Context&, Collector<Kept>&) { texts.Mutable().push_back(row.text); }
};

/// How a job ends that may keep 1 MiB, and is given 2,000 rows of one key with texts of 1,000 bytes.
template <class Keep>
std::string EndOfAJobThat(Keep keep) {
  Pipeline pipeline{"keeps"};
  const auto rows = pipeline.Source("rows", kafka::Source<Kept>{.topic = "rows"})
                        .Timestamps(&Kept::number, BoundedDisorder{1h}).KeyBy(&Kept::key);
  keep(rows).Sink("out", kafka::Sink<Kept>{.topic = "out", .create_partitions = 1});
  JobOptions options;
  options.engine.state_bytes_max = 1 << 20;
  Job job(pipeline, options);
  for (int64_t i = 0; i < 2000; ++i) job.Topic("rows").Add(Kept{1, i, std::string(1000, 'x')});
  const auto outcome = job.Run();
  return outcome.has_value() ? outcome->status.message() : "it goes on";
}

const auto kSaysWhy = AllOf(HasSubstr("operator keeper"), HasSubstr("state.memory-max is 1 MiB"));

TEST(AJobThatOutgrowsItsMemory, StopsForTheElementsOfOneList) {
  EXPECT_THAT(EndOfAJobThat([](auto rows) { return rows.template Process<Kept>("keeper", KeepsAList{}); }), kSaysWhy);
}

TEST(AJobThatOutgrowsItsMemory, StopsForTheTextsOfOneMap) {
  EXPECT_THAT(EndOfAJobThat([](auto rows) { return rows.template Process<Kept>("keeper", KeepsAMap{}); }), kSaysWhy);
}

TEST(AJobThatOutgrowsItsMemory, StopsForWhatOneValueOwns) {
  EXPECT_THAT(EndOfAJobThat([](auto rows) { return rows.template Process<Kept>("keeper", KeepsAValue{}); }), kSaysWhy);
}

TEST(AJobThatOutgrowsItsMemory, StopsForTheRowsOfAWindow) {
  EXPECT_THAT(EndOfAJobThat([](auto rows) {
    return rows.Window(Tumbling{1h}).template Process<Kept>("keeper", [](int64_t, Window, std::span<const Kept>, Collector<Kept>&) {});
  }), kSaysWhy);
}

TEST(AJobThatOutgrowsItsMemory, StopsForRowsThatWaitForTheirTurn) {
  EXPECT_THAT(EndOfAJobThat([](auto rows) {
    return rows.InEventTimeOrder("keeper").Reduce("last", [](Kept& kept, const Kept& next) { kept = next; });
  }), kSaysWhy);
}

}  // namespace
}  // namespace weir::test
