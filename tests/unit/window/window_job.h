// Runs a windowed pipeline over partitions of clicks, with crashes and restarts in between if asked for.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "runtime/base/random.h"
#include "tests/unit/window/window_reference.h"

namespace weir::test {

struct LateValue {
  int64_t value = 0;
};

inline constexpr int64_t kDisorderMs = 40;
/// Some time in 2023, that no window of the tests begins with.
inline constexpr int64_t kStart = 1'700'000'000'009;

/// The stream of clicks of a pipeline, read from the topic "clicks".
inline Stream<Click> Clicks(Pipeline& pipeline) {
  return pipeline.Source("clicks", kafka::Source<Click>{.topic = "clicks"})
      .Timestamps(&Click::time, BoundedDisorder{std::chrono::milliseconds(kDisorderMs)});
}

template <class T>
void SinkTo(const Stream<T>& stream, const std::string& topic) {
  stream.Sink(topic, kafka::Sink<T>{.topic = topic, .create_partitions = 1});
}

/// Out-of-order clicks around a time that rises at another speed in each partition; a tenth of them late or nearly so.
inline Partitions RandomClicks(uint64_t seed, size_t rows, int64_t keys, int64_t start = kStart,
                               size_t partitions = 3) {
  SeededRandom random(seed);
  Partitions made(partitions);
  std::vector<int64_t> time(partitions, start);
  for (size_t i = 0; i < rows; ++i) {
    const size_t partition = random.Below(partitions);
    time[partition] += static_cast<int64_t>(random.Below(4 * (partition + 1)));
    const int64_t behind = static_cast<int64_t>(random.Below(random.Below(10) == 0 ? 200 : 30));
    made[partition].push_back({static_cast<int64_t>(random.Below(static_cast<uint64_t>(keys))), time[partition] - behind,
                               static_cast<int64_t>(i)});
  }
  return made;
}

struct JobShape {
  uint32_t parallelism = 2;
  uint64_t seed = 1;
  int crashes = 0;
};

/// What was committed to "results" and "late" when all clicks were read and everything had fired; sorted.
inline Reference RunWindows(const Pipeline& pipeline, const Partitions& clicks, const JobShape& shape) {
  JobOptions options{.seed = shape.seed, .parallelism = shape.parallelism,
                     .topic_partitions = static_cast<int32_t>(clicks.size())};
  options.checkpoint_interval = std::chrono::milliseconds(20);
  Job job(pipeline, options);
  TopicHandle topic = job.Topic("clicks");
  SeededRandom random(shape.seed);
  const size_t parts = static_cast<size_t>(shape.crashes) + 1;
  for (size_t part = 0; part < parts; ++part) {
    for (size_t partition = 0; partition < clicks.size(); ++partition) {
      const std::vector<Click>& rows = clicks[partition];
      for (size_t i = rows.size() * part / parts; i < rows.size() * (part + 1) / parts; ++i) {
        topic.Add(rows[i], static_cast<int32_t>(partition));
      }
    }
    if (part + 1 == parts) break;
    job.RunSteps(200 + random.Below(4000));
    job.Crash(random.Below(2) == 0);
  }
  const auto outcome = job.Stop(RunEnd::kDrain);
  EXPECT_TRUE(outcome.has_value());
  EXPECT_TRUE(!outcome.has_value() || outcome->status.ok()) << outcome->status.ToString();
  Reference reference;
  reference.results = job.Committed<WindowResult>("results");
  std::sort(reference.results.begin(), reference.results.end());
  for (const LateValue& late : job.Committed<LateValue>("late")) reference.late.push_back(late.value);
  std::sort(reference.late.begin(), reference.late.end());
  return reference;
}

}  // namespace weir::test
