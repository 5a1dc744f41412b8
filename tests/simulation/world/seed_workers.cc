#include "tests/simulation/world/seed_workers.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>

#include "runtime/base/crash_point_counts.h"
#include "runtime/base/landmark.h"
#include "tests/simulation/world/seed_runs.h"

namespace weir::simulation {
namespace {

constexpr size_t kProblemsSent = 8;
constexpr size_t kLastWordsMax = 600;

/// All hits so far, by PlaceNames().
std::vector<uint64_t> CountPlaces(const CrashPointCounts& counts) {
  const std::map<std::string, uint64_t> points = counts.Hits();
  const std::map<std::string, uint64_t> landmarks = Landmark::Hits();
  std::vector<uint64_t> hits;
  for (const std::string& name : PlaceNames()) {
    const auto point = points.find(name);
    hits.push_back(point != points.end() ? point->second : landmarks.at(name));
  }
  return hits;
}

void Put(std::string& bytes, const void* data, size_t size) { bytes.append(static_cast<const char*>(data), size); }
template <class T>
void Put(std::string& bytes, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  Put(bytes, &value, sizeof value);
}
template <class T>
T Take(std::string_view& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

std::string Encode(const SeedResult& result) {
  std::string bytes;
  Put(bytes, result.index);
  Put(bytes, result.counts);
  Put(bytes, static_cast<uint32_t>(result.reached.size()));
  for (const uint32_t place : result.reached) Put(bytes, place);
  const size_t problems = std::min(result.problems.size(), kProblemsSent);
  Put(bytes, static_cast<uint32_t>(problems));
  for (size_t i = 0; i < problems; ++i) {
    Put(bytes, result.problems[i].damage);
    Put(bytes, static_cast<uint32_t>(result.problems[i].text.size()));
    bytes += result.problems[i].text;
  }
  return bytes;
}

SeedResult Decode(std::string_view bytes) {
  SeedResult result;
  result.index = Take<uint64_t>(bytes);
  result.counts = Take<RunCounts>(bytes);
  for (auto left = Take<uint32_t>(bytes); left > 0; --left) result.reached.push_back(Take<uint32_t>(bytes));
  for (auto left = Take<uint32_t>(bytes); left > 0; --left) {
    const auto damage = Take<Damage>(bytes);
    const auto size = Take<uint32_t>(bytes);
    result.problems.push_back({damage, std::string(bytes.substr(0, size))});
    bytes.remove_prefix(size);
  }
  return result;
}

void WriteAll(int pipe, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(pipe, bytes.data(), bytes.size());
    if (written <= 0) _exit(1);   // Nobody listens any more.
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

/// What a worker says while it lives, and leaves behind when it dies.
class Worker {
 public:
  Worker(const SeedWork& work, unsigned number, std::chrono::steady_clock::time_point end)
      : work_(work), next_(number), end_(end) {
    running_ = static_cast<uint64_t*>(
        mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    *running_ = next_;
    words_ = std::tmpfile();
    Start();
  }
  ~Worker() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    End();
    std::fclose(words_);
    munmap(running_, sizeof(uint64_t));
  }

  int pipe() const { return pipe_; }
  bool over() const { return pid_ <= 0; }

  /// Called when the pipe has something, or is closed.
  void Read(const std::function<void(const SeedResult&)>& on_result) {
    char buffer[65536];
    const ssize_t got = read(pipe_, buffer, sizeof buffer);
    if (got > 0) {
      bytes_.append(buffer, static_cast<size_t>(got));
      while (bytes_.size() >= sizeof(uint32_t)) {
        uint32_t size = 0;
        std::memcpy(&size, bytes_.data(), sizeof size);
        if (bytes_.size() < sizeof size + size) break;
        on_result(Decode(std::string_view(bytes_).substr(sizeof size, size)));
        bytes_.erase(0, sizeof size + size);
      }
      return;
    }
    const int status = End();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    SeedResult result;
    result.index = *running_;
    result.died = LastWords(status);
    next_ = *running_ + work_.workers;
    bytes_.clear();
    on_result(result);
    Start();
  }

 private:
  void Start() {
    int ends[2];
    WEIR_CHECK(::pipe(ends) == 0, "no pipe");
    std::fflush(nullptr);
    pid_ = fork();
    WEIR_CHECK(pid_ >= 0, "no process");
    if (pid_ == 0) {
      close(ends[0]);
      dup2(fileno(words_), STDERR_FILENO);
      Run(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    pipe_ = ends[0];
  }

  void Run(int pipe) {
    const CrashPointCounts counts;
    std::vector<uint64_t> before = CountPlaces(counts);
    for (uint64_t i = next_; i < work_.count && std::chrono::steady_clock::now() < end_; i += work_.workers) {
      *running_ = i;
      SeedResult result;
      result.index = i;
      RunReport report = RunScenario(work_.scenario_of(i));
      result.counts = report.counts;
      result.problems = std::move(report.problems);
      const std::vector<uint64_t> after = CountPlaces(counts);
      for (uint32_t place = 0; place < after.size(); ++place) {
        if (after[place] > before[place]) result.reached.push_back(place);
      }
      before = after;
      const std::string bytes = Encode(result);
      std::string message;
      Put(message, static_cast<uint32_t>(bytes.size()));
      WriteAll(pipe, message + bytes);
    }
  }

  int End() {
    int status = 0;
    if (pid_ > 0) {
      waitpid(pid_, &status, 0);
      close(pipe_);
    }
    pid_ = -1;
    return status;
  }

  std::string LastWords(int status) {
    std::fseek(words_, 0, SEEK_END);
    const long size = std::ftell(words_);
    std::fseek(words_, std::max(0L, size - static_cast<long>(kLastWordsMax)), SEEK_SET);
    std::string words(kLastWordsMax, '\0');
    words.resize(std::fread(words.data(), 1, words.size(), words_));
    return fmt::format("signal {}: {}", WIFSIGNALED(status) ? WTERMSIG(status) : 0, words);
  }

  const SeedWork& work_;
  uint64_t next_;
  const std::chrono::steady_clock::time_point end_;
  uint64_t* running_ = nullptr;   ///< Shared with the process.
  std::FILE* words_ = nullptr;    ///< Its standard error.
  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string bytes_;
};

}  // namespace

const std::vector<std::string>& PlaceNames() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all = CrashPoint::Names();
    for (const auto& [name, hits] : Landmark::Hits()) all.push_back(name);
    std::sort(all.begin(), all.end());
    return all;
  }();
  return names;
}

void RunInWorkers(const SeedWork& work) {
  using Clock = std::chrono::steady_clock;
  const bool bounded = work.longest < std::chrono::hours(24 * 365);
  const auto end = bounded ? Clock::now() + work.longest : Clock::time_point::max();
  bool failed = false;
  const auto take = [&](const SeedResult& result) {
    if (failed && work.until_failure) return;
    failed = failed || result.failed();
    work.on_result(result);
  };
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < work.workers; ++i) workers.push_back(std::make_unique<Worker>(work, i, end));
  while (!(failed && work.until_failure)) {
    std::vector<pollfd> waiting;
    std::vector<Worker*> whose;
    for (const auto& worker : workers) {
      if (worker->over()) continue;
      waiting.push_back({worker->pipe(), POLLIN, 0});
      whose.push_back(worker.get());
    }
    if (waiting.empty()) return;
    poll(waiting.data(), waiting.size(), -1);
    for (size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) whose[i]->Read(take);
    }
  }
}

}  // namespace weir::simulation
