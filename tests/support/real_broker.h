// A real Kafka broker for tests, run by tools/kafka.
#pragma once

#include <signal.h>

#include <string>
#include <vector>

#include "runtime/base/status.h"

namespace weir::test {

/// Address of the broker that the tests of this build share: WEIR_TEST_BOOTSTRAP where it is set, else the one in the
/// build folder (or WEIR_TEST_BROKER_DIR), started unless it runs. It stays running: ctest's fixture `kafka` stops it.
/// Unavailable says what the tool said. Tests use topics of their own.
Result<std::string> SharedBootstrap();

/// A broker of a test's own, in a folder of its own; for tests that kill it. Stopped on destruction. One thread.
class RealBroker {
 public:
  /// `arguments`: more for `tools/kafka start`, such as "--version", "4.1.0". Blocks until the broker answers.
  static Result<RealBroker> Start(std::string folder, std::vector<std::string> arguments = {});
  RealBroker(RealBroker&& other) noexcept;
  RealBroker& operator=(RealBroker&&) = delete;
  ~RealBroker();

  const std::string& bootstrap() const { return bootstrap_; }
  /// As a crash would: SIGKILL.
  Status Kill();
  Status Stop();
  /// With the data and the port that it had.
  Status Restart();
  /// Stops its process and lets it go on (SIGSTOP, SIGCONT): connections stay open and nobody answers.
  Status Freeze() { return Signal(SIGSTOP); }
  Status Thaw() { return Signal(SIGCONT); }

 private:
  RealBroker(std::string folder, std::string bootstrap)
      : folder_(std::move(folder)), bootstrap_(std::move(bootstrap)) {}

  Status Signal(int number);

  std::string folder_;   // Empty once moved from.
  std::string bootstrap_;
};

}  // namespace weir::test
