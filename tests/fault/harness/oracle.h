// Judges what a job did, from outside: its topics and folders against its input.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/status.h"
#include "tests/fault/harness/committed_reader.h"

namespace weir::test {

/// Where a job's input and output are.
struct JobPlaces {
  std::string bootstrap;
  std::string job;
  std::string input;          ///< Topic.
  std::string topic;          ///< Of the output, empty for none.
  std::string folder;         ///< Of the output, empty for none.
};

/// A record of the marker topic whose key is the job's id; with another key it is a claim.
struct Marker {
  uint64_t n = 0;
  uint64_t records = 0;       ///< In the epoch's output.
  std::string incarnation;
  int64_t timestamp_ms = 0;
};
Marker MarkerOf(const ReadRecord& record);

struct Judgement {
  uint64_t in = 0;
  uint64_t out = 0;           ///< Per sink.
  uint64_t markers = 0;
  std::vector<std::string> problems;   ///< Empty: exactly once.
};

/// Reads the topics to their ends, and the published files. Checks, for each sink: every bid of the input has exactly
/// one total with the right count and sum, in order per auction. With a topic: no transaction is open; markers of one
/// incarnation rise by one; as many records of each epoch are visible as its marker states. With both sinks: each
/// epoch has the same number of records in both.
Judgement JudgeJob(const JobPlaces& places);

/// Lines of the published files of a job so far.
uint64_t CountPublished(const std::string& folder);

/// By auction: count and sum of its last total, for comparing two jobs. Of committed records only.
Result<std::map<int64_t, std::pair<int64_t, int64_t>>> LastTotals(const JobPlaces& places);
/// Committed markers of a job.
Result<uint64_t> CountMarkers(const std::string& bootstrap, const std::string& job);

}  // namespace weir::test
