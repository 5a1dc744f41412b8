// What the tests of bad input and bad luck share: one small job, and what it logs.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "runtime/base/log.h"

namespace weir::test {

struct Bid {
  int64_t auction = 0;
  int64_t price = 0;
};
struct Total {
  int64_t auction = 0;
  int64_t price = 0;
  int64_t count = 0;
  int64_t sum = 0;
};

/// Running totals of "bids" in "totals".
inline Pipeline Totals(const std::string& job = "totals", int32_t create_partitions = 2) {
  Pipeline pipeline{job};
  pipeline.Source("bids", kafka::Source<Bid>{.topic = "bids"})
      .KeyBy(&Bid::auction)
      .Aggregate("sums", CountAndSum(&Bid::price),
                 [](int64_t auction, const Bid& bid, const CountAndSumOfRows& totals) {
                   return Total{auction, bid.price, totals.count, totals.sum};
                 })
      .Sink("out", kafka::Sink<Total>{.topic = "totals", .create_partitions = create_partitions});
  return pipeline;
}

/// The greatest count in the totals: how many bids of one auction were counted.
inline int64_t Counted(Job& job) {
  int64_t greatest = 0;
  for (const Total& total : job.Committed<Total>("totals")) greatest = std::max(greatest, total.count);
  return greatest;
}

/// Takes what the process logs, from its making to Take().
class LogCapture {
 public:
  LogCapture() {
    ConfigureLogging(LogLevel::kInfo, LogFormat::kText);
    testing::internal::CaptureStderr();
  }
  ~LogCapture() {
    if (!taken_) (void)Take();
  }
  std::string Take() {
    taken_ = true;
    std::string log = testing::internal::GetCapturedStderr();
    ConfigureLogging(LogLevel::kWarning, LogFormat::kText);
    return log;
  }

 private:
  bool taken_ = false;
};

/// How often `word` is in `text`.
inline int Occurrences(const std::string& text, const std::string& word) {
  int found = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

}  // namespace weir::test
