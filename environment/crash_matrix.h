// What crashes do to a job of your own: it is killed at every crash point, early, in the middle and late, and started
// again, and what it has committed in the end is compared with a run that nothing disturbed. In virtual time, on a
// memory broker and a simulated disk: a whole matrix takes seconds.
//
//   weir::test::CrashMatrix matrix(pipeline);
//   matrix.Round([](weir::test::Job& job) { job.Topic("bids").Add(Bid{1, 100}).Add(Bid{2, 50}); })
//         .Round([](weir::test::Job& job) { job.Topic("bids").Add(Bid{1, 10}); });
//   EXPECT_EQ(matrix.Run({"totals"}).Text(), "");
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "environment/test_job.h"

namespace weir::test {

/// One life of the job, and its end.
struct CrashCase {
  std::string point;         ///< A crash point's name, for example "checkpoint.prepared".
  uint64_t occurrence = 1;   ///< Killed when the point is met so often.
  bool power = false;        ///< And what was not synced to disk is lost.
  std::string problem;       ///< Empty: the output is right.
};

struct CrashReport {
  std::vector<CrashCase> cases;
  /// Points that this job never comes by: without a file sink, for example, all of "file_sink".
  std::vector<std::string> not_met;
  /// Empty if all cases are right, else one line a problem.
  std::string Text() const;
};

/// One thread. The pipeline outlives it.
class CrashMatrix {
 public:
  /// What is wrong with the output of a job that has come to rest; empty if nothing.
  using Judge = std::function<std::string(Job&)>;

  explicit CrashMatrix(const Pipeline& pipeline, JobOptions options = {});

  /// Input of one more round. A round begins when all input of the one before is committed, so that there are at least
  /// as many checkpoints as rounds. Rounds are given once, after a crash they are not given again.
  CrashMatrix& Round(std::function<void(Job&)> feed);

  /// Each topic must hold the very records of the undisturbed run, in any order. For jobs whose rows depend on the order
  /// in which partitions are read - running totals over several partitions - give a judge of your own.
  CrashReport Run(const std::vector<std::string>& topics);
  CrashReport Run(const Judge& judge);

 private:
  std::string RunCase(const CrashCase& crash, const Judge& judge);

  const Pipeline& pipeline_;
  const JobOptions options_;
  std::vector<std::function<void(Job&)>> rounds_;
};

}  // namespace weir::test
