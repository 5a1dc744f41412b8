#include "environment/job_runner.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

#include "runtime/task/threaded_executor.h"

namespace weir {

JobRunner::JobRunner(const JobGraph& graph, JobRunnerOptions options, EngineSeams seams, Logger logger)
    : graph_(graph), options_(std::move(options)), seams_(seams), logger_(std::move(logger)),
      fresh_incarnation_(seams_.random->NewId()), delay_(options_.restart.delay) {}

ExitCode JobRunner::Run() {
  RestorePolicy policy = options_.engine.restore;
  while (true) {
    const EngineOutcome outcome = RunEngine(policy);
    if (outcome.kind != EngineOutcome::Kind::kRebuild) return Report(outcome);
    // kNone stays: the incarnation that this process began is gone on from, if anything of it was committed.
    if (policy == RestorePolicy::kLatest) policy = RestorePolicy::kCommitPointDecides;
    if (stop_requested()) return ReportUnfinished(outcome);
    if (!PauseBeforeRestart(outcome)) return kExitRefused;
    if (stop_requested()) return kExitFinished;   // Between two engines there is nothing to save.
  }
}

EngineOutcome JobRunner::RunEngine(RestorePolicy policy) {
  ThreadedExecutor executor({.workers = options_.workers});
  EngineSeams seams = seams_;
  seams.executor = &executor;
  EngineOptions options = options_.engine;
  options.restore = policy;
  options.fresh_incarnation = fresh_incarnation_;
  Engine engine(graph_, std::move(options), seams, logger_);
  {
    const std::lock_guard lock(mutex_);
    engine_ = &engine;
  }
  engine.Start([this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  executor.Start();
  std::unique_lock lock(mutex_);
  if (stop_requested_.has_value()) engine.RequestStop(*stop_requested_);
  changed_.wait(lock, [&] { return engine.outcome().has_value(); });
  last_counters_ = engine.counters();
  engine_ = nullptr;
  lock.unlock();
  const EngineOutcome outcome = *engine.outcome();
  StopOrLeave(executor, outcome);
  if (engine.committed() != CheckpointId{0} && last_counters_.commits > 0) {
    failures_in_a_row_ = 0;
    delay_ = options_.restart.delay;
  }
  return outcome;
}

void JobRunner::StopOrLeave(ThreadedExecutor& executor, const EngineOutcome& outcome) {
  // The protocol has been patient with the call already.
  if (outcome.kind == EngineOutcome::Kind::kRestartProcess) Leave(outcome);
  std::mutex mutex;
  std::condition_variable changed;
  bool stopped = false;
  std::thread guard([&] {
    std::unique_lock lock(mutex);
    if (changed.wait_for(lock, options_.stop_grace, [&] { return stopped; })) return;
    logger_.Error("still_busy", "a thread is still busy with a call of a client or of the disk: leaving without it");
    Leave(outcome);
  });
  executor.Stop();
  {
    const std::lock_guard lock(mutex);
    stopped = true;
  }
  changed.notify_all();
  guard.join();
}

void JobRunner::Leave(const EngineOutcome& outcome) const {
  ExitCode code = kExitRestartProcess;
  if (outcome.kind != EngineOutcome::Kind::kRebuild) {
    code = Report(outcome);
  } else {
    logger_.Error("restart_process", outcome.status.ToString() + ": start the process again, it goes on from checkpoint " +
                                         std::to_string(outcome.committed.value()), outcome.committed.value());
  }
  std::fflush(nullptr);
  _exit(code);
}

bool JobRunner::PauseBeforeRestart(const EngineOutcome& outcome) {
  if (options_.restart.attempts_max >= 0 && failures_in_a_row_ >= options_.restart.attempts_max) {
    logger_.Error("gave_up", outcome.status.ToString() + " (after " + std::to_string(failures_in_a_row_) +
                                 " restarts without a commit; see restart-strategy.fixed-delay.attempts)");
    return false;
  }
  ++failures_in_a_row_;
  logger_.Warning("restarting", outcome.status.ToString() + ": going on from checkpoint " +
                                    std::to_string(outcome.committed.value()), outcome.committed.value());
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, delay_, [&] { return stop_requested_.has_value(); });
  delay_ = std::min(delay_ * 2, options_.restart.delay_max);
  return true;
}

ExitCode JobRunner::Report(const EngineOutcome& outcome) const {
  const std::string& message = outcome.status.message();
  switch (outcome.kind) {
    case EngineOutcome::Kind::kFinished: {
      const EngineCounters sums = counters();
      std::string text = "last checkpoint " + std::to_string(outcome.committed.value()) + ", " +
                         std::to_string(sums.rows_read) + " rows read, " + std::to_string(sums.commits) +
                         " commits in this run, stalled " +
                         std::to_string(sums.stalled / std::chrono::milliseconds(1)) + " ms";
      for (const auto& [id, rows] : sums.rows_through_exchange) {
        text += ", " + std::to_string(rows) + " rows from " + id + " through the exchange";
      }
      logger_.Info("stopped", text, outcome.committed.value());
      return kExitFinished;
    }
    case EngineOutcome::Kind::kFenced: logger_.Error("fenced", message); return kExitFenced;
    case EngineOutcome::Kind::kRestartProcess: logger_.Error("restart_process", message); return kExitRestartProcess;
    case EngineOutcome::Kind::kRefused:
    case EngineOutcome::Kind::kRebuild: break;
  }
  logger_.Error("refused", message);
  return kExitRefused;
}

ExitCode JobRunner::ReportUnfinished(const EngineOutcome& outcome) const {
  logger_.Error("last_checkpoint_failed", outcome.status.ToString() + ": ended without it. Nothing is lost, the next start "
                                          "goes on from checkpoint " + std::to_string(outcome.committed.value()),
                outcome.committed.value());
  return kExitRestartProcess;
}

bool JobRunner::stop_requested() const {
  const std::lock_guard lock(mutex_);
  return stop_requested_.has_value();
}

void JobRunner::RequestStop(RunEnd end) {
  const std::lock_guard lock(mutex_);
  stop_requested_ = end;
  if (engine_ != nullptr) engine_->RequestStop(end);
  changed_.notify_all();
}

EngineCounters JobRunner::counters() const {
  const std::lock_guard lock(mutex_);
  return engine_ != nullptr ? engine_->counters() : last_counters_;
}

}  // namespace weir
