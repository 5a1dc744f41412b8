#include "runtime/base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace weir {
namespace {

std::atomic<LogFormat> the_format{LogFormat::kText};

/// One logger for the process: standard error is one, too.
spdlog::logger& Backend() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("weir", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::warn);
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%-5l%$ %v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum BackendLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string Escape(std::string_view text, bool json) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (json && (c == '"' || c == '\\')) {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += json ? fmt::format("\\u{:04x}", byte) : fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

void ConfigureLogging(LogLevel level, LogFormat format) {
  the_format = format;
  Backend().set_level(BackendLevel(level));
  Backend().set_pattern(format == LogFormat::kJson
                            ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})"
                            : "%Y-%m-%dT%H:%M:%S.%e %^%-5l%$ %v");
}

void Logger::Log(LogLevel level, std::string_view event, std::string_view message, uint64_t checkpoint) const {
  const auto backend_level = BackendLevel(level);
  if (!Backend().should_log(backend_level)) return;
  if (the_format == LogFormat::kJson) {
    const std::string number = checkpoint == 0 ? "" : fmt::format(R"(,"checkpoint":{})", checkpoint);
    Backend().log(backend_level, R"("job":"{}","event":"{}"{},"message":"{}")", Escape(job_, true), event, number,
                  Escape(message, true));
  } else {
    const std::string number = checkpoint == 0 ? "" : fmt::format(" [{}]", checkpoint);
    Backend().log(backend_level, "{}{}{}{}: {}", Escape(job_, false), job_.empty() ? "" : " ", event, number,
                  Escape(message, false));
  }
}

}  // namespace weir
