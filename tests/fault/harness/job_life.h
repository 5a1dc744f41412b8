// One life of a job: a real process from its start to its end, and what its log says it is doing.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "runtime/base/status.h"

namespace weir::test {

using Millis = std::chrono::milliseconds;

struct JobCommand {
  std::vector<std::string> words;                    ///< Program first.
  std::map<std::string, std::string> environment;    ///< All of it: settings of the test must not reach the job.
  std::string log;                                   ///< Its standard error is appended to this file.
};

/// What the log said so far.
struct Standing {
  bool running = false;
  uint64_t restored = 0;        ///< The checkpoint it went on from.
  uint64_t triggered = 0;       ///< The newest one of this life.
  uint64_t committed = 0;
  uint64_t commits = 0;
  uint64_t restarts = 0;        ///< Engines built anew within the process.
  std::optional<Millis> running_after;
  std::optional<Millis> first_commit_after;
  std::map<std::string, std::string> messages;   ///< By event, the last one.
};

/// How a process ended.
struct Ending {
  std::optional<int> exit_code;
  std::optional<int> signal;
};

/// Owned by one thread, which must outlive the process. Killed on destruction.
class JobLife {
 public:
  static Result<std::unique_ptr<JobLife>> Start(const JobCommand& command);
  ~JobLife();
  JobLife(const JobLife&) = delete;

  pid_t pid() const { return pid_; }
  Standing standing() const;
  /// Until the log makes `condition` true; false after `longest`, or once the process is gone.
  bool WaitUntil(const std::function<bool(const Standing&)>& condition, Millis longest);
  /// Nothing if it still runs after `longest`. All of its log was read then.
  std::optional<Ending> WaitForEnd(Millis longest);
  /// Until a signal stopped it.
  bool WaitForStop(Millis longest);
  void Signal(int number) const;
  void Kill();

 private:
  JobLife(pid_t pid, int log_pipe, const std::string& log);
  void ReadLog(int pipe, const std::string& log);
  void Note(const std::string& line);
  std::optional<int> Reap(int options);

  const pid_t pid_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Standing standing_;            // guarded by mutex_
  bool log_ended_ = false;       // guarded by mutex_
  std::optional<Ending> ending_;
  std::thread reader_;
};

}  // namespace weir::test
