// Runs a job to its end in this process: engine after engine, each built anew from the last committed checkpoint, with
// pauses between them that grow while nothing is committed.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "environment/exit_codes.h"
#include "runtime/engine/engine.h"
#include "runtime/graph/job_graph.h"

namespace weir {

class ThreadedExecutor;

/// Words as in Flink's fixed-delay strategy, with a delay that doubles.
struct RestartStrategy {
  int64_t attempts_max = -1;   ///< In a row without a commit between them; -1: no limit.
  Duration delay = std::chrono::milliseconds(100);
  Duration delay_max = std::chrono::seconds(10);
};

struct JobRunnerOptions {
  EngineOptions engine;
  RestartStrategy restart;
  uint32_t workers = 0;        ///< 0: as many as there are cores.
  Duration stop_grace = std::chrono::seconds(60);   ///< For the threads of an engine that is over to return.
};

/// Run on one thread; RequestStop from any.
class JobRunner {
 public:
  /// `seams.executor` is not used: every engine gets one of its own. `graph` and the seams outlive it.
  JobRunner(const JobGraph& graph, JobRunnerOptions options, EngineSeams seams, Logger logger);

  /// Blocks until the job ended. Where a call of a client or of the disk is hung, nothing that its thread uses can be
  /// destroyed: then it ends the process itself, with the code it would have returned, kExitRestartProcess if the job is
  /// to go on.
  ExitCode Run();
  /// Ends the job with a last checkpoint. Harmless at any time.
  void RequestStop(RunEnd end);
  /// Sums of the engine that runs, or that ran last.
  EngineCounters counters() const;

 private:
  EngineOutcome RunEngine(RestorePolicy policy);
  void StopOrLeave(ThreadedExecutor& executor, const EngineOutcome& outcome);
  [[noreturn]] void Leave(const EngineOutcome& outcome) const;
  bool PauseBeforeRestart(const EngineOutcome& outcome);
  ExitCode Report(const EngineOutcome& outcome) const;
  /// The run was to end, and its last checkpoint did not get done.
  ExitCode ReportUnfinished(const EngineOutcome& outcome) const;
  bool stop_requested() const;

  const JobGraph& graph_;
  const JobRunnerOptions options_;
  const EngineSeams seams_;
  const Logger logger_;
  const Id128 fresh_incarnation_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Engine* engine_ = nullptr;               // guarded by mutex_
  std::optional<RunEnd> stop_requested_;   // guarded by mutex_
  EngineCounters last_counters_;           // guarded by mutex_
  Duration delay_;
  int64_t failures_in_a_row_ = 0;
};

}  // namespace weir
