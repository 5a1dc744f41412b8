// Judges a job while it runs and dies: reads input, output and markers as they grow, committed records only, and says
// at once what is wrong. What it has judged it forgets, but for one entry a bid.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/status.h"
#include "tests/fault/harness/epoch_counter.h"
#include "tests/fault/harness/oracle.h"
#include "tools/demo_support/judge.h"
#include "tools/demo_support/record_text.h"

namespace weir::test {

struct LiveVerdict {
  demo::Verdict records;
  uint64_t epochs = 0;                  ///< Each was seen whole, unless `problems` says otherwise.
  std::vector<std::string> problems;    ///< Torn epochs, gaps between markers, transactions left open.
};

/// Its thread reads until Finish; any thread may ask for problems().
class LiveJudge {
 public:
  /// The topics of `places` exist.
  static Result<std::unique_ptr<LiveJudge>> Start(const JobPlaces& places);
  ~LiveJudge();

  /// Of epochs, so far. Lost and doubled records are known when all is over.
  size_t problems() const { return problem_count_.load(); }
  uint64_t settled() const { return settled_.load(); }
  /// Everything to the end. REQUIRES: nobody writes any more.
  Result<LiveVerdict> Finish();

 private:
  LiveJudge(CommittedReader input, CommittedReader output, CommittedReader markers, std::string job);
  void Run();
  Status Look();
  Status TakeMarkers();
  Status TakeRecords();
  void Note(const std::vector<std::string>& problems);

  CommittedReader input_;
  CommittedReader output_;
  CommittedReader markers_;
  const std::string job_;
  demo::Judge judge_;
  demo::RecordText text_;
  EpochCounter epochs_;
  Marker last_;
  uint64_t epochs_seen_ = 0;
  std::vector<std::string> problems_;   // The thread's own, until it has ended.
  std::atomic<size_t> problem_count_{0};
  std::atomic<uint64_t> settled_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;                 // guarded by mutex_
  std::thread thread_;
};

}  // namespace weir::test
