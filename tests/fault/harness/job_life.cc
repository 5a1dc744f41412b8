#include "tests/fault/harness/job_life.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <utility>

namespace weir::test {
namespace {

constexpr Millis kKilledMax{10'000};
/// Between two looks at what only the kernel knows.
constexpr timespec kLookPause{0, 1'000'000};

/// The value of a field in one line of the job's JSON log; these values hold no escaped quotes.
std::string FieldOf(const std::string& line, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  size_t begin = line.find(key);
  if (begin == std::string::npos) return {};
  begin += key.size();
  if (line[begin] != '"') return line.substr(begin, line.find_first_of(",}", begin) - begin);
  if (name == "message") return line.substr(begin + 1, line.rfind('"') - begin - 1);
  return line.substr(begin + 1, line.find('"', begin + 1) - begin - 1);
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<std::unique_ptr<JobLife>> JobLife::Start(const JobCommand& command) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return Unavailable(std::string("pipe: ") + std::strerror(errno));
  std::vector<std::string> words = command.words;
  std::vector<std::string> environment;
  for (const auto& [name, value] : command.environment) environment.push_back(name + "=" + value);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, pipe[1], STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, words.front().c_str(), &files, nullptr, Pointers(words).data(),
                                Pointers(environment).data());
  posix_spawn_file_actions_destroy(&files);
  close(pipe[1]);
  if (error != 0) {
    close(pipe[0]);
    return Unavailable(words.front() + " could not be started: " + std::strerror(error));
  }
  return std::unique_ptr<JobLife>(new JobLife(pid, pipe[0], command.log));
}

JobLife::JobLife(pid_t pid, int log_pipe, const std::string& log)
    : pid_(pid), reader_([this, log_pipe, log] { ReadLog(log_pipe, log); }) {}

JobLife::~JobLife() {
  if (!ending_.has_value()) Kill();
  reader_.join();
}

void JobLife::ReadLog(int pipe, const std::string& log) {
  std::ofstream file(log, std::ios::app);
  std::array<char, 65536> block;
  std::string pending;
  for (ssize_t got = 0; (got = read(pipe, block.data(), block.size())) > 0;) {
    file.write(block.data(), got).flush();
    pending.append(block.data(), static_cast<size_t>(got));
    size_t begin = 0;
    for (size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1) {
      Note(pending.substr(begin, end - begin));
    }
    pending.erase(0, begin);
  }
  close(pipe);
  const std::lock_guard lock(mutex_);
  log_ended_ = true;
  changed_.notify_all();
}

void JobLife::Note(const std::string& line) {
  const std::string event = FieldOf(line, "event");
  if (event.empty()) return;
  const std::string number = FieldOf(line, "checkpoint");
  const uint64_t checkpoint = number.empty() ? 0 : std::stoull(number);
  const auto now = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began_);
  const std::lock_guard lock(mutex_);
  standing_.messages[event] = FieldOf(line, "message");
  if (event == "running") {
    standing_.running = true;
    standing_.restored = checkpoint;
    if (!standing_.running_after.has_value()) standing_.running_after = now;
  } else if (event == "triggered") {
    standing_.triggered = checkpoint;
  } else if (event == "committed") {
    standing_.committed = checkpoint;
    ++standing_.commits;
    if (!standing_.first_commit_after.has_value()) standing_.first_commit_after = now;
  } else if (event == "restarting") {
    ++standing_.restarts;
  }
  changed_.notify_all();
}

Standing JobLife::standing() const {
  const std::lock_guard lock(mutex_);
  return standing_;
}

bool JobLife::WaitUntil(const std::function<bool(const Standing&)>& condition, Millis longest) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, longest, [&] { return condition(standing_) || log_ended_; });
  return condition(standing_);
}

std::optional<int> JobLife::Reap(int options) {
  int status = 0;
  if (waitpid(pid_, &status, options | WNOHANG) != pid_) return std::nullopt;
  if (WIFEXITED(status)) ending_ = Ending{WEXITSTATUS(status), std::nullopt};
  if (WIFSIGNALED(status)) ending_ = Ending{std::nullopt, WTERMSIG(status)};
  return status;
}

std::optional<Ending> JobLife::WaitForEnd(Millis longest) {
  if (!ending_.has_value()) {
    const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    pollfd ended{descriptor, POLLIN, 0};
    poll(&ended, 1, static_cast<int>(longest.count()));
    close(descriptor);
    Reap(0);
  }
  if (!ending_.has_value()) return std::nullopt;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return log_ended_; });
  return ending_;
}

bool JobLife::WaitForStop(Millis longest) {
  const auto until = std::chrono::steady_clock::now() + longest;
  while (std::chrono::steady_clock::now() < until) {
    const std::optional<int> status = Reap(WUNTRACED);
    if (status.has_value()) return WIFSTOPPED(*status);
    nanosleep(&kLookPause, nullptr);
  }
  return false;
}

void JobLife::Signal(int number) const {
  if (!ending_.has_value()) kill(pid_, number);
}

void JobLife::Kill() {
  Signal(SIGKILL);
  (void)WaitForEnd(kKilledMax);
}

}  // namespace weir::test
