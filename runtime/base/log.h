// Logging behind a small face, so that no header of ours includes the logging library. Text or JSON lines, each
// with job, operator, task and checkpoint where the caller knows them. Safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

/// Where the lines of this process go: standard error, at `level` and above. Called once by a program's main;
/// a program that never calls it logs warnings and errors as text.
void ConfigureLogging(LogLevel level, LogFormat format);

/// Carried by whoever logs; immutable once built. Engines in one process each have their own.
class Logger {
 public:
  Logger() = default;
  explicit Logger(std::string job) : job_(std::move(job)) {}

  /// `event` is a stable, machine-readable word ("committed"); `message` is for people. Control characters are escaped.
  void Log(LogLevel level, std::string_view event, std::string_view message, uint64_t checkpoint = 0) const;
  void Debug(std::string_view event, std::string_view message, uint64_t checkpoint = 0) const { Log(LogLevel::kDebug, event, message, checkpoint); }
  void Info(std::string_view event, std::string_view message, uint64_t checkpoint = 0) const { Log(LogLevel::kInfo, event, message, checkpoint); }
  void Warning(std::string_view event, std::string_view message, uint64_t checkpoint = 0) const { Log(LogLevel::kWarning, event, message, checkpoint); }
  void Error(std::string_view event, std::string_view message, uint64_t checkpoint = 0) const { Log(LogLevel::kError, event, message, checkpoint); }

 private:
  std::string job_;
};

}  // namespace weir
