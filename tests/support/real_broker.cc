#include "tests/support/real_broker.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace weir::test {
namespace {

constexpr std::string_view kBootstrapLine = "bootstrap: ";
constexpr std::string_view kPidLine = "pid: ";

std::string Quoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// What the tool printed.
Result<std::string> RunTool(const std::string& folder, const std::vector<std::string>& arguments) {
  std::string command = Quoted(WEIR_KAFKA_TOOL) + " --dir " + Quoted(folder);
  for (const std::string& argument : arguments) command += " " + Quoted(argument);
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return Unavailable("could not run " + command);
  std::string output;
  std::array<char, 4096> buffer;
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
  const int status = pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Unavailable(command + " failed: " + output);
  return output;
}

/// The rest of the line that starts with `name`.
Result<std::string> Said(const std::string& output, std::string_view name) {
  const size_t line = output.find(name);
  if (line == std::string::npos) return Unavailable("tools/kafka did not say '" + std::string(name) + "': " + output);
  const size_t from = line + name.size();
  return output.substr(from, output.find('\n', from) - from);
}

Result<std::string> StartAt(const std::string& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "start");
  WEIR_ASSIGN_OR_RETURN(const std::string output, RunTool(folder, arguments));
  return Said(output, kBootstrapLine);
}

/// Test programs start side by side; one of them starts the broker.
class StartLock {
 public:
  explicit StartLock(const std::string& path) : file_(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (file_ >= 0) flock(file_, LOCK_EX);
  }
  ~StartLock() {
    if (file_ >= 0) close(file_);
  }
  StartLock(const StartLock&) = delete;
  StartLock& operator=(const StartLock&) = delete;

 private:
  const int file_;
};

}  // namespace

Result<std::string> SharedBootstrap() {
  if (const char* given = std::getenv("WEIR_TEST_BOOTSTRAP"); given != nullptr && *given != '\0') {
    return std::string(given);
  }
  const char* given = std::getenv("WEIR_TEST_BROKER_DIR");
  const std::string folder = given != nullptr && *given != '\0' ? given : WEIR_TEST_KAFKA_DIR;
  const StartLock lock(folder + ".lock");
  return StartAt(folder, {});
}

Result<RealBroker> RealBroker::Start(std::string folder, std::vector<std::string> arguments) {
  WEIR_ASSIGN_OR_RETURN(std::string bootstrap, StartAt(folder, std::move(arguments)));
  return RealBroker(std::move(folder), std::move(bootstrap));
}

RealBroker::RealBroker(RealBroker&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), bootstrap_(std::move(other.bootstrap_)) {}

RealBroker::~RealBroker() {
  if (!folder_.empty()) (void)Stop();
}

Status RealBroker::Kill() { return RunTool(folder_, {"kill"}).status(); }
Status RealBroker::Stop() { return RunTool(folder_, {"stop"}).status(); }

Status RealBroker::Restart() {
  WEIR_ASSIGN_OR_RETURN(bootstrap_, StartAt(folder_, {}));
  return Status::Ok();
}

Status RealBroker::Signal(int number) {
  WEIR_ASSIGN_OR_RETURN(const std::string output, RunTool(folder_, {"status"}));
  WEIR_ASSIGN_OR_RETURN(const std::string pid, Said(output, kPidLine));
  if (kill(std::stoi(pid), number) != 0) return Unavailable("the broker, pid " + pid + ", took no signal");
  return Status::Ok();
}

}  // namespace weir::test
