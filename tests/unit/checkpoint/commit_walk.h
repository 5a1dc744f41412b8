// A random walk of CommitProtocol: processes come, sleep, die and come back against a tiny model of a broker that
// answers with every kind of outcome, and the invariants are checked at each step.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/checkpoint/commit_protocol.h"

namespace weir::test {

/// One transactional id and one marker topic.
class WalkBroker {
 public:
  struct Entry {
    MarkerTopicRecord record;
  };
  struct Output {
    CheckpointId n;
    Id128 attempt;
    friend bool operator==(const Output&, const Output&) = default;
  };

  uint64_t Init();
  bool Owns(uint64_t producer) const { return producer == producer_; }
  void Write(uint64_t producer, const Output& output);
  void Write(uint64_t producer, const MarkerTopicRecord& record);
  /// EndTxn(commit) as the broker executes it: whatever is open of this producer becomes visible.
  void EndTransaction(uint64_t producer);
  void TimeOut();

  const std::vector<MarkerTopicRecord>& log() const { return log_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  std::vector<MarkerRecord> Markers() const;

 private:
  uint64_t producer_ = 0;
  std::vector<Output> open_outputs_;
  std::vector<MarkerTopicRecord> open_records_;
  std::vector<MarkerTopicRecord> log_;
  std::vector<Output> outputs_;
};

/// What all processes of one machine share.
struct WalkDisk {
  std::optional<CommittedHint> hint;
  std::set<CheckpointName> prepared;
};

class CommitWalk {
 public:
  explicit CommitWalk(uint64_t seed, Defences defences = {});
  ~CommitWalk();
  /// Runs to its end; the first broken invariant, or nothing.
  std::string Run(int steps);
  uint64_t committed() const { return broker_.Markers().size(); }

 private:
  struct Process;
  void StartProcess();
  void Step();
  void Deliver(Process& process);
  void Perform(Process& process, CommitActions actions);
  void PerformOne(Process& process, const CommitAction& action);
  void CallProducer(Process& process, const CommitAction& action);
  TxnOutcome Commit(Process& process, int* end_txn_sent);
  void Work(Process& process);
  void CheckRestore(const Process& process, const CheckpointName* name);
  void CheckCommitted(const CommitPermit& permit);
  void CheckLog();
  void Violation(const std::string& what);
  bool Odds(uint64_t n) { return faults_ && random_.OneIn(n); }

  SeededRandom random_;
  const Defences defences_;
  WalkBroker broker_;
  WalkDisk disk_;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<uint64_t> delayed_end_txn_;
  Instant now_{};
  bool faults_ = true;
  std::string violation_;
};

}  // namespace weir::test
