#include "environment/crash_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "runtime/base/crash_point_counts.h"

namespace weir::test {
namespace {

std::vector<std::string> SortedRecords(Job& job, const std::string& topic) {
  std::vector<std::string> records = job.CommittedBytes(topic);
  std::sort(records.begin(), records.end());
  return records;
}

/// What is in one and not in the other, both sorted.
std::vector<std::string> Without(const std::vector<std::string>& these, const std::vector<std::string>& those) {
  std::vector<std::string> left;
  std::set_difference(these.begin(), these.end(), those.begin(), those.end(), std::back_inserter(left));
  return left;
}

/// First, second, one in the middle and the last of `hits`.
std::set<uint64_t> OccurrencesOf(uint64_t hits) {
  std::set<uint64_t> chosen;
  for (const uint64_t occurrence : {uint64_t{1}, uint64_t{2}, (hits + 1) / 2, hits}) {
    if (occurrence >= 1 && occurrence <= hits) chosen.insert(occurrence);
  }
  return chosen;
}

/// Nothing while the job could go on; else why it does not.
std::string CommitAll(Job& job) {
  const std::optional<EngineOutcome> outcome = job.Run();
  if (!outcome.has_value() || outcome->kind == EngineOutcome::Kind::kFinished) return "";
  return "the job does not go on: " + outcome->status.ToString();
}

}  // namespace

std::string CrashReport::Text() const {
  std::string text;
  for (const CrashCase& one : cases) {
    if (one.problem.empty()) continue;
    text += fmt::format("killed at {}, time {}{}: {}\n", one.point, one.occurrence, one.power ? ", with the power" : "",
                        one.problem);
  }
  return text;
}

CrashMatrix::CrashMatrix(const Pipeline& pipeline, JobOptions options)
    : pipeline_(pipeline), options_(std::move(options)) {}

CrashMatrix& CrashMatrix::Round(std::function<void(Job&)> feed) {
  rounds_.push_back(std::move(feed));
  return *this;
}

CrashReport CrashMatrix::Run(const std::vector<std::string>& topics) {
  Job undisturbed(pipeline_, options_);
  for (const auto& feed : rounds_) {
    feed(undisturbed);
    const std::string stopped = CommitAll(undisturbed);
    WEIR_CHECK(stopped.empty(), stopped);
  }
  std::map<std::string, std::vector<std::string>> expected;
  for (const std::string& topic : topics) expected[topic] = SortedRecords(undisturbed, topic);
  return Run([&](Job& job) -> std::string {
    for (const auto& [topic, records] : expected) {
      const std::vector<std::string> found = SortedRecords(job, topic);
      const std::vector<std::string> missing = Without(records, found);
      const std::vector<std::string> more = Without(found, records);
      if (missing.empty() && more.empty()) continue;
      return fmt::format("topic {}: {} records are missing and {} should not be there, the first of them {}", topic,
                         missing.size(), more.size(), missing.empty() ? more.front() : missing.front());
    }
    return "";
  });
}

CrashReport CrashMatrix::Run(const Judge& judge) {
  WEIR_CHECK(!rounds_.empty(), "without a round there is no input");
  CrashReport report;
  std::map<std::string, uint64_t> hits;
  {
    const CrashPointCounts counts;
    const std::string problem = RunCase({}, judge);
    WEIR_CHECK(problem.empty(), "the output is wrong without any crash: " + problem);
    hits = counts.Hits();
  }
  for (const auto& [point, count] : hits) {
    if (count == 0) report.not_met.push_back(point);
    for (const uint64_t occurrence : OccurrencesOf(count)) {
      for (const bool power : {false, true}) {
        CrashCase crash{point, occurrence, power, {}};
        crash.problem = RunCase(crash, judge);
        report.cases.push_back(std::move(crash));
      }
    }
  }
  return report;
}

std::string CrashMatrix::RunCase(const CrashCase& crash, const Judge& judge) {
  Job job(pipeline_, options_);
  bool killed = false;
  std::unique_ptr<ArmedCrashPoint> point;
  if (!crash.point.empty()) {
    point = std::make_unique<ArmedCrashPoint>(crash.point, crash.occurrence, [&] {
      killed = true;
      job.KillAtOnce();
    });
  }
  for (const auto& feed : rounds_) {
    feed(job);
    std::string stopped = CommitAll(job);
    if (std::exchange(killed, false)) {
      point.reset();
      job.Crash(crash.power);
      stopped = CommitAll(job);
    }
    if (!stopped.empty()) return stopped;
  }
  if (point != nullptr) return "the point was not met again";
  return judge(job);
}

}  // namespace weir::test
