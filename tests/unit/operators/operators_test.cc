// Every operator in a whole job: rows in, rows out, at parallelism one and three.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "connectors/generator/generator.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

struct In {
  int64_t key = 0;
  int64_t value = 0;
};
struct Out {
  int64_t key = 0;
  int64_t value = 0;
};
struct Seen {
  int64_t times = 0;
};

class OperatorsTest : public testing::TestWithParam<uint32_t> {
 protected:
  Stream<In> Input() { return pipeline_.Source("in", kafka::Source<In>{.topic = "in"}); }
  template <class T>
  void Sink(const Stream<T>& stream) {
    stream.Sink("out", kafka::Sink<T>{.topic = "out", .create_partitions = 1});
  }
  /// Values that come out, as text "key:value", in the order of the output.
  std::vector<std::string> Run(const std::vector<In>& rows) {
    test::Job job(pipeline_, {.parallelism = GetParam()});
    for (const In& row : rows) job.Topic("in").Add(row, static_cast<int32_t>(row.key % 2));
    const auto outcome = job.Run();
    EXPECT_FALSE(outcome.has_value()) << outcome->status.ToString();
    std::vector<std::string> texts;
    for (const Out& out : job.Committed<Out>("out")) {
      texts.push_back(std::to_string(out.key) + ":" + std::to_string(out.value));
    }
    return texts;
  }

  Pipeline pipeline_{"operators"};
};

TEST_P(OperatorsTest, MapMakesOneRowOfEach) {
  Sink(Input().Map([](const In& in) { return Out{in.key, in.value * 10}; }));
  EXPECT_THAT(Run({{1, 1}, {2, 2}}), UnorderedElementsAre("1:10", "2:20"));
}

TEST_P(OperatorsTest, FilterKeepsWhatFits) {
  Sink(Input().Filter([](const In& in) { return in.value % 2 == 0; }));
  EXPECT_THAT(Run({{1, 1}, {1, 2}, {2, 3}, {2, 4}}), UnorderedElementsAre("1:2", "2:4"));
}

TEST_P(OperatorsTest, FlatMapMakesAnyNumberOfRows) {
  Sink(Input().FlatMap<Out>([](const In& in, Collector<Out>& out) {
    for (int64_t i = 0; i < in.value; ++i) out.Emit({in.key, i});
  }));
  EXPECT_THAT(Run({{1, 0}, {2, 2}}), UnorderedElementsAre("2:0", "2:1"));
}

TEST_P(OperatorsTest, UnionPassesRowsOfAllItsStreams) {
  const Stream<In> input = Input();
  const auto even = input.Filter([](const In& in) { return in.value % 2 == 0; });
  const auto odd = input.Filter([](const In& in) { return in.value % 2 == 1; });
  Sink(even.Union(odd));
  EXPECT_THAT(Run({{1, 1}, {1, 2}, {2, 3}}), UnorderedElementsAre("1:1", "1:2", "2:3"));
}

TEST_P(OperatorsTest, UnionOfAStreamWithTimesAndOneWithoutWritesEachAsItIs) {
  const auto rows = [](int64_t value) {
    return generator::Source<In>{.rows = 3, .make = [value](int64_t i) { return In{i, value}; }};
  };
  const auto timed = pipeline_.Source("timed", rows(1000)).Timestamps(&In::value, Ascending{});
  timed.Union(pipeline_.Source("plain", rows(-1))).Sink("out", kafka::Sink<In>{.topic = "out", .create_partitions = 1}, 1);
  for (uint64_t seed = 1; seed <= 10; ++seed) {   // They meet in one batch, or do not.
    test::Job job(pipeline_, {.seed = seed, .parallelism = GetParam()});
    job.Run();
    const std::vector<StoredRecord> records = job.world().broker().Committed("out").value();
    ASSERT_EQ(records.size(), 6u);
    for (const StoredRecord& record : records) {
      const bool has_time = record.value->find(":1000") != std::string::npos;
      EXPECT_EQ(record.timestamp_ms == 1000, has_time) << *record.value;
      EXPECT_GE(record.timestamp_ms, 0) << *record.value;
    }
  }
}

TEST_P(OperatorsTest, AStreamWithTwoConsumersGivesBothAllRows) {
  const Stream<In> input = Input();
  Sink(input.Map([](const In& in) { return Out{in.key, 0}; })
           .Union(input.Map([](const In& in) { return Out{in.key, 1}; })));
  EXPECT_THAT(Run({{1, 1}, {2, 2}}), UnorderedElementsAre("1:0", "1:1", "2:0", "2:1"));
}

