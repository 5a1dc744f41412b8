// A manifest with something of everything in it.
#pragma once

#include "runtime/checkpoint/manifest.h"
#include "runtime/checkpoint/recovery_plan.h"

namespace weir::test {

inline Manifest SampleManifest() {
  Manifest m;
  m.job = "job";
  m.incarnation = {1, 2};
  m.attempt = {3, 4};
  m.n = CheckpointId{7};
  m.key_groups = 128;
  m.hash_version = 1;
  m.operators = {{"bids", OperatorRole::kSource, 2},
                 {"count", OperatorRole::kStateful, 1},
                 {"out", OperatorRole::kSink, 1}};
  m.states = {{"count", TaskIndex{0}, {0, 128}, {{"count", "value", "\"int64\"", "{\"n\":\"int64\"}"}},
               {{"count-0.base-4.000009.sst", 11, std::string(32, 'c')}},
               {{"count-0.delta-7.sst", 5, std::string(32, 'd')}}, CheckpointId{4}}};
  m.sources = {{"bids", "cluster-1",
                {{SplitId{"bids/0"}, {Offset{10}, EventTime{99}, EventTime{95}, false, "fp"}, std::nullopt},
                 {SplitId{"bids/1"}, {Offset{12}, kMinEventTime, kMinEventTime, true, ""}, Offset{500}}}}};
  m.staged = {{"out", TaskIndex{0}, std::string("a\0\xff", 3)}};
  m.counts = {10, 2, 1};
  m.operator_counts = {{"count", 12, {10, 2, 0}}};
  return m;
}

inline GraphFacts SampleGraph() {
  GraphFacts graph;
  graph.job = "job";
  graph.incarnation = {1, 2};
  graph.hash_version = 1;
  for (const ManifestOperator& op : SampleManifest().operators) {
    graph.operators.push_back({op, op.role == OperatorRole::kSource ? "cluster-1" : ""});
  }
  return graph;
}

}  // namespace weir::test
