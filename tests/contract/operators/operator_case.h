// One operator in the table: how a pipeline has it, and what comes out of it by its definition.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "connectors/generator/generator.h"
#include "environment/operator_harness.h"
#include "operators/pipeline.h"
#include "tests/contract/operators/suite_data.h"

namespace weir::test {

inline std::vector<Out> WithTimes(const std::vector<TimedRow<Out>>& taken) {
  std::vector<Out> rows;
  for (const TimedRow<Out>& each : taken) {
    rows.push_back(each.row);
    rows.back().time = each.time.millis;
  }
  return rows;
}
inline std::vector<Out> TakeOuts(OperatorHarness& harness) { return WithTimes(harness.TakeWithTimes<Out>()); }

/// What must come out, whatever the parallelism, batches, restores and speed of splits.
enum class Repeats {
  kInOrder,     ///< The very rows with their event times, those of a lane in this order.
  kAnyOrder,    ///< The very rows with their event times.
  kLastValue,   ///< The last row of each lane, whatever its event time.
};

struct Expected {
  std::vector<Out> rows;
  std::vector<int64_t> late;   ///< Ids of the rows that came too late, in any order.
};

/// One way to configure the operator.
struct Variant {
  std::function<void(Pipeline&)> build;                 ///< Its id is "op", or that of the last node of kind `kind`.
  std::function<Expected(const Data&)> expected;
};

struct OperatorCase {
  std::string name;
  Repeats repeats = Repeats::kInOrder;
  DataShape data = {};
  std::vector<Variant> variants;
  bool leaves_state = false;                            ///< After a drain, because nothing says when it is over.
  std::string kind = {};                                ///< For operators that are given no id.
  std::function<std::vector<Out>(OperatorHarness&)> take = TakeOuts;
};

inline void PrintTo(const OperatorCase& one, std::ostream* out) { *out << one.name; }
inline std::string NameOf(const testing::TestParamInfo<OperatorCase>& info) { return info.param.name; }

/// Each case runs in all shapes; see every_operator_test.cc.
class EveryOperator : public testing::TestWithParam<OperatorCase> {};

// For the tables.

inline Stream<Event> Events(Pipeline& pipeline, const std::string& id = "events") {
  return pipeline.Source(id, generator::Source<Event>{.rows = 0, .make = [](int64_t) { return Event{}; }})
      .Timestamps(&Event::time, BoundedDisorder{std::chrono::milliseconds(kDisorder)});
}
inline auto ByKey(Pipeline& pipeline, const std::string& id = "events") { return Events(pipeline, id).KeyBy(&Event::key); }

/// Rows of an operator that emits what it takes.
inline std::vector<Out> TakeEvents(OperatorHarness& harness, Out (*out_of)(const Event&)) {
  std::vector<TimedRow<Out>> rows;
  for (const TimedRow<Event>& each : harness.TakeWithTimes<Event>()) rows.push_back({out_of(each.row), each.time, each.late});
  return WithTimes(rows);
}

}  // namespace weir::test