TEST_P(OperatorsTest, AggregateEmitsEveryUpdateInOrderOfTheKey) {
  Sink(Input().KeyBy(&In::key).Aggregate("sum", Sum(&In::value),
                                         [](int64_t key, int64_t sum) { return Out{key, sum}; }));
  const std::vector<std::string> all = Run({{1, 1}, {1, 2}, {1, 3}});
  EXPECT_THAT(all, ElementsAre("1:1", "1:3", "1:6"));
}

TEST_P(OperatorsTest, AggregateOfFinalValuesEndsWithTheSameValuePerKey) {
  Sink(Input().KeyBy(&In::key).Aggregate("count", Count{}, [](int64_t key, int64_t n) { return Out{key, n}; },
                                         Emit::kFinalValues));
  std::map<char, std::string> last;
  for (const std::string& text : Run({{1, 0}, {2, 0}, {1, 0}, {1, 0}})) last[text[0]] = text;
  EXPECT_EQ(last['1'], "1:3");
  EXPECT_EQ(last['2'], "2:1");
}

TEST_P(OperatorsTest, MinAndMaxKeepTheExtremesOfAField) {
  Sink(Input().KeyBy(&In::key).Aggregate("max", Max(&In::value), [](int64_t key, int64_t m) { return Out{key, m}; }));
  EXPECT_THAT(Run({{1, 5}, {1, 9}, {1, 7}}), ElementsAre("1:5", "1:9", "1:9"));
}

TEST_P(OperatorsTest, ReduceFoldsTheRowsOfAKey) {
  Sink(Input().KeyBy(&In::key).Reduce("product", [](In& kept, const In& next) { kept.value *= next.value; }));
  EXPECT_THAT(Run({{1, 2}, {1, 3}, {1, 4}}), ElementsAre("1:2", "1:6", "1:24"));
}

TEST_P(OperatorsTest, ProcessReadsChangesAndClearsItsState) {
  Sink(Input().KeyBy(&In::key).Process<Out>(
      "every-second", ValueState<Seen>{}, [](int64_t key, const In&, Value<Seen>& seen, Collector<Out>& out) {
        if (seen.Get() == nullptr) {
          seen.Mutable().times = 1;
        } else {
          out.Emit({key, seen.Mutable().times + 1});
          seen.Clear();
        }
      }));
  EXPECT_THAT(Run({{1, 0}, {1, 0}, {1, 0}, {1, 0}}), ElementsAre("1:2", "1:2"));
}

TEST_P(OperatorsTest, KeysMayBeTexts) {
  Sink(Input()
           .KeyBy([](const In& in) { return std::string(in.value % 2 == 0 ? "even" : "odd"); })
           .Aggregate("n", Count{}, [](const std::string& key, int64_t n) {
             return Out{key == "even" ? 0 : 1, n};
           }));
  std::vector<std::string> out = Run({{1, 1}, {1, 2}, {1, 4}});
  EXPECT_THAT(out, UnorderedElementsAre("1:1", "0:1", "0:2"));
}

TEST_P(OperatorsTest, OperatorsMayHaveAParallelismOfTheirOwn) {
  Sink(Input().Map([](const In& in) { return Out{in.key, in.value}; }).Parallelism(2));
  EXPECT_THAT(Run({{1, 1}, {2, 2}, {1, 3}}), UnorderedElementsAre("1:1", "2:2", "1:3"));
}

TEST_P(OperatorsTest, AFunctionThatThrowsStopsTheJobAndIsNamed) {
  Sink(Input().Map([](const In& in) -> Out {
    if (in.value == 13) throw std::runtime_error("unlucky");
    return {in.key, in.value};
  }));
  test::Job job(pipeline_, {.parallelism = GetParam()});
  job.Topic("in").Add(In{1, 13});
  const auto outcome = job.Run();
  ASSERT_TRUE(outcome.has_value());
  EXPECT_EQ(outcome->kind, EngineOutcome::Kind::kRefused);
  EXPECT_THAT(outcome->status.message(), testing::HasSubstr("unlucky"));
}

INSTANTIATE_TEST_SUITE_P(AtParallelism, OperatorsTest, testing::Values(1u, 3u));

}  // namespace
}  // namespace weir
