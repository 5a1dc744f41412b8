// A job on a simulated disk whose whole output can be judged: every deposit comes out exactly once, with the balance that
// all deposits of its account before it make.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "connectors/file/file_connector.h"
#include "connectors/kafka/kafka_connector.h"
#include "environment/test_job.h"
#include "runtime/base/log.h"

namespace weir::test {

struct Deposit {
  int64_t account = 0;
  int64_t id = 0;
  int64_t amount = 0;
};
struct Balance {
  int64_t account = 0;
  int64_t id = 0;
  int64_t amount = 0;
  int64_t count = 0;   // Deposits of the account, with this one.
  int64_t sum = 0;
};

/// Where the output goes, which decides how the job commits: by a marker in the transaction, or by renaming CURRENT.
enum class SinkKind { kTopic, kFiles };
inline std::ostream& operator<<(std::ostream& out, SinkKind sink) {
  return out << (sink == SinkKind::kTopic ? "Topic" : "Files");
}

/// Enough for both of two tasks to have some.
inline constexpr int64_t kAccounts = 6;
inline constexpr char kOutput[] = "/out";

inline Pipeline Balances(SinkKind sink, const std::string& job) {
  Pipeline pipeline{job};
  auto balances = pipeline.Source("deposits", kafka::Source<Deposit>{.topic = "deposits"})
      .KeyBy(&Deposit::account)
      .Aggregate("balances", CountAndSum(&Deposit::amount),
                 [](int64_t account, const Deposit& deposit, const CountAndSumOfRows& so_far) {
                   return Balance{account, deposit.id, deposit.amount, so_far.count, so_far.sum};
                 });
  if (sink == SinkKind::kTopic) {
    balances.Sink("out", kafka::Sink<Balance>{.topic = "out", .create_partitions = 2});
  } else {
    balances.Sink("out", file::Sink<Balance>{.directory = kOutput});
  }
  return pipeline;
}

inline JobOptions DiskJobOptions(size_t roll_after_deltas, uint32_t checkpoints_retained, uint64_t seed) {
  JobOptions options;
  options.seed = seed;
  options.engine.roll_after_deltas = roll_after_deltas;
  options.engine.checkpoints_retained = checkpoints_retained;
  return options;
}

/// One thread.
class DiskJob {
 public:
  /// `roll_after_deltas`: after how many checkpoints the state's base is merged anew.
  explicit DiskJob(SinkKind sink, size_t roll_after_deltas = 100, const std::string& job = "balances",
                   uint32_t checkpoints_retained = 1, uint64_t seed = 1);

  Job& job() { return job_; }
  SimulatedDisk& disk() { return job_.world().disk(); }
  /// The job's checkpoint folder.
  const std::string& folder() const { return folder_; }

  /// A deposit to every account.
  void Add();
  /// Runs it to the end of its input. How it ended if it has, else nothing.
  std::optional<EngineOutcome> Run() { return job_.Run(); }
  /// Add, Run, and no outcome.
  void RunOneCheckpoint();
  /// Kills the process, and the machine with it: exactly what is durable is left.
  void CutPower();

  /// What of the committed output is not as it must be; empty: it is all there, once, and right.
  std::string Wrong();

 private:
  std::vector<Balance> Output();

  const SinkKind sink_;
  const std::string folder_;
  std::vector<Deposit> added_;
  Job job_;
};

inline DiskJob::DiskJob(SinkKind sink, size_t roll_after_deltas, const std::string& job, uint32_t checkpoints_retained,
                        uint64_t seed)
    : sink_(sink), folder_("/checkpoints/" + job),
      job_(Balances(sink, job), DiskJobOptions(roll_after_deltas, checkpoints_retained, seed)) {
  job_.Topic("deposits");
  // That the disk fails is what these tests are about.
  ConfigureLogging(LogLevel::kError, LogFormat::kText);
}

inline void DiskJob::Add() {
  for (int64_t account = 0; account < kAccounts; ++account) {
    const auto id = static_cast<int64_t>(added_.size());
    added_.push_back({account, id, id % 7 + 1});
    // An account is in one partition, so the order of its deposits is known.
    job_.Topic("deposits").Add(added_.back(), static_cast<int32_t>(account % 2));
  }
}

inline void DiskJob::RunOneCheckpoint() {
  Add();
  const auto outcome = Run();
  ASSERT_FALSE(outcome.has_value()) << outcome->status.ToString();
}

inline void DiskJob::CutPower() {
  job_.Crash();
  disk().CrashLosingAllUnsynced();
}

inline std::vector<Balance> DiskJob::Output() {
  if (sink_ == SinkKind::kTopic) return job_.Committed<Balance>("out");
  std::vector<Balance> rows;
  Arena arena;
  const auto decoder = NewDecoder(RowTypeOf<Balance>(), {});
  const auto files = disk().NewProcess();
  const Result<std::vector<std::string>> names = files->List(kOutput);
  if (!names.ok()) return rows;
  for (const std::string& name : *names) {
    if (!name.starts_with("part-")) continue;
    const std::string bytes = ReadWholeFile(*files, JoinPath(kOutput, name)).value();
    for (size_t begin = 0; begin < bytes.size();) {
      const size_t end = std::min(bytes.find('\n', begin), bytes.size());
      const Status status = decoder->Decode(std::string_view(bytes).substr(begin, end - begin), &rows.emplace_back(), arena);
      EXPECT_TRUE(status.ok()) << name << ": " << status.ToString();
      begin = end + 1;
    }
  }
  return rows;
}

inline std::string DiskJob::Wrong() {
  std::vector<Balance> rows = Output();
  if (rows.size() != added_.size()) {
    return (testing::Message() << added_.size() << " deposits went in, " << rows.size() << " came out").GetString();
  }
  std::sort(rows.begin(), rows.end(), [](const Balance& a, const Balance& b) { return a.id < b.id; });
  std::map<int64_t, Balance> last;   // By account.
  for (size_t i = 0; i < rows.size(); ++i) {
    const Deposit& in = added_[i];
    const Balance& out = rows[i];
    Balance& before = last[in.account];
    const bool same = out.id == in.id && out.account == in.account && out.amount == in.amount;
    if (!same || out.count != before.count + 1 || out.sum != before.sum + in.amount) {
      testing::Message wrong;
      wrong << "deposit " << in.id << " of " << in.amount << " to account " << in.account << " came out as " << out.id
            << " of " << out.amount << " to account " << out.account << ", count " << out.count << ", sum " << out.sum
            << "; the deposit before it left count " << before.count << ", sum " << before.sum;
      return wrong.GetString();
    }
    before = out;
  }
  return "";
}

}  // namespace weir::test
